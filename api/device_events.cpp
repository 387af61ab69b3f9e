#include "api/device_events.hpp"

#include "api/contract_time.hpp"
#include "api/json_fields.hpp"
#include "api/json_text.hpp"
#include "delivery/device_uplink.hpp"

#include <array>
#include <optional>
#include <utility>

namespace holdfast::api {

namespace {

constexpr TextRule name_rule{.characters_min = 1, .characters_max = 64};
constexpr TextRule id_rule{.characters_max = 128};
constexpr std::array<std::string_view, 3> versions{"device_sdk_version", "sw_version",
                                                   "fw_version"};
constexpr std::size_t version_characters_max = 256;

std::int64_t milliseconds(WallTime time) { return time.time_since_epoch().count(); }

}  // namespace

boost::system::result<DeviceEvents, JsonProblem> read_device_events(std::string_view payload) {
    const auto parsed = parse_json(payload);
    if (!parsed) return parsed.error();
    std::optional<FieldError> error;
    JsonFields fields{*parsed, error};
    DeviceEvents read;
    read.object_device_id = fields.find_text("object_device_id", id_rule).value_or("");
    static_cast<void>(fields.value("services"));
    std::vector<JsonFields> services = fields.find_objects("services", device_events_max);
    if (error) return JsonProblem{to_string(*error)};
    const auto texts = element_texts(find_member_text(payload, "services"));
    for (std::size_t i = 0; i < services.size() && !error; ++i) {
        DeviceEvent event;
        event.service_id = services[i].text("service_id", name_rule);
        event.event_type = services[i].text("event_type", name_rule);
        event.event_id = services[i].find_text("event_id", id_rule).value_or("");
        const bool has_paras = services[i].find_object("paras").has_value();
        if (error) break;
        event.paras = has_paras ? compact_json(find_member_text(texts[i], "paras")) : "{}";
        read.events.push_back(std::move(event));
    }
    if (error) return JsonProblem{to_string(*error)};
    return read;
}

boost::system::result<ShadowQuery, JsonProblem> read_shadow_query(std::string_view payload) {
    ShadowQuery query;
    if (payload.empty()) return query;
    const auto parsed = parse_json(payload);
    if (!parsed) return parsed.error();
    std::optional<FieldError> error;
    JsonFields fields{*parsed, error};
    query.object_device_id = fields.find_text("object_device_id", id_rule).value_or("");
    query.service_id = fields.find_text("service_id", name_rule).value_or("");
    if (error) return JsonProblem{to_string(*error)};
    return query;
}

std::string events_down_topic(std::string_view device_id) {
    std::string topic{delivery::device_topics_prefix};
    return topic.append(device_id).append("/sys/events/down");
}

std::string event_down(std::string_view object_device_id, const DeviceEvent& event, WallTime now) {
    JsonWriter service;
    service.begin_object();
    service.text("service_id", event.service_id);
    service.text("event_type", event.event_type);
    service.text("event_time", contract_time(now));
    if (!event.event_id.empty()) service.text("event_id", event.event_id);
    service.json("paras", event.paras);
    service.end_object();
    JsonWriter writer;
    writer.begin_object();
    writer.text("object_device_id", object_device_id);
    writer.begin_array("services");
    writer.element(service.take());
    writer.end_array();
    writer.end_object();
    return writer.take();
}

DeviceEvent time_sync_response(const DeviceEvent& request, WallTime received, WallTime sent) {
    JsonWriter paras;
    paras.begin_object();
    const std::string_view device_send_time = find_member_text(request.paras, "device_send_time");
    if (!device_send_time.empty()) paras.json("device_send_time", device_send_time);
    paras.number("server_recv_time", milliseconds(received));
    paras.number("server_send_time", milliseconds(sent));
    paras.end_object();
    return {.service_id = request.service_id,
            .event_type = "time_sync_response",
            .event_id = request.event_id,
            .paras = paras.take()};
}

std::string sdk_info_of(const DeviceEvent& report) {
    const auto parsed = parse_json(report.paras);
    if (!parsed) return {};
    JsonWriter writer;
    writer.begin_object();
    bool has_some = false;
    for (const std::string_view name : versions) {
        std::optional<FieldError> error;
        JsonFields fields{*parsed, error};
        const auto text = fields.find_text(name, {.characters_max = version_characters_max});
        if (!text) continue;
        writer.text(name, *text);
        has_some = true;
    }
    writer.end_object();
    return has_some ? writer.take() : std::string{};
}

}  // namespace holdfast::api
