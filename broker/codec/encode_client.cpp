#include "codec/codec.hpp"
#include "codec/property.hpp"
#include "codec/wire.hpp"

namespace holdfast::codec {

namespace {

/// Writes `put_fields` to a packet of exactly its size.
template <class PutFields>
void append(ByteBuffer& out, Byte first, const PutFields& put_fields) {
    SizeCounter sizes;
    put_fields(sizes);
    Writer to{extend(out, packet_size(sizes.size()))};
    to.u8(first);
    to.variable_byte_integer(sizes.size());
    put_fields(to);
}

/// A property block: its length, then what `put_fields` puts.
template <class Sink, class PutFields>
void put_block(Sink& sink, const PutFields& put_fields) {
    SizeCounter sizes;
    put_fields(sizes);
    sink.variable_byte_integer(sizes.size());  // [MQTT5-2.2.2-1]
    put_fields(sink);
}

Byte flags_of(const Connect& packet) {
    unsigned flags = packet.clean_start ? 0x02 : 0;
    if (packet.will) {
        flags |= 0x04U | static_cast<unsigned>(to_number(packet.will->qos)) << 3;
        if (packet.will->retain) flags |= 0x20;
    }
    if (packet.password) flags |= 0x40;
    if (packet.user_name) flags |= 0x80;
    return static_cast<Byte>(flags);
}

/// Left out where the value is what its absence means.
std::optional<bool> unless(bool absent, bool value) {
    return value == absent ? std::nullopt : std::optional{value};
}

template <class Sink>
void put_properties(Sink& sink, const ConnectProperties& properties) {
    put(sink, PropertyId::session_expiry_interval, properties.session_expiry_interval);
    put(sink, PropertyId::receive_maximum, properties.receive_maximum);
    put(sink, PropertyId::maximum_packet_size, properties.maximum_packet_size);
    put(sink, PropertyId::topic_alias_maximum, properties.topic_alias_maximum);
    put(sink, PropertyId::request_response_information,
        unless(false, properties.request_response_information));
    put(sink, PropertyId::request_problem_information,
        unless(true, properties.request_problem_information));
    put(sink, properties.user_properties);
    put(sink, PropertyId::authentication_method, properties.authentication_method);
    put(sink, PropertyId::authentication_data, properties.authentication_data);
}

template <class Sink>
void put_properties(Sink& sink, const WillProperties& properties) {
    if (properties.will_delay_interval != 0) {
        put(sink, PropertyId::will_delay_interval, std::optional{properties.will_delay_interval});
    }
    put(sink, PropertyId::payload_format_indicator, properties.payload_format_indicator);
    put(sink, PropertyId::message_expiry_interval, properties.message_expiry_interval);
    put(sink, PropertyId::content_type, properties.content_type);
    put(sink, PropertyId::response_topic, properties.response_topic);
    put(sink, PropertyId::correlation_data, properties.correlation_data);
    put(sink, properties.user_properties);
}

template <class Sink>
void put_properties(Sink& sink, const PublishProperties& properties) {
    put(sink, PropertyId::payload_format_indicator, properties.payload_format_indicator);
    put(sink, PropertyId::message_expiry_interval, properties.message_expiry_interval);
    put(sink, PropertyId::topic_alias, properties.topic_alias);
    put(sink, PropertyId::response_topic, properties.response_topic);
    put(sink, PropertyId::correlation_data, properties.correlation_data);
    put(sink, properties.user_properties);
    put_subscription_identifier(sink, properties.subscription_identifier);
    put(sink, PropertyId::content_type, properties.content_type);
}

template <class Sink>
void put_fields(Sink& sink, const Connect& packet) {
    const bool is_v5 = packet.version == ProtocolVersion::v5;
    sink.string(packet.version == ProtocolVersion::v3_1 ? "MQIsdp" : "MQTT");
    sink.u8(static_cast<Byte>(packet.version));
    sink.u8(flags_of(packet));
    sink.u16(packet.keep_alive);
    if (is_v5) put_block(sink, [&](auto& to) { put_properties(to, packet.properties); });
    sink.string(packet.client_id);
    if (packet.will) {
        const Will& will = *packet.will;
        if (is_v5) put_block(sink, [&](auto& to) { put_properties(to, will.properties); });
        sink.string(will.topic);
        sink.binary(will.payload);
    }
    if (packet.user_name) sink.string(*packet.user_name);
    if (packet.password) sink.binary(*packet.password);
}

Byte to_bits(const SubscriptionOptions& options) {
    unsigned bits = to_number(options.maximum_qos);
    if (options.no_local) bits |= 0x04;
    if (options.retain_as_published) bits |= 0x08;
    return static_cast<Byte>(bits | static_cast<unsigned>(options.retain_handling) << 4);
}

}  // namespace

void encode(ByteBuffer& out, const Connect& packet) {
    append(out, first_byte(PacketType::connect), [&](auto& sink) { put_fields(sink, packet); });
}

void encode(ByteBuffer& out, ProtocolVersion version, const Publish& packet) {
    const unsigned flags = (packet.dup ? 0x08U : 0U) |
                           static_cast<unsigned>(to_number(packet.qos)) << 1 |
                           (packet.retain ? 0x01U : 0U);
    append(out, first_byte(PacketType::publish, flags), [&](auto& sink) {
        sink.string(packet.topic);
        if (packet.qos != QoS::at_most_once) sink.u16(packet.packet_id);
        if (version == ProtocolVersion::v5) {
            put_block(sink, [&](auto& to) { put_properties(to, packet.properties); });
        }
        sink.raw(packet.payload);
    });
}

void encode_subscribe(ByteBuffer& out, ProtocolVersion version, PacketId packet_id,
                      std::span<const SubscriptionRequest> requests,
                      std::uint32_t subscription_identifier) {
    const bool is_v5 = version == ProtocolVersion::v5;
    append(out, first_byte(PacketType::subscribe, 0b0010), [&](auto& sink) {
        sink.u16(packet_id);
        if (is_v5) {
            put_block(sink,
                      [&](auto& to) { put_subscription_identifier(to, subscription_identifier); });
        }
        for (const SubscriptionRequest& request : requests) {
            sink.string(request.filter);
            sink.u8(is_v5 ? to_bits(request.options) : to_number(request.options.maximum_qos));
        }
    });
}

void encode_unsubscribe(ByteBuffer& out, ProtocolVersion version, PacketId packet_id,
                        std::span<const std::string_view> filters) {
    append(out, first_byte(PacketType::unsubscribe, 0b0010), [&](auto& sink) {
        sink.u16(packet_id);
        if (version == ProtocolVersion::v5) sink.variable_byte_integer(0);
        for (const std::string_view filter : filters) sink.string(filter);
    });
}

void encode(ByteBuffer& out, const Pingreq&) {
    append(out, first_byte(PacketType::pingreq), [](auto&) {});
}

}  // namespace holdfast::codec
