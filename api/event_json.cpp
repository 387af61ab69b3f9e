#include "api/event_json.hpp"

#include "api/contract_time.hpp"
#include "api/iso_time.hpp"
#include "api/json_text.hpp"
#include "api/message_json.hpp"
#include "delivery/device_mark.hpp"

#include <algorithm>
#include <charconv>

namespace holdfast::api {

namespace {

void write_subject(JsonWriter& writer, const PlatformEventSubject& subject) {
    writer.begin_object("header");
    const auto write = [&](std::string_view key, const std::string& value) {
        if (!value.empty()) writer.text(key, value);
    };
    write("app_id", subject.app_id);
    write("device_id", subject.device_id);
    write("node_id", subject.node_id);
    write("product_id", subject.product_id);
    write("gateway_id", subject.gateway_id);
    writer.end_object();
}

}  // namespace

std::string event_id(store::Position position) {
    return std::to_string(static_cast<std::uint64_t>(position));
}

std::optional<store::Position> parse_event_id(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return store::Position{number};
}

std::string event_json(const LoggedEvent& logged) {
    const PlatformEvent& event = logged.event;
    const PlatformEventName name = name_of(event.kind);
    JsonWriter writer;
    writer.begin_object();
    writer.text("event_id", event_id(logged.position));
    writer.text("resource", name.resource);
    writer.text("event", name.event);
    writer.text("event_time", contract_time(event.at));
    writer.text("event_time_ms", iso_time_milliseconds(event.at));
    writer.begin_object("notify_data");
    // A task is nobody's device.
    if (event.kind != PlatformEventKind::batch_task_updated) write_subject(writer, event.subject);
    if (!event.body.empty()) writer.json("body", event.body);
    writer.end_object();
    writer.end_object();
    return writer.take();
}

std::string message_status_body(const delivery::StatusRecord& record) {
    JsonWriter writer;
    writer.begin_object();
    writer.text("message_id", record.message_id);
    if (!record.name.empty()) writer.text("name", record.name);
    writer.text("topic", record.topic);
    writer.text("status", delivery::to_string(delivery::status_of(record.cause)));
    writer.text("timestamp", contract_time(record.at));
    if (const ErrorInfo info = error_info_of(record.cause); !info.code.empty()) {
        writer.begin_object("error_info");
        writer.text("error_code", info.code);
        writer.text("error_msg", info.message);
        writer.end_object();
    }
    writer.text("cause", delivery::to_string(record.cause));
    if (record.cause == delivery::Cause::refused_by_device) {
        writer.number("reason_code", record.reason_code);
    }
    writer.end_object();
    return writer.take();
}

std::string device_status_body(bool is_online, WallTime at) {
    JsonWriter writer;
    writer.begin_object();
    writer.text("status", is_online ? "ONLINE" : "OFFLINE");
    writer.text("last_online_time", contract_time(at));
    writer.text("status_update_time", iso_time_milliseconds(at));
    writer.end_object();
    return writer.take();
}

std::optional<PlatformEventKind> find_kind(std::string_view resource, std::string_view event) {
    const auto found = std::ranges::find_if(platform_event_names, [&](const auto& name) {
        return name.resource == resource && name.event == event;
    });
    if (found == platform_event_names.end()) return std::nullopt;
    return static_cast<PlatformEventKind>(found - platform_event_names.begin());
}

bool is_resource(std::string_view resource) {
    return std::ranges::any_of(platform_event_names,
                               [&](const auto& name) { return name.resource == resource; });
}

}  // namespace holdfast::api
