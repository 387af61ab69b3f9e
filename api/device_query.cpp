#include "api/device_query.hpp"

#include "api/json_body.hpp"
#include "api/paging.hpp"

#include <charconv>
#include <optional>
#include <string>
#include <utility>

namespace holdfast::api {

namespace {

constexpr std::string_view invalid_time = "IOTDA.000009";
constexpr std::string_view start_behind_end = "IOTDA.000010";

/// yyyyMMdd'T'HHmmss'Z'
std::optional<store::CatalogueTime> parse_time(std::string_view text) {
    if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
    const auto number = [text](std::size_t at, std::size_t count) -> int {
        int value = 0;
        const char* const end = text.data() + at + count;
        const auto parsed = std::from_chars(text.data() + at, end, value);
        return parsed.ec == std::errc{} && parsed.ptr == end ? value : -1;
    };
    const int year = number(0, 4);
    const int hour = number(9, 2);
    const int minute = number(11, 2);
    const int second = number(13, 2);
    const int month = number(4, 2);
    const int day = number(6, 2);
    const bool is_time =
        hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
    if (!is_time || year < 0 || month < 0 || day < 0) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{year},
                                           std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
           std::chrono::seconds{second};
}

/// Empty: the query is as it should be.
std::optional<Response> read_times(const Exchange& exchange, store::DeviceQuery& query) {
    const std::pair<const char*, std::optional<store::CatalogueTime>*> times[] = {
        {"start_time", &query.created_from}, {"end_time", &query.created_until}};
    for (const auto& [name, time] : times) {
        const auto text = exchange.find_query(name);
        if (!text) continue;
        *time = parse_time(*text);
        if (!*time) {
            return error_response(http::status::bad_request, invalid_time,
                                  "Invalid time format: " + std::string{name} +
                                      " must be a UTC time as 20151212T121212Z");
        }
    }
    if (query.created_from && query.created_until && *query.created_from > *query.created_until) {
        return error_response(http::status::bad_request, start_behind_end,
                              "start_time must be earlier than end_time");
    }
    return std::nullopt;
}

}  // namespace

boost::system::result<store::DeviceQuery, Response> read_device_query(const Exchange& exchange) {
    auto paging = read_paging(exchange);
    if (paging.has_error()) return paging.error();
    store::DeviceQuery query;
    query.paging = std::move(*paging);
    query.product_id = exchange.find_query("product_id");
    query.gateway_id = exchange.find_query("gateway_id");
    query.node_id = exchange.find_query("node_id");
    query.device_name = exchange.find_query("device_name");
    query.app_id = exchange.find_query("app_id");
    if (const auto text = exchange.find_query("is_cascade_query")) {
        if (*text != "true" && *text != "false") {
            return field_error_response({"is_cascade_query", "must be true or false", {}});
        }
        query.is_cascade = *text == "true";
    }
    if (auto refusal = read_times(exchange, query)) return std::move(*refusal);
    return query;
}

}  // namespace holdfast::api
