#include "codec/decode.hpp"

namespace holdfast::codec {

namespace {

QoS read_maximum_qos(Reader& in) { return in.boolean() ? QoS::at_least_once : QoS::at_most_once; }

void read_properties(Reader& in, const DecodeLimits& limits, Connack& to) {
    PropertyReader properties{in, PacketType::connack, limits.user_properties_max};
    while (properties.next()) {
        switch (properties.id()) {
            case PropertyId::session_expiry_interval: to.session_expiry_interval = in.u32(); break;
            case PropertyId::receive_maximum: to.receive_maximum = in.u16_not_zero(); break;
            case PropertyId::maximum_qos: to.maximum_qos = read_maximum_qos(in); break;
            case PropertyId::retain_available: to.retain_available = in.boolean(); break;
            case PropertyId::maximum_packet_size: to.maximum_packet_size = in.u32_not_zero(); break;
            case PropertyId::assigned_client_identifier:
                to.assigned_client_identifier = in.string();
                break;
            case PropertyId::topic_alias_maximum: to.topic_alias_maximum = in.u16(); break;
            case PropertyId::reason_string: to.reason_string = in.string(); break;
            case PropertyId::wildcard_subscription_available:
                to.wildcard_subscription_available = in.boolean();
                break;
            case PropertyId::subscription_identifiers_available:
                to.subscription_identifiers_available = in.boolean();
                break;
            case PropertyId::shared_subscription_available:
                to.shared_subscription_available = in.boolean();
                break;
            case PropertyId::server_keep_alive: to.server_keep_alive = in.u16(); break;
            case PropertyId::response_information: to.response_information = in.string(); break;
            case PropertyId::server_reference: to.server_reference = in.string(); break;
            case PropertyId::authentication_method: to.authentication_method = in.string(); break;
            case PropertyId::authentication_data: to.authentication_data = in.binary(); break;
            default: properties.refuse();
        }
    }
    to.user_properties = properties.user_properties();
}

/// The reverse of to_return_code; a number beyond the six is no reason of CONNACK's.
ReasonCode read_return_code(Reader& in) {
    constexpr ReasonCode reasons[] = {
        ReasonCode::success,
        ReasonCode::unsupported_protocol_version,
        ReasonCode::client_identifier_not_valid,
        ReasonCode::server_unavailable,
        ReasonCode::bad_user_name_or_password,
        ReasonCode::not_authorized,
    };
    const Byte code = in.u8();
    in.require(code < std::size(reasons), rules::connack_reason);  // [MQTT3-3.2.2-6]
    return in.failed() ? ReasonCode::success : reasons[code];
}

/// The payload of SUBACK or UNSUBACK, kept alive by `reasons`.
std::span<const ReasonCode> read_reasons(Reader& in, PacketType type, const Rule& rule,
                                         std::vector<ReasonCode>& reasons) {
    reasons.clear();
    in.require(!in.at_end(), rules::reasons_missing);
    while (!in.at_end()) reasons.push_back(read_reason(in, type, rule));
    return reasons;
}

template <class Packet>
void read_request_id(Reader& in, const Frame& frame, Packet& packet) {
    in.require(frame.flags() == 0, rules::wrong_flags);  // [MQTT5-2.1.3-1] [MQTT3-2.2.2-1]
    packet.packet_id = in.u16();
    in.require(packet.packet_id != 0, rules::packet_id_zero);
}

}  // namespace

Decoded<Connack> decode_connack(ProtocolVersion version, const Frame& frame,
                                const DecodeLimits& limits) {
    Reader in{frame.body, version};
    in.require(frame.flags() == 0, rules::wrong_flags);  // [MQTT5-2.1.3-1] [MQTT3-2.2.2-1]
    Connack packet;
    const Byte flags = in.u8();
    in.require((flags & 0xFE) == 0, rules::connack_flags);  // [MQTT5-3.2.2-1]
    packet.session_present = (flags & 0x01) != 0 && version != ProtocolVersion::v3_1;
    if (version == ProtocolVersion::v5) {
        packet.reason =
            read_reason(in, PacketType::connack, rules::connack_reason);  // [MQTT5-3.2.2-8]
        read_properties(in, limits, packet);
    } else {
        packet.reason = read_return_code(in);
    }
    in.require(!packet.session_present || packet.reason == ReasonCode::success,
               rules::session_present_refused);  // [MQTT5-3.2.2-6] [MQTT3-3.2.2-4]
    return in.finish(packet);
}

Decoded<Suback> decode_suback(ProtocolVersion version, const Frame& frame,
                              const DecodeLimits& limits, std::vector<ReasonCode>& reasons) {
    Reader in{frame.body, version};
    Suback packet;
    read_request_id(in, frame, packet);
    if (version == ProtocolVersion::v5) read_explanation(in, PacketType::suback, limits, packet);
    packet.reasons = read_reasons(in, PacketType::suback, rules::suback_reason,
                                  reasons);  // [MQTT5-3.9.3-2]
    for (const ReasonCode reason : packet.reasons) {
        in.require(version == ProtocolVersion::v5 || to_suback_return_code(reason) == reason,
                   rules::suback_reason);  // [MQTT3-3.9.3-2]
    }
    return in.finish(packet);
}

Decoded<Unsuback> decode_unsuback(ProtocolVersion version, const Frame& frame,
                                  const DecodeLimits& limits, std::vector<ReasonCode>& reasons) {
    Reader in{frame.body, version};
    Unsuback packet;
    read_request_id(in, frame, packet);
    if (version != ProtocolVersion::v5) return in.finish(packet);
    read_explanation(in, PacketType::unsuback, limits, packet);
    packet.reasons = read_reasons(in, PacketType::unsuback, rules::unsuback_reason,
                                  reasons);  // [MQTT5-3.11.3-2]
    return in.finish(packet);
}

Decoded<Pingresp> decode_pingresp(const Frame& frame) {
    Reader in{frame.body, ProtocolVersion::v5};
    in.require(frame.flags() == 0, rules::wrong_flags);  // [MQTT5-2.1.3-1] [MQTT3-2.2.2-1]
    return in.finish(Pingresp{});
}

}  // namespace holdfast::codec
