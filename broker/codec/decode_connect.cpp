#include "codec/decode.hpp"
#include "codec/topic_scan.hpp"

namespace holdfast::codec {

namespace {

/// MQTT 5 section 3.1.2.3.
struct ConnectFlags {
    explicit ConnectFlags(Byte flags) : bits(flags) {}
    [[nodiscard]] bool reserved() const { return (bits & 0x01) != 0; }
    [[nodiscard]] bool clean_start() const { return (bits & 0x02) != 0; }
    [[nodiscard]] bool will() const { return (bits & 0x04) != 0; }
    [[nodiscard]] Byte will_qos() const { return bits >> 3 & 0x03; }
    [[nodiscard]] bool will_retain() const { return (bits & 0x20) != 0; }
    [[nodiscard]] bool password() const { return (bits & 0x40) != 0; }
    [[nodiscard]] bool user_name() const { return (bits & 0x80) != 0; }
    Byte bits;
};

struct Opening {
    std::string_view name;
    Byte level = 0;
};

Opening read_opening(Reader& in) {
    Opening opening;
    opening.name = in.unchecked_string();
    opening.level = in.u8();
    return opening;
}

std::optional<ProtocolVersion> version_of(const Opening& opening) {
    if (opening.name == "MQTT" && opening.level == 5) return ProtocolVersion::v5;
    if (opening.name == "MQTT" && opening.level == 4) return ProtocolVersion::v3_1_1;
    if (opening.name == "MQIsdp" && opening.level == 3) return ProtocolVersion::v3_1;
    return std::nullopt;
}

Violation refuse(const Opening& opening) {
    const bool is_mqtt = opening.name == "MQTT" || opening.name == "MQIsdp";
    const Rule& rule = is_mqtt ? rules::protocol_level  // [MQTT5-3.1.2-2] [MQTT3-3.1.2-2]
                               : rules::protocol_name;  // [MQTT5-3.1.2-1] [MQTT3-3.1.2-1]
    return broken(rule, opening.level < 5 ? ProtocolVersion::v3_1_1 : ProtocolVersion::v5);
}

void check_flags(Reader& in, ConnectFlags flags) {
    // MQTT 3.1 leaves the reserved flag open and disregards the flags of a will that is not there.
    if (in.version() != ProtocolVersion::v3_1) {
        in.require(!flags.reserved(),
                   rules::connect_flag_reserved);  // [MQTT5-3.1.2-3] [MQTT3-3.1.2-3]
        if (!flags.will()) {
            // [MQTT5-3.1.2-11] [MQTT3-3.1.2-11] [MQTT3-3.1.2-13]
            in.require(flags.will_qos() == 0, rules::will_qos_without_will);
            // [MQTT5-3.1.2-13] [MQTT3-3.1.2-15]
            in.require(!flags.will_retain(), rules::will_retain_without_will);
        }
    }
    if (flags.will()) {
        in.require(flags.will_qos() != 3, rules::will_qos_3);  // [MQTT5-3.1.2-12] [MQTT3-3.1.2-14]
    }
    const bool needs_user_name = in.version() != ProtocolVersion::v5 && flags.password();
    in.require(!needs_user_name || flags.user_name(),
               rules::password_without_user_name);  // [MQTT3-3.1.2-22]
}

void read_properties(Reader& in, const DecodeLimits& limits, ConnectProperties& to) {
    PropertyReader properties{in, PacketType::connect, limits.user_properties_max};
    while (properties.next()) {
        switch (properties.id()) {
            case PropertyId::session_expiry_interval: to.session_expiry_interval = in.u32(); break;
            case PropertyId::receive_maximum: to.receive_maximum = in.u16_not_zero(); break;
            case PropertyId::maximum_packet_size: to.maximum_packet_size = in.u32_not_zero(); break;
            case PropertyId::topic_alias_maximum: to.topic_alias_maximum = in.u16(); break;
            case PropertyId::request_response_information:
                to.request_response_information = in.boolean();
                break;
            case PropertyId::request_problem_information:
                to.request_problem_information = in.boolean();
                break;
            case PropertyId::authentication_method: to.authentication_method = in.string(); break;
            case PropertyId::authentication_data: to.authentication_data = in.binary(); break;
            default: properties.refuse();
        }
    }
    to.user_properties = properties.user_properties();
    in.require(to.authentication_method || !to.authentication_data,
               rules::authentication_data_alone);
}

void read_properties(Reader& in, const DecodeLimits& limits, WillProperties& to) {
    PropertyReader properties{in, will_properties, limits.user_properties_max};
    while (properties.next()) {
        switch (properties.id()) {
            case PropertyId::will_delay_interval: to.will_delay_interval = in.u32(); break;
            case PropertyId::payload_format_indicator:
                to.payload_format_indicator = in.boolean();
                break;
            case PropertyId::message_expiry_interval: to.message_expiry_interval = in.u32(); break;
            case PropertyId::content_type: to.content_type = in.string(); break;
            case PropertyId::response_topic: to.response_topic = read_response_topic(in); break;
            case PropertyId::correlation_data: to.correlation_data = in.binary(); break;
            default: properties.refuse();
        }
    }
    to.user_properties = properties.user_properties();
}

void read_will(Reader& in, ConnectFlags flags, const DecodeLimits& limits, Will& will) {
    in.require(!in.at_end(), rules::will_fields_missing);  // [MQTT5-3.1.2-9] [MQTT3-3.1.2-9]
    if (in.version() == ProtocolVersion::v5) read_properties(in, limits, will.properties);
    will.topic = in.unchecked_string();
    const TopicScan scan = scan_topic(will.topic);
    if (!scan.is_utf8) in.fail_utf8(will.topic);          // [MQTT5-3.1.3-11] [MQTT3-3.1.3-10]
    in.require(!will.topic.empty(), rules::topic_empty);  // [MQTT5-4.7.3-1] [MQTT3-4.7.3-1]
    in.require(!scan.has_wildcard, rules::will_topic_wildcard);  // [MQTT5-4.7.0-1] [MQTT3-4.7.1-1]
    in.require(!is_too_deep(will.topic, limits.topic_levels_max), rules::topic_too_deep);
    will.payload = in.binary();
    will.qos = static_cast<QoS>(flags.will_qos());
    will.retain = flags.will_retain();
}

/// MQTT 3.1 lets the Remaining Length take precedence over the User Name and Password Flags:
/// announced and left out is valid there.
bool is_left_out(const Reader& in) { return in.version() == ProtocolVersion::v3_1 && in.at_end(); }

void read_credentials(Reader& in, ConnectFlags flags, Connect& packet) {
    if (flags.user_name() && !is_left_out(in)) {
        in.require(!in.at_end(), rules::user_name_missing);  // [MQTT5-3.1.2-17] [MQTT3-3.1.2-19]
        packet.user_name = in.string();                      // [MQTT5-3.1.3-12] [MQTT3-3.1.3-11]
    }
    if (flags.password() && !is_left_out(in)) {
        in.require(!in.at_end(), rules::password_missing);  // [MQTT5-3.1.2-19] [MQTT3-3.1.2-21]
        packet.password = in.binary();
    }
    if (in.at_end()) return;
    if (!flags.user_name())
        in.fail(rules::user_name_unannounced);  // [MQTT5-3.1.2-16] [MQTT3-3.1.2-18]
    if (!flags.password())
        in.fail(rules::password_unannounced);  // [MQTT5-3.1.2-18] [MQTT3-3.1.2-20]
}

}  // namespace

Decoded<Connect> decode_connect(const Frame& frame, const DecodeLimits& limits) {
    Reader opening_reader{frame.body, ProtocolVersion::v5};
    const Opening opening = read_opening(opening_reader);
    if (opening_reader.failed()) return opening_reader.violation();
    const std::optional<ProtocolVersion> version = version_of(opening);
    if (!version) return refuse(opening);

    Reader in{opening_reader.ahead(), *version};
    in.require(frame.flags() == 0, rules::wrong_flags);  // [MQTT5-2.1.3-1] [MQTT3-2.2.2-1]
    Connect packet;
    packet.version = *version;
    const ConnectFlags flags{in.u8()};
    check_flags(in, flags);
    packet.clean_start = flags.clean_start();
    packet.keep_alive = in.u16();
    if (packet.version == ProtocolVersion::v5) read_properties(in, limits, packet.properties);
    // The payload's fields come in this order. [MQTT5-3.1.3-1] [MQTT3-3.1.3-1]
    in.require(!in.at_end(), rules::client_id_missing);  // [MQTT5-3.1.3-3] [MQTT3-3.1.3-3]
    packet.client_id = in.string();                      // [MQTT5-3.1.3-4] [MQTT3-3.1.3-4]
    if (flags.will()) read_will(in, flags, limits, packet.will.emplace());
    read_credentials(in, flags, packet);
    return in.finish(packet);
}

}  // namespace holdfast::codec
