#include "codec/decode.hpp"

namespace holdfast::codec {

namespace {

template <class T>
Decoded<Packet> widen(const Decoded<T>& decoded) {
    if (!decoded) return decoded.error();
    return Packet{*decoded};
}

}  // namespace

Decoded<Packet> decode_from_client(ProtocolVersion version, const Frame& frame,
                                   const DecodeLimits& limits) {
    switch (frame.type()) {
        case PacketType::connect: return widen(decode_connect(frame, limits));
        case PacketType::publish: return widen(decode_publish(version, frame, limits));
        case PacketType::puback: return widen(decode_puback(version, frame, limits));
        case PacketType::pubrec: return widen(decode_pubrec(version, frame, limits));
        case PacketType::pubrel: return widen(decode_pubrel(version, frame, limits));
        case PacketType::pubcomp: return widen(decode_pubcomp(version, frame, limits));
        case PacketType::subscribe: return widen(decode_subscribe(version, frame, limits));
        case PacketType::unsubscribe: return widen(decode_unsubscribe(version, frame, limits));
        case PacketType::pingreq: return widen(decode_pingreq(frame));
        case PacketType::disconnect: return widen(decode_disconnect(version, frame, limits));
        case PacketType::auth: return widen(decode_auth(version, frame, limits));
        case PacketType::connack:
        case PacketType::suback:
        case PacketType::unsuback:
        case PacketType::pingresp: return broken(rules::wrong_role, version);
        case PacketType::reserved: break;
    }
    return broken(rules::reserved_type, version);
}

Decoded<Packet> decode_from_server(ProtocolVersion version, const Frame& frame,
                                   std::vector<ReasonCode>& reasons) {
    constexpr DecodeLimits limits{unlimited, unlimited, unlimited};
    const bool is_v5 = version == ProtocolVersion::v5;
    switch (frame.type()) {
        case PacketType::connack: return widen(decode_connack(version, frame, limits));
        case PacketType::publish:
            return widen(decode_publish_for(Receiver::client, version, frame, limits));
        case PacketType::puback: return widen(decode_puback(version, frame, limits));
        case PacketType::pubrec: return widen(decode_pubrec(version, frame, limits));
        case PacketType::pubrel: return widen(decode_pubrel(version, frame, limits));
        case PacketType::pubcomp: return widen(decode_pubcomp(version, frame, limits));
        case PacketType::suback: return widen(decode_suback(version, frame, limits, reasons));
        case PacketType::unsuback: return widen(decode_unsuback(version, frame, limits, reasons));
        case PacketType::pingresp: return widen(decode_pingresp(frame));
        case PacketType::disconnect:
            if (!is_v5) return broken(rules::wrong_role, version);
            return widen(decode_disconnect_for(Receiver::client, version, frame, limits));
        case PacketType::auth: return widen(decode_auth(version, frame, limits));
        case PacketType::connect:
        case PacketType::subscribe:
        case PacketType::unsubscribe:
        case PacketType::pingreq: return broken(rules::wrong_role, version);
        case PacketType::reserved: break;
    }
    return broken(rules::reserved_type, version);
}

}  // namespace holdfast::codec
