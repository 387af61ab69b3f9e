#include "base/error.hpp"
#include "codec/codec.hpp"
#include "codec/property.hpp"
#include "codec/wire.hpp"

namespace holdfast::codec {

namespace {

/// Sizes of the parts of a PUBLISH, counted once and used for the buffer and the two lengths in it.
struct PublishSizes {
    std::size_t topic = 0;       ///< bytes of the Topic Name that are written
    std::size_t own = 0;         ///< properties from PublishOptions
    std::size_t properties = 0;  ///< those and the message's
    std::size_t remaining_length = 0;
};

std::size_t own_properties_size(const PublishOptions& options) {
    std::size_t size = 0;
    if (options.message_expiry_interval) size += 5;
    if (options.topic_alias != 0) size += 3;
    for (const std::uint32_t identifier : options.subscription_identifiers) {
        size += 1 + variable_byte_integer_size(identifier);
    }
    return size;
}

PublishSizes measure(ProtocolVersion version, const ApplicationMessage& message,
                     const PublishOptions& options) {
    PublishSizes sizes;
    sizes.topic = options.omit_topic ? 0 : message.topic().size();
    sizes.remaining_length = 2 + sizes.topic + message.payload().size();
    if (options.qos != QoS::at_most_once) sizes.remaining_length += 2;
    if (version != ProtocolVersion::v5) return sizes;
    sizes.own = own_properties_size(options);
    sizes.properties = sizes.own + message.properties().size();
    sizes.remaining_length += variable_byte_integer_size(sizes.properties) + sizes.properties;
    return sizes;
}

unsigned flags_of(const PublishOptions& options) {
    const unsigned qos = to_number(options.qos);
    const bool dup = options.dup && qos != 0;  // [MQTT5-3.3.1-2] [MQTT3-3.3.1-2]
    return (dup ? 0x08U : 0U) | qos << 1 | (options.retain ? 0x01U : 0U);
}

void write_own_properties(Writer& to, const PublishOptions& options) {
    if (options.message_expiry_interval) {
        to.u8(static_cast<Byte>(PropertyId::message_expiry_interval));
        to.u32(*options.message_expiry_interval);
    }
    if (options.topic_alias != 0) {
        to.u8(static_cast<Byte>(PropertyId::topic_alias));
        to.u16(options.topic_alias);
    }
    for (const std::uint32_t identifier : options.subscription_identifiers) {
        to.u8(static_cast<Byte>(PropertyId::subscription_identifier));
        to.variable_byte_integer(identifier);
    }
}

/// Everything but the payload.
void write_header(Writer& to, ProtocolVersion version, const ApplicationMessage& message,
                  const PublishOptions& options, const PublishSizes& sizes) {
    to.u8(first_byte(PacketType::publish, flags_of(options)));
    to.variable_byte_integer(sizes.remaining_length);
    to.string(message.topic().substr(0, sizes.topic));
    // [MQTT5-2.2.1-2] [MQTT3-2.3.1-5]
    if (options.qos != QoS::at_most_once) to.u16(options.packet_id);
    if (version != ProtocolVersion::v5) return;
    to.variable_byte_integer(sizes.properties);  // [MQTT5-2.2.2-1]
    if (sizes.properties == 0) return;
    if (sizes.own != 0) write_own_properties(to, options);
    // [MQTT5-3.3.2-4] [MQTT5-3.3.2-15] [MQTT5-3.3.2-16] [MQTT5-3.3.2-17] [MQTT5-3.3.2-18]
    to.raw(message.properties());  // [MQTT5-3.3.2-20]
}

void check(const PublishOptions& options, const PublishSizes& sizes) {
    CHECK(options.qos == QoS::at_most_once || options.packet_id != 0);
    CHECK(!options.omit_topic || options.topic_alias != 0);
    CHECK(sizes.remaining_length <= remaining_length_max);
}

template <class Sink, class Properties>
void put_forwarded(Sink& sink, const Properties& properties) {
    put(sink, PropertyId::payload_format_indicator, properties.payload_format_indicator);
    put(sink, PropertyId::content_type, properties.content_type);
    put(sink, PropertyId::response_topic, properties.response_topic);
    put(sink, PropertyId::correlation_data, properties.correlation_data);
    put(sink, properties.user_properties);
}

template <class Properties>
void append_forwarded(ByteBuffer& out, const Properties& properties) {
    SizeCounter sizes;
    put_forwarded(sizes, properties);
    Writer to{extend(out, sizes.size())};
    put_forwarded(to, properties);
}

}  // namespace

std::size_t publish_size(ProtocolVersion version, const ApplicationMessage& message,
                         const PublishOptions& options) {
    return packet_size(measure(version, message, options).remaining_length);
}

void encode_publish(ByteBuffer& out, ProtocolVersion version, const ApplicationMessage& message,
                    const PublishOptions& options) {
    const PublishSizes sizes = measure(version, message, options);
    check(options, sizes);
    Writer to{extend(out, packet_size(sizes.remaining_length))};
    write_header(to, version, message, options, sizes);
    to.raw(message.payload());
}

void encode_publish_header(ByteBuffer& out, ProtocolVersion version,
                           const ApplicationMessage& message, const PublishOptions& options) {
    const PublishSizes sizes = measure(version, message, options);
    check(options, sizes);
    const std::size_t payload = message.payload().size();
    Writer to{extend(out, packet_size(sizes.remaining_length) - payload)};
    write_header(to, version, message, options, sizes);
}

void encode_forwarded_properties(ByteBuffer& out, const PublishProperties& properties) {
    if (properties.has_forwarded) append_forwarded(out, properties);
}

void encode_forwarded_properties(ByteBuffer& out, const WillProperties& properties) {
    append_forwarded(out, properties);
}

}  // namespace holdfast::codec
