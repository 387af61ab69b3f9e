#include "codec/decode.hpp"
#include "codec/topic_scan.hpp"

namespace holdfast::codec {

namespace {

void read_subscription_identifier(Reader& in, Receiver receiver, PublishProperties& to) {
    const std::uint32_t identifier = in.variable_byte_integer();
    in.require(receiver == Receiver::client,
               rules::subscription_identifier_from_client);  // [MQTT5-3.3.4-6]
    in.require(identifier != 0, rules::property_zero);
    if (to.subscription_identifier == 0) to.subscription_identifier = identifier;
}

void read_properties(Reader& in, Receiver receiver, const DecodeLimits& limits,
                     PublishProperties& to) {
    PropertyReader properties{in, PacketType::publish, limits.user_properties_max};
    while (properties.next()) {
        switch (properties.id()) {
            case PropertyId::payload_format_indicator:
                to.payload_format_indicator = in.boolean();
                break;
            case PropertyId::message_expiry_interval: to.message_expiry_interval = in.u32(); break;
            case PropertyId::topic_alias:
                to.topic_alias = in.u16_not_zero(rules::topic_alias_zero);  // [MQTT5-3.3.2-8]
                break;
            case PropertyId::response_topic: to.response_topic = read_response_topic(in); break;
            case PropertyId::correlation_data: to.correlation_data = in.binary(); break;
            case PropertyId::content_type:
                to.content_type = in.string();
                break;  // [MQTT5-3.3.2-19]
            case PropertyId::subscription_identifier:
                read_subscription_identifier(in, receiver, to);
                break;
            default: properties.refuse();
        }
    }
    to.user_properties = properties.user_properties();
    to.has_forwarded = to.payload_format_indicator || to.response_topic || to.correlation_data ||
                       to.content_type || properties.has_user_properties();
}

void check_flags(Reader& in, const Publish& packet, Byte qos) {
    in.require(qos != 3, rules::publish_qos_3);  // [MQTT5-3.3.1-4] [MQTT3-3.3.1-4]
    // MQTT 3.1 only says that DUP means nothing there.
    const bool may_have_dup = qos != 0 || in.version() == ProtocolVersion::v3_1;
    in.require(!packet.dup || may_have_dup,
               rules::publish_dup_qos_0);  // [MQTT5-3.3.1-2] [MQTT3-3.3.1-2]
}

void check_topic(Reader& in, const DecodeLimits& limits, std::string_view topic) {
    const TopicScan scan = scan_topic(topic);
    if (!scan.is_utf8) [[unlikely]]
        in.fail_utf8(topic);                                // [MQTT5-3.3.2-1] [MQTT3-3.3.2-1]
    in.require(!scan.has_wildcard, rules::topic_wildcard);  // [MQTT5-3.3.2-2] [MQTT3-3.3.2-2]
    in.require(!is_too_deep(topic, limits.topic_levels_max), rules::topic_too_deep);
}

}  // namespace

Decoded<Publish> decode_publish_for(Receiver receiver, ProtocolVersion version, const Frame& frame,
                                    const DecodeLimits& limits) {
    Decoded<Publish> decoded{MadeInPlace<Publish>{}};
    Publish& packet = *decoded;
    Reader in{frame.body, version};
    const Byte flags = frame.flags();
    const Byte qos = flags >> 1 & 0x03;
    packet.dup = (flags & 0x08) != 0;
    packet.retain = (flags & 0x01) != 0;
    check_flags(in, packet, qos);
    packet.qos = static_cast<QoS>(qos);

    packet.topic = in.unchecked_string();
    check_topic(in, limits, packet.topic);
    if (qos != 0) {  // [MQTT5-2.2.1-2] [MQTT3-2.3.1-5]
        packet.packet_id = in.u16();
        in.require(packet.packet_id != 0,
                   rules::packet_id_zero);  // [MQTT5-2.2.1-3] [MQTT3-2.3.1-1]
    }
    if (version == ProtocolVersion::v5 && !in.take(0)) {
        read_properties(in, receiver, limits, packet.properties);
    }
    in.require(!packet.topic.empty() || packet.properties.topic_alias,
               rules::topic_and_alias_missing);  // [MQTT5-4.7.3-1] [MQTT3-4.7.3-1]
    packet.payload = in.rest();
    in.finish(decoded);
    return decoded;
}

Decoded<Publish> decode_publish(ProtocolVersion version, const Frame& frame,
                                const DecodeLimits& limits) {
    return decode_publish_for(Receiver::server, version, frame, limits);
}

}  // namespace holdfast::codec
