#include "delivery/device_publication.hpp"

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/limits.hpp"

#include <cstring>

namespace holdfast::delivery {

namespace {

// MQTT 5, table 2-4
constexpr Byte response_topic_id = 0x08;
constexpr Byte correlation_data_id = 0x09;
constexpr Byte user_property_id = 0x26;

void put_text(ByteBuffer& out, std::string_view text) {
    CHECK(text.size() <= string_bytes_max);
    Byte* to = extend(out, 2 + text.size());
    to[0] = static_cast<Byte>(text.size() >> 8);
    to[1] = static_cast<Byte>(text.size());
    if (!text.empty()) std::memcpy(to + 2, text.data(), text.size());
}

void put_property(ByteBuffer& out, Byte id, std::string_view value) {
    *extend(out, 1) = id;
    put_text(out, value);
}

}  // namespace

void encode_properties(const MessageProperties& properties, ByteBuffer& out) {
    if (properties.response_topic) {
        put_property(out, response_topic_id, *properties.response_topic);
    }
    if (properties.correlation_data) {
        put_property(out, correlation_data_id, *properties.correlation_data);
    }
    for (const UserProperty& property : properties.user_properties) {
        put_property(out, user_property_id, property.key);
        put_text(out, property.value);
    }
}

MessagePtr make_publication(const DeviceMessage& message, const PayloadComposer& composer,
                            Instant accepted_at, Instant expires_at) {
    std::string payload;
    composer.compose(message, payload);
    ByteBuffer properties;
    if (message.properties) encode_properties(*message.properties, properties);
    MessageParts parts;
    parts.topic = message.topic;
    parts.payload = as_bytes(payload);
    parts.properties = {properties.data(), properties.size()};
    parts.qos = QoS::at_least_once;
    parts.accepted_at = accepted_at;
    parts.expires_at = expires_at;
    return ApplicationMessage::create(parts);
}

}  // namespace holdfast::delivery
