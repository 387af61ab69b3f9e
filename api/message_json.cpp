#include "api/message_json.hpp"

#include "api/contract_time.hpp"
#include "api/json_text.hpp"
#include "base/error.hpp"

#include <optional>

namespace holdfast::api {

namespace {

using delivery::Cause;
using delivery::DeviceMessage;
using delivery::MessageProperties;
using delivery::MessageView;
using delivery::TraceEvent;

void write_instant(JsonWriter& writer, std::string_view key, const std::optional<WallTime>& time) {
    if (time) writer.number(key, time->time_since_epoch().count());
}

void write_times(JsonWriter& writer, const MessageView& view) {
    writer.text("created_time", contract_time(view.accepted_at));
    if (view.finished_at) writer.text("finished_time", contract_time(*view.finished_at));
}

void write_error_info(JsonWriter& writer, const MessageView& view) {
    const ErrorInfo error = error_info_of(view.cause);
    if (error.code.empty()) return;
    writer.begin_object("error_info");
    writer.text("error_code", error.code);
    writer.text("error_msg", error.message);
    writer.end_object();
}

/// What the contract does not have.
void write_insight(JsonWriter& writer, const MessageView& view) {
    writer.text("cause", to_string(view.cause));
    if (view.cause == Cause::refused_by_device) writer.number("reason_code", view.refusal_code);
    if (view.place) writer.number("place", *view.place);
    writer.number("attempts", view.attempts);
    write_instant(writer, "accepted_at_ms", view.accepted_at);
    write_instant(writer, "expires_at_ms", view.expires_at);
    write_instant(writer, "sent_at_ms", view.sent_at);
    if (view.cause == Cause::acknowledged) {
        write_instant(writer, "acknowledged_at_ms", view.finished_at);
    }
    write_instant(writer, "finished_at_ms", view.finished_at);
}

void write_properties(JsonWriter& writer, const MessageProperties& properties) {
    writer.begin_object("properties");
    if (properties.correlation_data) {
        writer.text("correlation_data", *properties.correlation_data);
    }
    if (properties.response_topic) writer.text("response_topic", *properties.response_topic);
    if (!properties.user_properties.empty()) {
        writer.begin_array("user_properties");
        for (const delivery::UserProperty& property : properties.user_properties) {
            writer.begin_object();
            writer.text("prop_key", property.key);
            writer.text("prop_value", property.value);
            writer.end_object();
        }
        writer.end_array();
    }
    writer.end_object();
}

/// As the application posted it.
void write_posted(JsonWriter& writer, const DeviceMessage& message) {
    writer.text("message_id", message.message_id);
    if (message.name) writer.text("name", *message.name);
    if (message.content_kind == delivery::ContentKind::text) {
        writer.text("message", message.content);
    } else {
        writer.json("message", message.content);
    }
    if (message.encoding) {
        const bool is_base64 = *message.encoding == delivery::Encoding::base64;
        writer.text("encoding", is_base64 ? "base64" : "none");
    }
    if (message.payload_format) {
        const bool is_raw = *message.payload_format == delivery::PayloadFormat::raw;
        writer.text("payload_format", is_raw ? "raw" : "standard");
    }
    writer.text("topic", message.topic);
    if (message.properties) write_properties(writer, *message.properties);
}

void write_message(JsonWriter& writer, const MessageView& view) {
    writer.begin_object();
    write_posted(writer, view.message);
    writer.text("status", to_string(view.status));
    write_error_info(writer, view);
    write_times(writer, view);
    write_insight(writer, view);
    writer.end_object();
}

/// The steps that have a cause of their own.
bool has_cause(TraceEvent::Step step) {
    return step == TraceEvent::Step::paused || step == TraceEvent::Step::dropped;
}

}  // namespace

ErrorInfo error_info_of(Cause cause) {
    switch (cause) {
        case Cause::device_offline:
            return {"IOTDA.014016", "Operation not allowed. The device is not online."};
        case Cause::not_subscribed:
        case Cause::topic_not_subscribed:
            return {"IOTDA.014112", "Send to device failed, device not subscribe topic."};
        case Cause::refused_by_device:
            return {"IOTDA.014195", "The device refused the message, see reason_code."};
        case Cause::packet_too_large:
            return {"IOTDA.014196", "The message is larger than the device accepts."};
        case Cause::queue_full:
            return {"IOTDA.014197", "A newer message took its place in the device's full queue."};
        case Cause::cancelled: return {"IOTDA.014198", "The message was deleted."};
        case Cause::device_deleted: return {"IOTDA.014199", "The device was deleted."};
        case Cause::offline:
        case Cause::queued_behind:
        case Cause::send_quota_exhausted:
        case Cause::socket_full:
        case Cause::awaiting_acknowledgement:
        case Cause::acknowledged:
        case Cause::handed_over:
        case Cause::expired: return {};
        case Cause::count_: break;
    }
    UNREACHABLE();
}

std::string accepted_json(const MessageView& view) {
    JsonWriter writer{512};
    writer.begin_object();
    writer.text("message_id", view.message.message_id);
    writer.begin_object("result");
    writer.text("status", to_string(view.status));
    write_times(writer, view);
    write_error_info(writer, view);
    write_insight(writer, view);
    writer.end_object();
    writer.end_object();
    return writer.take();
}

std::string message_json(const MessageView& view) {
    JsonWriter writer;
    write_message(writer, view);
    return writer.take();
}

std::string list_json(std::string_view device_id, const delivery::ListPage& page) {
    JsonWriter writer;
    writer.begin_object();
    writer.text("device_id", device_id);
    writer.begin_array("messages");
    const MessageView* last = nullptr;
    bool is_whole = page.is_last;
    for (const MessageView& view : page.messages) {
        if (last != nullptr && writer.size() + view.message.content.size() > list_bytes_max) {
            is_whole = false;
            break;
        }
        write_message(writer, view);
        last = &view;
    }
    writer.end_array();
    if (!is_whole && last != nullptr) writer.text("marker", last->message.message_id);
    writer.end_object();
    return writer.take();
}

std::string trace_json(std::string_view device_id, std::string_view message_id,
                       const std::vector<TraceEvent>& events) {
    JsonWriter writer;
    writer.begin_object();
    writer.text("device_id", device_id);
    writer.text("message_id", message_id);
    writer.begin_array("events");
    for (const TraceEvent& event : events) {
        writer.begin_object();
        write_instant(writer, "at_ms", event.at);
        writer.text("step", to_string(event.step));
        if (has_cause(event.step)) writer.text("cause", to_string(event.cause));
        if (event.step == TraceEvent::Step::acknowledged) {
            writer.number("reason_code", event.reason_code);
        }
        writer.end_object();
    }
    writer.end_array();
    writer.end_object();
    return writer.take();
}

}  // namespace holdfast::api
