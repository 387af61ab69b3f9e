#include "delivery/device_message_record.hpp"

#include "base/error.hpp"
#include "base/topic.hpp"

namespace holdfast::delivery {

namespace {

constexpr Byte newest_version = 1;

// Flags
constexpr Byte json_bit = 0x01;
constexpr Byte name_bit = 0x02;
constexpr Byte encoding_bit = 0x04;
constexpr Byte base64_bit = 0x08;
constexpr Byte format_bit = 0x10;
constexpr Byte raw_bit = 0x20;
constexpr Byte properties_bit = 0x40;
constexpr Byte known_bits = 0x7F;

// Flags of the properties
constexpr Byte correlation_bit = 0x01;
constexpr Byte response_bit = 0x02;

Byte flags_of(const DeviceMessage& message) {
    Byte flags = 0;
    if (message.content_kind == ContentKind::json) flags |= json_bit;
    if (message.name) flags |= name_bit;
    if (message.encoding) flags |= encoding_bit;
    if (message.encoding == Encoding::base64) flags |= base64_bit;
    if (message.payload_format) flags |= format_bit;
    if (message.payload_format == PayloadFormat::raw) flags |= raw_bit;
    if (message.properties) flags |= properties_bit;
    return flags;
}

std::size_t size_hint(std::string_view device_id, const DeviceMessage& message) {
    std::size_t size = 64 + device_id.size() + message.message_id.size() + message.topic.size() +
                       message.content.size();
    if (message.name) size += message.name->size();
    if (message.properties) size += 256;
    return size;
}

void write_text(RecordWriter& out, std::string_view text) {
    CHECK(text.size() <= string_bytes_max);
    out.text(text);
}

void write_properties(RecordWriter& out, const MessageProperties& properties) {
    const bool has_correlation = properties.correlation_data.has_value();
    const bool has_response = properties.response_topic.has_value();
    out.u8(static_cast<Byte>((has_correlation ? correlation_bit : 0) |
                             (has_response ? response_bit : 0)));
    if (has_correlation) write_text(out, *properties.correlation_data);
    if (has_response) write_text(out, *properties.response_topic);
    CHECK(properties.user_properties.size() <= string_bytes_max);
    out.u16(static_cast<std::uint16_t>(properties.user_properties.size()));
    for (const UserProperty& property : properties.user_properties) {
        write_text(out, property.key);
        write_text(out, property.value);
    }
}

/// Unlike RecordReader::text(), a text of the contract may be empty.
std::string read_text(RecordReader& in, std::string_view field) {
    return std::string{as_text(in.bytes(in.u16(field), field))};
}

MessageProperties read_properties(RecordReader& in) {
    MessageProperties properties;
    const Byte flags = in.u8("property flags");
    in.require((flags & ~(correlation_bit | response_bit)) == 0, "property flags");
    if ((flags & correlation_bit) != 0) {
        properties.correlation_data = read_text(in, "correlation_data");
    }
    if ((flags & response_bit) != 0) properties.response_topic = read_text(in, "response_topic");
    const std::size_t count = in.u16("user_properties");
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        std::string key = read_text(in, "prop_key");
        std::string value = read_text(in, "prop_value");
        properties.user_properties.push_back({std::move(key), std::move(value)});
    }
    return properties;
}

}  // namespace

store::Bytes encode_device_message_record(std::string_view device_id, const DeviceMessage& message,
                                          WallTime accepted_at, WallTime expires_at) {
    store::Bytes bytes;
    bytes.reserve(size_hint(device_id, message));
    RecordWriter out{bytes};
    out.u8(newest_version);
    out.u8(flags_of(message));
    out.u8(static_cast<Byte>(message.topic_kind));
    out.wall_time(accepted_at);
    out.wall_time(expires_at);
    out.seconds(message.ttl);
    write_text(out, device_id);
    write_text(out, message.message_id);
    write_text(out, message.topic);
    if (message.name) write_text(out, *message.name);
    if (message.properties) write_properties(out, *message.properties);
    CHECK(message.content.size() <= remaining_length_max);
    out.u32(static_cast<std::uint32_t>(message.content.size()));
    out.bytes(as_bytes(message.content));
    return bytes;
}

Recovered<DeviceMessageRecord> decode_device_message_record(StoredBytes stored) {
    RecordReader in{stored, "device message record"};
    DeviceMessageRecord record;
    DeviceMessage& message = record.message;
    in.version(newest_version);
    const Byte flags = in.u8("flags");
    const auto has = [flags](Byte bit) { return (flags & bit) != 0; };
    in.require((flags & ~known_bits) == 0, "flags");
    in.require(has(encoding_bit) || !has(base64_bit), "flags");
    in.require(has(format_bit) || !has(raw_bit), "flags");
    const Byte kind = in.u8("topic kind");
    in.require(kind <= static_cast<Byte>(TopicKind::full), "topic kind");
    message.topic_kind = static_cast<TopicKind>(kind);
    message.content_kind = has(json_bit) ? ContentKind::json : ContentKind::text;
    if (has(encoding_bit)) message.encoding = has(base64_bit) ? Encoding::base64 : Encoding::none;
    if (has(format_bit)) {
        message.payload_format = has(raw_bit) ? PayloadFormat::raw : PayloadFormat::standard;
    }
    record.accepted_at = in.wall_time("accepted_at");
    record.expires_at = in.wall_time("expires_at");
    message.ttl = in.seconds("ttl");
    record.device_id = in.text("device_id");
    message.message_id = in.text("message_id");
    message.topic = in.text("topic");
    in.require(is_valid_topic_name(message.topic, unlimited), "topic");
    if (has(name_bit)) message.name = read_text(in, "name");
    if (has(properties_bit)) message.properties = read_properties(in);
    const std::uint32_t content_bytes = in.u32("content");
    in.require(content_bytes <= remaining_length_max, "content");
    message.content = as_text(in.bytes(content_bytes, "content"));
    if (!in.finish()) return in.error();
    return record;
}

}  // namespace holdfast::delivery
