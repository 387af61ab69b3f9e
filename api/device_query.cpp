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

/// Empty: the query is as it should be.
std::optional<Response> read_times(const Exchange& exchange, store::DeviceQuery& query) {
    const std::pair<const char*, std::optional<store::CatalogueTime>*> times[] = {
        {"start_time", &query.created_from}, {"end_time", &query.created_until}};
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
