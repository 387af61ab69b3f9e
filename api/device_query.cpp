#include "api/device_query.hpp"

#include "api/contract_time.hpp"
#include "api/json_body.hpp"
#include "api/paging.hpp"

#include <optional>
#include <string>
#include <utility>

namespace holdfast::api {

namespace {

constexpr std::string_view invalid_time = "IOTDA.000009";
constexpr std::string_view start_behind_end = "IOTDA.000010";

}  // namespace

boost::system::result<TimeRange, Response> read_time_range(const Exchange& exchange) {
    TimeRange range;
    const std::pair<const char*, std::optional<store::CatalogueTime>*> times[] = {
        {"start_time", &range.from}, {"end_time", &range.until}};
    for (const auto& [name, time] : times) {
        const auto text = exchange.find_query(name);
        if (!text) continue;
        *time = parse_contract_time(*text);
        if (!*time) {
            return error_response(http::status::bad_request, invalid_time,
                                  "Invalid time format: " + std::string{name} +
                                      " must be a UTC time as 20151212T121212Z");
        }
    }
    if (range.from && range.until && *range.from > *range.until) {
        return error_response(http::status::bad_request, start_behind_end,
                              "start_time must be earlier than end_time");
    }
    return range;
}

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
    const auto times = read_time_range(exchange);
    if (times.has_error()) return times.error();
    query.created_from = times->from;
    query.created_until = times->until;
    return query;
}

}  // namespace holdfast::api
