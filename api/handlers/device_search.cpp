#include "api/handlers/device_search.hpp"

#include "api/awaited_catalogue.hpp"
#include "api/catalogue_refusals.hpp"
#include "api/device_sql.hpp"
#include "api/json_body.hpp"

#include <boost/json/array.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

namespace {

namespace json = boost::json;
using boost::asio::awaitable;
using store::DevicePtr;

using ContextPtr = std::shared_ptr<const DeviceViews::Context>;

/// The statement of the body, understood.
boost::system::result<DeviceSql, FieldError> read_search(const json::value& body) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    const std::string_view text =
        fields.text("sql", {.characters_min = 1, .characters_max = device_sql_characters_max});
    if (error) return std::move(*error);
    auto sql = read_device_sql(text);
    if (sql) return std::move(*sql);
    const std::size_t character = count_characters(text.substr(0, sql.error().place)) + 1;
    return FieldError{
        "sql",
        "is not understood at character " + std::to_string(character) + ": " + sql.error().text,
        {}};
}

/// The fields that were asked for; of one that the device does not have, nothing.
json::object only(const std::vector<std::string>& names, json::object device) {
    if (names.empty()) return device;
    json::object shown;
    for (const std::string& name : names) {
        json::value* const found = device.if_contains(name);
        if (found != nullptr) shown[name] = std::move(*found);
    }
    return shown;
}

awaitable<Response> search(Exchange exchange, ContextPtr context) {
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const auto sql = read_search(*body);
    if (sql.has_error()) co_return field_error_response(sql.error());
    store::DeviceSearch wanted = sql->search;
    wanted.is_online = [&status = context->status](std::string_view device_id) {
        return status.is_online(device_id);
    };
    const AwaitedCatalogue catalogue{context->catalogue, context->executor};
    const auto [error, page] = co_await catalogue.search_devices(std::move(wanted));
    if (error) co_return device_refusal(error, {});
    const DeviceViews views{*context};
    json::array shown = co_await views.show_all(page.records);
    json::array devices;
    for (std::size_t i = 0; i < shown.size(); ++i) {
        json::object& device = shown[i].as_object();
        device["marker"] = store::marker_of(static_cast<std::int64_t>(page.records[i]->number));
        devices.push_back(only(sql->shown, std::move(device)));
    }
    co_return json_response(http::status::ok,
                            {{"devices", std::move(devices)}, {"count", page.count}});
}

}  // namespace

void add_device_search_routes(Routes& routes, const DeviceViews::Context& given) {
    const auto context = std::make_shared<const DeviceViews::Context>(given);
    routes.add(
        http::verb::post, "/v5/iot/{project_id}/search/query-devices", Action::devices_search,
        [context](Exchange exchange) { return search(std::move(exchange), context); },
        BodyKind::json);
}

}  // namespace holdfast::api
