#include "codec/decode.hpp"

namespace holdfast::codec {

namespace {

/// MQTT 3.1 gives SUBSCRIBE and UNSUBSCRIBE a DUP flag.
bool are_request_flags(ProtocolVersion version, Byte flags) {
    if (version == ProtocolVersion::v3_1) flags &= 0x07;
    return flags == 0b0010;
}

PacketId read_packet_id(Reader& in) {
    const PacketId id = in.u16();
    in.require(id != 0, rules::packet_id_zero);  // [MQTT5-2.2.1-3] [MQTT3-2.3.1-1]
    return id;
}

void read_properties(Reader& in, const DecodeLimits& limits, Subscribe& packet) {
    PropertyReader properties{in, PacketType::subscribe, limits.user_properties_max};
    while (properties.next()) {
        switch (properties.id()) {
            case PropertyId::subscription_identifier:
                packet.subscription_identifier = in.variable_byte_integer();
                in.require(packet.subscription_identifier != 0, rules::property_zero);
                break;
            default: properties.refuse();
        }
    }
    packet.user_properties = properties.user_properties();
}

void read_properties(Reader& in, const DecodeLimits& limits, Unsubscribe& packet) {
    PropertyReader properties{in, PacketType::unsubscribe, limits.user_properties_max};
    while (properties.next()) properties.refuse();
    packet.user_properties = properties.user_properties();
}

void read_options(Reader& in, std::string_view filter) {
    const Byte bits = in.u8();
    const bool is_v5 = in.version() == ProtocolVersion::v5;
    const Byte reserved = is_v5 ? 0xC0 : 0xFC;
    in.require((bits & reserved) == 0, rules::options_reserved);  // [MQTT5-3.8.3-5] [MQTT3-3.8.3-4]
    in.require((bits & 0x03) != 3, rules::options_qos_3);         // [MQTT3-3.8.3-4]
    if (!is_v5) return;
    const SubscriptionOptions options = to_subscription_options(bits);
    in.require((bits & 0x30) != 0x30, rules::options_retain_handling_3);
    in.require(!options.no_local || !is_shared_filter(filter),
               rules::no_local_shared);  // [MQTT5-3.8.3-4]
}

}  // namespace

Decoded<Subscribe> decode_subscribe(ProtocolVersion version, const Frame& frame,
                                    const DecodeLimits& limits) {
    Reader in{frame.body, version};
    in.require(are_request_flags(version, frame.flags()),
               rules::subscribe_flags);  // [MQTT5-3.8.1-1] [MQTT3-3.8.1-1]
    Subscribe packet;
    packet.packet_id = read_packet_id(in);
    if (version == ProtocolVersion::v5) read_properties(in, limits, packet);
    packet.filter_block = in.ahead();
    while (!in.at_end()) {
        const std::string_view filter = in.string();  // [MQTT5-3.8.3-1] [MQTT3-3.8.3-1]
        read_options(in, filter);
        ++packet.filter_count;
        in.require(packet.filter_count <= limits.subscriptions_per_packet_max,
                   rules::too_many_filters);
    }
    in.require(packet.filter_count > 0, rules::subscribe_empty);  // [MQTT5-3.8.3-2] [MQTT3-3.8.3-3]
    return in.finish(packet);
}

Decoded<Unsubscribe> decode_unsubscribe(ProtocolVersion version, const Frame& frame,
                                        const DecodeLimits& limits) {
    Reader in{frame.body, version};
    in.require(are_request_flags(version, frame.flags()),
               rules::unsubscribe_flags);  // [MQTT5-3.10.1-1] [MQTT3-3.10.1-1]
    Unsubscribe packet;
    packet.packet_id = read_packet_id(in);
    if (version == ProtocolVersion::v5) read_properties(in, limits, packet);
    packet.filter_block = in.ahead();
    while (!in.at_end()) {
        (void)in.string();  // [MQTT5-3.10.3-1] [MQTT3-3.10.3-1]
        ++packet.filter_count;
        in.require(packet.filter_count <= limits.subscriptions_per_packet_max,
                   rules::too_many_filters);
    }
    in.require(packet.filter_count > 0,
               rules::unsubscribe_empty);  // [MQTT5-3.10.3-2] [MQTT3-3.10.3-2]
    return in.finish(packet);
}

}  // namespace holdfast::codec
