#include "api/sub_device_schema.hpp"

#include "api/device_schema.hpp"
#include "api/json_fields.hpp"
#include "base/error.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <utility>

namespace holdfast::api {

namespace {

namespace json = boost::json;
using Kind = SubDeviceRequest::Kind;

constexpr std::string_view service = "$sub_device_manager";

constexpr std::array requests{Word<Kind>{"add_sub_device_request", Kind::add},
                              Word<Kind>{"delete_sub_device_request", Kind::remove},
                              Word<Kind>{"sub_device_update_status", Kind::update_status},
                              Word<Kind>{"sub_device_sync_request", Kind::sync}};

std::string_view response_to(Kind kind) {
    switch (kind) {
        case Kind::add: return "add_sub_device_response";
        case Kind::remove: return "delete_sub_device_response";
        case Kind::update_status: return "sub_device_update_status_response";
        case Kind::sync: break;
    }
    UNREACHABLE();
}

std::optional<Kind> find_kind(std::string_view event_type) {
    for (const Word<Kind>& word : requests) {
        if (word.text == event_type) return word.value;
    }
    return std::nullopt;
}

std::string text_or_nothing(const json::value* value) {
    return value != nullptr && value->is_string() ? std::string{value->get_string()}
                                                  : std::string{};
}

/// An object, or the text of one: SDKs have both. What is neither is for the endpoint to refuse.
void put_extension_info(json::object& device, const json::value& given) {
    if (!given.is_string()) {
        device["extension_info"] = given;
        return;
    }
    if (given.get_string().empty()) return;
    const auto parsed = parse_json(given.get_string());
    device["extension_info"] = parsed ? *parsed : given;
}

NewSubDevice new_device_of(const JsonFields& fields) {
    constexpr std::pair<std::string_view, std::string_view> names[] = {
        {"device_id", "device_id"},
        {"node_id", "node_id"},
        {"name", "device_name"},
        {"description", "description"},
        {"product_id", "product_id"}};
    NewSubDevice made;
    made.parent_device_id = text_or_nothing(fields.find_value("parent_device_id"));
    made.node_id = text_or_nothing(fields.find_value("node_id"));
    made.product_id = text_or_nothing(fields.find_value("product_id"));
    for (const auto& [said, posted] : names) {
        const json::value* const value = fields.find_value(said);
        // SDKs send what was left out as an empty text.
        const bool is_empty = value != nullptr && value->is_string() && value->get_string().empty();
        if (value != nullptr && !is_empty) made.device[posted] = *value;
    }
    if (const json::value* const given = fields.find_value("extension_info")) {
        put_extension_info(made.device, *given);
    }
    return made;
}

void read_devices(JsonFields& paras, SubDeviceRequest& request) {
    const TextRule id_rule = {.characters_min = 1, .characters_max = 128};
    switch (request.kind) {
        case Kind::add:
            static_cast<void>(paras.value("devices"));
            for (const JsonFields& device : paras.find_objects("devices", sub_devices_read_max)) {
                request.added.push_back(new_device_of(device));
            }
            break;
        case Kind::remove:
            static_cast<void>(paras.value("devices"));
            for (const auto id : paras.find_texts("devices", sub_devices_read_max, id_rule)) {
                request.removed.emplace_back(id);
            }
            break;
        case Kind::update_status:
            static_cast<void>(paras.value("device_statuses"));
            for (JsonFields& device : paras.find_objects("device_statuses", sub_devices_read_max)) {
                SubDeviceStatus status;
                status.device_id = device.text("device_id", id_rule);
                status.status = device.text("status", {.characters_max = 64});
                request.statuses.push_back(std::move(status));
            }
            break;
        case Kind::sync: request.version = paras.find_integer("version", {}).value_or(0); break;
    }
}

std::string_view text_of(const json::object& shown, std::string_view key) {
    const json::value* const found = shown.if_contains(key);
    return found != nullptr && found->is_string() ? std::string_view{found->get_string()}
                                                  : std::string_view{};
}

DeviceEvent event_of(std::string_view event_type, std::string event_id, const json::object& paras) {
    return {.service_id = std::string{service},
            .event_type = std::string{event_type},
            .event_id = std::move(event_id),
            .paras = json::serialize(paras)};
}

}  // namespace

bool is_sub_device_manager(std::string_view service_id) {
    return service_id == service || service_id == service.substr(1);
}

boost::system::result<std::optional<SubDeviceRequest>, JsonProblem> read_sub_device_request(
    const DeviceEvent& event) {
    const auto kind = find_kind(event.event_type);
    if (!kind) return std::optional<SubDeviceRequest>{};
    const auto parsed = parse_json(event.paras);
    if (!parsed) return parsed.error();
    std::optional<FieldError> error;
    JsonFields paras{*parsed, error};
    SubDeviceRequest request;
    request.kind = *kind;
    request.event_id = event.event_id;
    read_devices(paras, request);
    if (error) return JsonProblem{to_string(*error)};
    return std::optional{std::move(request)};
}

SubDeviceFailure failure_of(const Response& response) {
    boost::system::error_code failed;
    const json::value parsed = json::parse(response.body(), failed);
    if (failed || !parsed.is_object()) return {error_code_of(response.result()), {}};
    return {std::string{text_of(parsed.get_object(), "error_code")},
            std::string{text_of(parsed.get_object(), "error_msg")}};
}

void SubDeviceResults::fail(const NewSubDevice& device, const SubDeviceFailure& failure) {
    failed.push_back(json::object{{"node_id", device.node_id},
                                  {"product_id", device.product_id},
                                  {"error_code", failure.error_code},
                                  {"error_msg", failure.error_msg}});
}

void SubDeviceResults::fail(std::string_view device_id, const SubDeviceFailure& failure) {
    failed.push_back(json::object{{"device_id", device_id},
                                  {"error_code", failure.error_code},
                                  {"error_msg", failure.error_msg}});
}

SubDeviceResults all_failed(const SubDeviceRequest& request, const SubDeviceFailure& failure) {
    SubDeviceResults results;
    for (const NewSubDevice& device : request.added) results.fail(device, failure);
    for (const std::string& device_id : request.removed) results.fail(device_id, failure);
    for (const SubDeviceStatus& status : request.statuses) results.fail(status.device_id, failure);
    return results;
}

json::object sub_device_info(const json::object& shown) {
    json::object info{{"parent_device_id", text_of(shown, "gateway_id")},
                      {"node_id", text_of(shown, "node_id")},
                      {"device_id", text_of(shown, "device_id")},
                      {"name", text_of(shown, "device_name")},
                      {"description", text_of(shown, "description")},
                      {"product_id", text_of(shown, "product_id")},
                      {"fw_version", text_of(shown, "fw_version")},
                      {"sw_version", text_of(shown, "sw_version")},
                      {"status", text_of(shown, "status")}};
    if (const json::value* const extension = shown.if_contains("extension_info")) {
        info["extension_info"] = *extension;
    }
    return info;
}

DeviceEvent sub_device_response(const SubDeviceRequest& request, SubDeviceResults results) {
    json::object paras;
    paras["successful_devices"] = std::move(results.successful);
    paras["failed_devices"] = std::move(results.failed);
    return event_of(response_to(request.kind), request.event_id, paras);
}

DeviceEvent sub_device_notice(SubDeviceNotice what, json::array devices, std::int64_t version) {
    const bool is_added = what == SubDeviceNotice::added;
    json::object paras;
    paras["devices"] = std::move(devices);
    paras["version"] = version;
    return event_of(is_added ? "add_sub_device_notify" : "delete_sub_device_notify", {}, paras);
}

}  // namespace holdfast::api
