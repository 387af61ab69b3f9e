#include "delivery/device_publication.hpp"

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/limits.hpp"

#include <cstring>

namespace holdfast::delivery {

namespace {

// MQTT 5, table 2-4
constexpr Byte payload_format_indicator_id = 0x01;
constexpr Byte content_type_id = 0x03;
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

Byte take_byte(ByteView& from) {
    CHECK(!from.empty());
    const Byte byte = from.front();
    from = from.subspan(1);
    return byte;
}

/// Two bytes of length, then as many.
std::string_view take_text(ByteView& from) {
    const std::size_t high = take_byte(from);
    const std::size_t size = high << 8 | take_byte(from);
    CHECK(size <= from.size());
    const std::string_view text = as_text(from.first(size));
    from = from.subspan(size);
    return text;
}

}  // namespace

PublicationProperties PublicationProperties::read(ByteView encoded) {
    PublicationProperties read;
    while (!encoded.empty()) {
        switch (take_byte(encoded)) {
            case payload_format_indicator_id: static_cast<void>(take_byte(encoded)); break;
            case content_type_id: read.content_type = take_text(encoded); break;
            case response_topic_id: read.response_topic = take_text(encoded); break;
            case correlation_data_id: read.correlation_data = take_text(encoded); break;
            case user_property_id: {
                const std::string_view key = take_text(encoded);
                read.user_properties.emplace_back(key, take_text(encoded));
                break;
            }
            default: UNREACHABLE();  // encode_forwarded_properties writes no others
        }
    }
    return read;
}

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
