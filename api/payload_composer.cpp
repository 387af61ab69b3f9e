#include "api/payload_composer.hpp"

#include "api/base64.hpp"
#include "api/json_text.hpp"
#include "base/error.hpp"
#include "delivery/stored_message_id.hpp"

#include <string_view>

namespace holdfast::api {

namespace {

using delivery::ContentKind;
using delivery::DeviceMessage;

/// Of $oc/devices/{device_id}/...
std::string_view device_of(std::string_view topic) {
    topic.remove_prefix(std::string_view{"$oc/devices/"}.size());
    return topic.substr(0, topic.find('/'));
}

}  // namespace

void JsonPayloadComposer::compose(const DeviceMessage& message, std::string& payload) const {
    payload.clear();
    if (message.encoding == delivery::Encoding::base64) {
        CHECK(decode_base64(message.content, payload));  // judged when it was accepted
    } else if (message.payload_format == delivery::PayloadFormat::raw) {
        payload = message.content;
    } else {
        payload = envelope(message);
    }
}

std::string JsonPayloadComposer::envelope(const DeviceMessage& message) const {
    JsonWriter writer;
    writer.begin_object();
    const auto id = delivery::parse_stored_message_id(message.message_id);
    if (!id.object_device_id.empty()) {
        writer.text("object_device_id", id.object_device_id);
    } else if (settings_.object_device_id_always &&
               message.topic_kind != delivery::TopicKind::full) {
        writer.text("object_device_id", device_of(message.topic));
    }
    if (message.name) writer.text("name", *message.name);
    writer.text("id", id.message_id);
    const bool is_nested = message.content_kind == ContentKind::json &&
                           settings_.json_content == PayloadSettings::JsonContent::nested;
    if (is_nested) {
        writer.json("content", message.content);
    } else {
        writer.text("content", message.content);
    }
    writer.end_object();
    return writer.take();
}

}  // namespace holdfast::api
