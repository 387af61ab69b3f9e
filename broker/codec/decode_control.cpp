#include "codec/decode.hpp"

namespace holdfast::codec {

namespace {

constexpr const Rule& reason_rule(PacketType type) {
    switch (type) {
        case PacketType::puback: return rules::puback_reason;  // [MQTT5-3.4.2-1]
        case PacketType::pubrec: return rules::pubrec_reason;  // [MQTT5-3.5.2-1]
        case PacketType::pubrel: return rules::pubrel_reason;  // [MQTT5-3.6.2-1]
        default: return rules::pubcomp_reason;                 // [MQTT5-3.7.2-1]
    }
}

template <PacketType Type>
void check_flags(Reader& in, Byte flags) {
    if constexpr (Type == PacketType::pubrel) {
        if (in.version() == ProtocolVersion::v3_1) flags &= 0x07;  // MQTT 3.1 has DUP here
        in.require(flags == 0b0010, rules::pubrel_flags);  // [MQTT5-3.6.1-1] [MQTT3-3.6.1-1]
    } else {
        in.require(flags == 0, rules::wrong_flags);  // [MQTT5-2.1.3-1] [MQTT3-2.2.2-1]
    }
}

template <PacketType Type>
Decoded<Acknowledgement<Type>> decode_acknowledgement(ProtocolVersion version, const Frame& frame,
                                                      const DecodeLimits& limits) {
    Reader in{frame.body, version};
    check_flags<Type>(in, frame.flags());
    Decoded<Acknowledgement<Type>> decoded{MadeInPlace<Acknowledgement<Type>>{}};
    Acknowledgement<Type>& packet = *decoded;
    packet.packet_id = in.u16();
    in.require(packet.packet_id != 0,
               rules::acknowledged_id_zero);  // [MQTT5-2.2.1-5] [MQTT3-2.3.1-6]
    // Left out: Success, and no properties.
    if (version == ProtocolVersion::v5 && !in.at_end()) {
        packet.reason = read_reason(in, Type, reason_rule(Type));
        if (!in.at_end()) read_explanation(in, Type, limits, packet);
    }
    in.finish(decoded);
    return decoded;
}

void read_properties(Reader& in, const DecodeLimits& limits, Disconnect& packet) {
    PropertyReader properties{in, PacketType::disconnect, limits.user_properties_max};
    while (properties.next()) {
        switch (properties.id()) {
            case PropertyId::session_expiry_interval:
                packet.session_expiry_interval = in.u32();
                break;
            case PropertyId::reason_string: packet.reason_string = in.string(); break;
            case PropertyId::server_reference: packet.server_reference = in.string(); break;
            default: properties.refuse();
        }
    }
    packet.user_properties = properties.user_properties();
}

void read_properties(Reader& in, const DecodeLimits& limits, Auth& packet) {
    PropertyReader properties{in, PacketType::auth, limits.user_properties_max};
    while (properties.next()) {
        switch (properties.id()) {
            case PropertyId::authentication_method:
                packet.authentication_method = in.string();
                break;
            case PropertyId::authentication_data: packet.authentication_data = in.binary(); break;
            case PropertyId::reason_string: packet.reason_string = in.string(); break;
            default: properties.refuse();
        }
    }
    packet.user_properties = properties.user_properties();
    in.require(packet.authentication_method.has_value(), rules::authentication_method_missing);
}

}  // namespace

Decoded<Puback> decode_puback(ProtocolVersion version, const Frame& frame,
                              const DecodeLimits& limits) {
    return decode_acknowledgement<PacketType::puback>(version, frame, limits);
}

Decoded<Pubrec> decode_pubrec(ProtocolVersion version, const Frame& frame,
                              const DecodeLimits& limits) {
    return decode_acknowledgement<PacketType::pubrec>(version, frame, limits);
}

Decoded<Pubrel> decode_pubrel(ProtocolVersion version, const Frame& frame,
                              const DecodeLimits& limits) {
    return decode_acknowledgement<PacketType::pubrel>(version, frame, limits);
}

Decoded<Pubcomp> decode_pubcomp(ProtocolVersion version, const Frame& frame,
                                const DecodeLimits& limits) {
    return decode_acknowledgement<PacketType::pubcomp>(version, frame, limits);
}

Decoded<Pingreq> decode_pingreq(const Frame& frame) {
    Reader in{frame.body, ProtocolVersion::v5};
    in.require(frame.flags() == 0, rules::wrong_flags);  // [MQTT5-2.1.3-1] [MQTT3-2.2.2-1]
    return in.finish(Pingreq{});
}

Decoded<Disconnect> decode_disconnect_for(Receiver receiver, ProtocolVersion version,
                                          const Frame& frame, const DecodeLimits& limits) {
    Reader in{frame.body, version};
    in.require(frame.flags() == 0, rules::disconnect_flags);  // [MQTT5-3.14.1-1] [MQTT3-3.14.1-1]
    Disconnect packet;
    // Left out: Normal disconnection, and no properties.
    if (version == ProtocolVersion::v5 && !in.at_end()) {
        packet.reason = read_reason(in, PacketType::disconnect,
                                    rules::disconnect_reason);  // [MQTT5-3.14.2-1]
        if (!in.at_end()) read_properties(in, limits, packet);
    }
    in.require(receiver == Receiver::server || !packet.session_expiry_interval,
               rules::session_expiry_from_server);  // [MQTT5-3.14.2-2]
    return in.finish(packet);
}

Decoded<Disconnect> decode_disconnect(ProtocolVersion version, const Frame& frame,
                                      const DecodeLimits& limits) {
    return decode_disconnect_for(Receiver::server, version, frame, limits);
}

Decoded<Auth> decode_auth(ProtocolVersion version, const Frame& frame, const DecodeLimits& limits) {
    if (version != ProtocolVersion::v5) return broken(rules::auth_before_v5, version);
    Reader in{frame.body, version};
    in.require(frame.flags() == 0, rules::auth_flags);  // [MQTT5-3.15.1-1]
    Auth packet;
    if (in.at_end()) return in.finish(packet);  // left out: Success, and no properties
    packet.reason = read_reason(in, PacketType::auth, rules::auth_reason);  // [MQTT5-3.15.2-1]
    read_properties(in, limits, packet);
    return in.finish(packet);
}

}  // namespace holdfast::codec
