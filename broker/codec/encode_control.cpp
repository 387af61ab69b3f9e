#include "base/error.hpp"
#include "codec/codec.hpp"
#include "codec/property.hpp"
#include "codec/wire.hpp"

namespace holdfast::codec {

namespace {

/// What may be left out of a packet that would be too large.
struct Explanation {
    std::optional<std::string_view> reason_string;
    UserProperties user_properties;
};

template <class Packet>
Explanation explanation_of(const Packet& packet) {
    return {packet.reason_string, packet.user_properties};
}

template <class Sink>
void put(Sink& sink, const Explanation& explanation) {
    put(sink, PropertyId::reason_string, explanation.reason_string);
    put(sink, explanation.user_properties);
}

/// A packet of MQTT 5 in parts: the bytes before its properties, what writes the properties besides
/// the explanation to a Sink, and the bytes behind them.
template <class PutProperties>
struct Parts {
    PacketType type;
    ByteView head;
    PutProperties put_properties;
    ByteView payload;
};

/// Remaining Length with `properties` bytes of properties.
template <class P>
std::size_t remaining_length(const Parts<P>& parts, std::size_t properties) {
    return parts.head.size() + variable_byte_integer_size(properties) + properties +
           parts.payload.size();
}

/// Leaves out what does not fit: the Reason String, then the User Properties. False if the packet
/// is still too large.
/// [MQTT5-3.2.2-19] [MQTT5-3.2.2-20] [MQTT5-3.4.2-2] [MQTT5-3.4.2-3] [MQTT5-3.5.2-2]
/// [MQTT5-3.5.2-3] [MQTT5-3.6.2-2] [MQTT5-3.6.2-3] [MQTT5-3.7.2-2] [MQTT5-3.7.2-3]
/// [MQTT5-3.9.2-1] [MQTT5-3.9.2-2]
/// [MQTT5-3.11.2-1] [MQTT5-3.11.2-2] [MQTT5-3.14.2-3] [MQTT5-3.14.2-4] [MQTT5-3.15.2-2]
/// [MQTT5-3.15.2-3]
template <class P>
bool fit(const Parts<P>& parts, Explanation& explanation, std::size_t fixed_properties,
         std::size_t packet_bytes_max) {
    const auto fits = [&] {
        SizeCounter sizes;
        put(sizes, explanation);
        const std::size_t length = remaining_length(parts, fixed_properties + sizes.size());
        return length <= remaining_length_max && packet_size(length) <= packet_bytes_max;
    };
    if (fits()) return true;
    explanation.reason_string.reset();
    if (fits()) return true;
    explanation.user_properties = {};
    return fits();
}

template <class P>
bool write(ByteBuffer& out, const Parts<P>& parts, Explanation explanation,
           std::size_t packet_bytes_max) {
    SizeCounter fixed_properties;
    parts.put_properties(fixed_properties);
    if (!fit(parts, explanation, fixed_properties.size(), packet_bytes_max)) return false;
    SizeCounter properties = fixed_properties;
    put(properties, explanation);
    const std::size_t length = remaining_length(parts, properties.size());
    Writer to{extend(out, packet_size(length))};
    to.u8(first_byte(parts.type, parts.type == PacketType::pubrel ? 0b0010 : 0));
    to.variable_byte_integer(length);
    to.raw(parts.head);
    to.variable_byte_integer(properties.size());  // [MQTT5-2.2.2-1]
    parts.put_properties(to);
    put(to, explanation);
    to.raw(parts.payload);
    CHECK(to.position() == out.data() + out.size());
    return true;
}

/// A packet without properties: `body` is all that follows the fixed header.
bool write_plain(ByteBuffer& out, PacketType type, ByteView body, std::size_t packet_bytes_max) {
    const std::size_t size = packet_size(body.size());
    if (size > packet_bytes_max) return false;
    Writer to{extend(out, size)};
    to.u8(first_byte(type, type == PacketType::pubrel ? 0b0010 : 0));
    to.variable_byte_integer(body.size());
    to.raw(body);
    return true;
}

constexpr auto no_properties = [](auto&) {};

Byte high(PacketId id) { return static_cast<Byte>(id >> 8); }
Byte low(PacketId id) { return static_cast<Byte>(id); }

ByteView as_bytes(std::span<const ReasonCode> reasons) {
    return {reinterpret_cast<const Byte*>(reasons.data()), reasons.size()};
}

template <class Sink>
void put_properties(Sink& sink, const Connack& packet) {
    const std::optional<bool> maximum_qos =
        packet.maximum_qos ? std::optional{*packet.maximum_qos != QoS::at_most_once} : std::nullopt;
    put(sink, PropertyId::session_expiry_interval, packet.session_expiry_interval);
    put(sink, PropertyId::receive_maximum, packet.receive_maximum);
    put(sink, PropertyId::maximum_qos, maximum_qos);
    put(sink, PropertyId::retain_available, packet.retain_available);
    put(sink, PropertyId::maximum_packet_size, packet.maximum_packet_size);
    put(sink, PropertyId::assigned_client_identifier, packet.assigned_client_identifier);
    put(sink, PropertyId::topic_alias_maximum, packet.topic_alias_maximum);
    put(sink, PropertyId::wildcard_subscription_available, packet.wildcard_subscription_available);
    put(sink, PropertyId::subscription_identifiers_available,
        packet.subscription_identifiers_available);
    put(sink, PropertyId::shared_subscription_available, packet.shared_subscription_available);
    put(sink, PropertyId::server_keep_alive, packet.server_keep_alive);
    put(sink, PropertyId::response_information, packet.response_information);
    put(sink, PropertyId::server_reference, packet.server_reference);
    put(sink, PropertyId::authentication_method, packet.authentication_method);
    put(sink, PropertyId::authentication_data, packet.authentication_data);
}

}  // namespace

bool encode(ByteBuffer& out, ProtocolVersion version, const Connack& packet,
            std::size_t packet_bytes_max) {
    // [MQTT5-3.2.2-1] [MQTT5-3.2.2-6] [MQTT3-3.2.2-4]; MQTT 3.1 has no Session Present flag.
    const bool session_present = packet.session_present && packet.reason == ReasonCode::success &&
                                 version != ProtocolVersion::v3_1;
    const Byte flags = session_present ? 1 : 0;
    if (version != ProtocolVersion::v5) {
        const Byte head[] = {flags, static_cast<Byte>(to_return_code(packet.reason))};
        return write_plain(out, PacketType::connack, head, packet_bytes_max);
    }
    const Byte head[] = {flags, static_cast<Byte>(packet.reason)};
    const auto properties = [&packet](auto& sink) { put_properties(sink, packet); };
    return write(out, Parts<decltype(properties)>{PacketType::connack, head, properties, {}},
                 explanation_of(packet), packet_bytes_max);
}

template <PacketType Type>
bool encode(ByteBuffer& out, ProtocolVersion version, const Acknowledgement<Type>& packet,
            std::size_t packet_bytes_max) {
    const Byte head[] = {high(packet.packet_id), low(packet.packet_id),
                         static_cast<Byte>(packet.reason)};
    const bool is_explained = packet.reason_string || !packet.user_properties.empty();
    const bool is_v5 = version == ProtocolVersion::v5;
    if (is_v5 && is_explained) {
        const Parts<decltype(no_properties)> parts{Type, head, no_properties, {}};
        if (write(out, parts, explanation_of(packet), packet_bytes_max)) return true;
    }
    const bool has_reason = is_v5 && packet.reason != ReasonCode::success;
    return write_plain(out, Type, ByteView{head, has_reason ? 3U : 2U}, packet_bytes_max);
}

template bool encode(ByteBuffer&, ProtocolVersion, const Puback&, std::size_t);
template bool encode(ByteBuffer&, ProtocolVersion, const Pubrec&, std::size_t);
template bool encode(ByteBuffer&, ProtocolVersion, const Pubrel&, std::size_t);
template bool encode(ByteBuffer&, ProtocolVersion, const Pubcomp&, std::size_t);

bool encode(ByteBuffer& out, ProtocolVersion version, const Suback& packet,
            std::size_t packet_bytes_max) {
    const Byte head[] = {high(packet.packet_id), low(packet.packet_id)};
    if (version == ProtocolVersion::v5) {
        const Parts<decltype(no_properties)> parts{PacketType::suback, head, no_properties,
                                                   as_bytes(packet.reasons)};
        return write(out, parts, explanation_of(packet), packet_bytes_max);
    }
    const std::size_t length = sizeof head + packet.reasons.size();
    if (packet_size(length) > packet_bytes_max) return false;
    Writer to{extend(out, packet_size(length))};
    to.u8(first_byte(PacketType::suback));
    to.variable_byte_integer(length);
    to.raw(head);
    for (const ReasonCode reason : packet.reasons) {
        to.u8(static_cast<Byte>(to_suback_return_code(reason)));  // [MQTT3-3.9.3-2]
    }
    return true;
}

bool encode(ByteBuffer& out, ProtocolVersion version, const Unsuback& packet,
            std::size_t packet_bytes_max) {
    const Byte head[] = {high(packet.packet_id), low(packet.packet_id)};
    if (version != ProtocolVersion::v5) {
        return write_plain(out, PacketType::unsuback, head, packet_bytes_max);
    }
    const Parts<decltype(no_properties)> parts{PacketType::unsuback, head, no_properties,
                                               as_bytes(packet.reasons)};
    return write(out, parts, explanation_of(packet), packet_bytes_max);
}

bool encode(ByteBuffer& out, ProtocolVersion version, const Disconnect& packet,
            std::size_t packet_bytes_max) {
    if (version != ProtocolVersion::v5) {
        return write_plain(out, PacketType::disconnect, {}, packet_bytes_max);
    }
    const Byte head[] = {static_cast<Byte>(packet.reason)};
    const auto properties = [&packet](auto& sink) {
        put(sink, PropertyId::session_expiry_interval, packet.session_expiry_interval);
        put(sink, PropertyId::server_reference, packet.server_reference);
    };
    SizeCounter sizes;
    properties(sizes);
    put(sizes, explanation_of(packet));
    if (sizes.size() > 0) {
        const Parts<decltype(properties)> parts{PacketType::disconnect, head, properties, {}};
        if (write(out, parts, explanation_of(packet), packet_bytes_max)) return true;
    }
    const bool has_reason = packet.reason != ReasonCode::success;
    return write_plain(out, PacketType::disconnect, ByteView{head, has_reason ? 1U : 0U},
                       packet_bytes_max);
}

bool encode(ByteBuffer& out, ProtocolVersion version, const Auth& packet,
            std::size_t packet_bytes_max) {
    if (version != ProtocolVersion::v5) return false;
    const Byte head[] = {static_cast<Byte>(packet.reason)};
    const auto properties = [&packet](auto& sink) {
        put(sink, PropertyId::authentication_method, packet.authentication_method);
        put(sink, PropertyId::authentication_data, packet.authentication_data);
    };
    const bool is_bare = packet.reason == ReasonCode::success && !packet.authentication_method;
    if (is_bare) return write_plain(out, PacketType::auth, {}, packet_bytes_max);
    return write(out, Parts<decltype(properties)>{PacketType::auth, head, properties, {}},
                 explanation_of(packet), packet_bytes_max);
}

void encode(ByteBuffer& out, const Pingresp&) {
    write_plain(out, PacketType::pingresp, {}, unlimited);
}

}  // namespace holdfast::codec
