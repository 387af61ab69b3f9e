#include "codec/codec.hpp"

#include "support/packet_text.hpp"
#include "unit/codec/wire_table.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::codec;
using namespace test_support;
using boost::unit_test::label;

namespace {

constexpr auto v3_1 = ProtocolVersion::v3_1;
constexpr auto v3_1_1 = ProtocolVersion::v3_1_1;
constexpr auto v5 = ProtocolVersion::v5;

constexpr std::string_view reason_text = "a reason that takes some room";
constexpr UserProperty user_list[] = {{"name", "value"}, {"name", "another value"}};
constexpr ReasonCode reasons[] = {ReasonCode::not_authorized, ReasonCode::success};

template <class Packet>
Packet explained(Packet packet) {
    packet.reason_string = reason_text;
    packet.user_properties = UserProperties{std::span{user_list}};
    return packet;
}

template <class Packet>
std::string encoded(ProtocolVersion version, const Packet& packet,
                    std::size_t packet_bytes_max = unlimited) {
    ByteBuffer out;
    if (!encode(out, version, packet, packet_bytes_max)) {
        BOOST_TEST(out.empty());
        return "too large";
    }
    BOOST_TEST(out.size() <= packet_bytes_max);
    return hex_of({out.data(), out.size()});
}

template <class Packet>
std::string text_of(const Packet& packet, std::size_t packet_bytes_max) {
    const std::string hex = encoded(v5, packet, packet_bytes_max);
    return hex == "too large" ? hex : decoded_text(Sender::server, v5, hex);
}

template <class Packet>
std::size_t size_of(const Packet& packet) {
    return bytes_of(encoded(v5, packet)).size();
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

/// Both parts of the explanation are sent while they fit, to the byte, and left out when they do
/// not: first the Reason String, then the User Properties, then there is no packet.
template <class Packet>
void check_fitting(const Packet& bare) {
    Packet with_users = bare;
    with_users.user_properties = UserProperties{std::span{user_list}};
    const Packet full = explained(bare);

    const std::string all = text_of(full, size_of(full));
    BOOST_TEST((has(all, reason_text) && has(all, "another value")), all);

    const std::string no_reason = text_of(full, size_of(full) - 1);
    BOOST_TEST((!has(no_reason, reason_text) && has(no_reason, "another value")), no_reason);
    BOOST_TEST(text_of(full, size_of(with_users)) == no_reason);

    const std::string nothing = text_of(full, size_of(with_users) - 1);
    BOOST_TEST((!has(nothing, reason_text) && !has(nothing, "name")), nothing);
    BOOST_TEST(text_of(full, size_of(bare)) == nothing);
    BOOST_TEST(text_of(full, size_of(bare) - 1) == "too large");
}

Auth auth() {
    Auth packet;
    packet.reason = ReasonCode::continue_authentication;
    packet.authentication_method = "method";
    return packet;
}

std::string notation(std::string_view text) { return hex_of(bytes_of(text)); }

}  // namespace

BOOST_AUTO_TEST_SUITE(encoding_control_packets)

BOOST_AUTO_TEST_CASE(connack_keeps_to_the_maximum_packet_size,
                     *label("MQTT5-3.2.2-19") * label("MQTT5-3.2.2-20") * label("MQTT5-3.1.2-24")) {
    Connack packet;
    packet.receive_maximum = std::uint16_t{10};
    check_fitting(packet);
}

BOOST_AUTO_TEST_CASE(acknowledgements_keep_to_the_maximum_packet_size,
                     *label("MQTT5-3.4.2-2") * label("MQTT5-3.4.2-3") * label("MQTT5-3.5.2-2") *
                         label("MQTT5-3.5.2-3") * label("MQTT5-3.6.2-2") * label("MQTT5-3.6.2-3") *
                         label("MQTT5-3.7.2-2") * label("MQTT5-3.7.2-3")) {
    check_fitting(Puback{.packet_id = 1});
    check_fitting(Puback{.packet_id = 1, .reason = ReasonCode::not_authorized});
    check_fitting(Pubrec{.packet_id = 1, .reason = ReasonCode::quota_exceeded});
    check_fitting(Pubrel{.packet_id = 1, .reason = ReasonCode::packet_identifier_not_found});
    check_fitting(Pubcomp{.packet_id = 1, .reason = ReasonCode::packet_identifier_not_found});
}

BOOST_AUTO_TEST_CASE(suback_and_unsuback_keep_to_the_maximum_packet_size,
                     *label("MQTT5-3.9.2-1") * label("MQTT5-3.9.2-2") * label("MQTT5-3.11.2-1") *
                         label("MQTT5-3.11.2-2")) {
    Suback suback;
    suback.packet_id = 1;
    suback.reasons = reasons;
    check_fitting(suback);
    Unsuback unsuback;
    unsuback.packet_id = 1;
    unsuback.reasons = reasons;
    check_fitting(unsuback);
}

BOOST_AUTO_TEST_CASE(disconnect_and_auth_keep_to_the_maximum_packet_size,
                     *label("MQTT5-3.14.2-3") * label("MQTT5-3.14.2-4") * label("MQTT5-3.15.2-2") *
                         label("MQTT5-3.15.2-3")) {
    check_fitting(Disconnect{.reason = ReasonCode::server_busy});
    check_fitting(auth());
}

BOOST_AUTO_TEST_CASE(packets_before_mqtt_5_keep_to_the_maximum_too) {
    Suback suback;
    suback.packet_id = 1;
    suback.reasons = reasons;
    BOOST_TEST(encoded(v3_1_1, suback, 6) == "90 04 00 01 80 00");
    BOOST_TEST(encoded(v3_1_1, suback, 5) == "too large");
    BOOST_TEST(encoded(v3_1_1, Puback{.packet_id = 1}, 4) == "40 02 00 01");
    BOOST_TEST(encoded(v3_1_1, Puback{.packet_id = 1}, 3) == "too large");
}

BOOST_AUTO_TEST_CASE(packets_before_mqtt_5_have_no_properties_and_no_new_reasons,
                     *label("MQTT3-3.9.3-2") * label("MQTT3-2.2.2-1")) {
    for (const ProtocolVersion version : {v3_1, v3_1_1}) {
        BOOST_TEST(encoded(version, explained(Puback{.packet_id = 258})) == "40 02 01 02");
        BOOST_TEST(encoded(version, explained(Pubrel{.packet_id = 258})) == "62 02 01 02");
        Suback suback;
        suback.packet_id = 1;
        suback.reasons = reasons;
        BOOST_TEST(encoded(version, explained(suback)) == "90 04 00 01 80 00");
        Unsuback unsuback;
        unsuback.packet_id = 1;
        unsuback.reasons = reasons;
        BOOST_TEST(encoded(version, explained(unsuback)) == "B0 02 00 01");
        BOOST_TEST(encoded(version, Auth{}) == "too large");
    }
}

BOOST_AUTO_TEST_CASE(connack_before_mqtt_5_has_a_return_code,
                     *label("MQTT3-3.1.2-2") * label("MQTT3-3.2.2-4")) {
    Connack packet;
    packet.session_present = true;
    packet.receive_maximum = std::uint16_t{10};
    BOOST_TEST(encoded(v3_1_1, packet) == "20 02 01 00");
    BOOST_TEST(encoded(v3_1, packet) == "20 02 00 00");  // 3.1 has no Session Present flag
    packet.reason = ReasonCode::unsupported_protocol_version;
    BOOST_TEST(encoded(v3_1_1, packet) == "20 02 00 01");
}

BOOST_AUTO_TEST_CASE(a_refusing_connack_has_no_session_present, *label("MQTT5-3.2.2-6")) {
    Connack packet;
    packet.session_present = true;
    packet.reason = ReasonCode::not_authorized;
    BOOST_TEST(encoded(v5, packet) == "20 03 00 87 00");
}

BOOST_AUTO_TEST_CASE(connack_says_what_is_set_and_nothing_else,
                     *label("MQTT5-3.2.2-1") * label("MQTT5-3.1.2-28")) {
    Connack packet;
    BOOST_TEST(encoded(v5, packet) == "20 03 00 00 00");
    packet.maximum_qos = QoS::at_least_once;
    packet.session_expiry_interval = 0U;
    packet.topic_alias_maximum = std::uint16_t{0};
    BOOST_TEST(encoded(v5, packet) == notation("20 [ 00 00 [11 00000000 24 01 22 0000] ]"));
}

BOOST_AUTO_TEST_CASE(reason_codes_keep_the_order_of_the_filters,
                     *label("MQTT5-3.9.3-1") * label("MQTT3-3.9.3-1") * label("MQTT5-3.11.3-1")) {
    constexpr ReasonCode granted[] = {ReasonCode::granted_qos_2, ReasonCode::success,
                                      ReasonCode::topic_filter_invalid, ReasonCode::granted_qos_1};
    Suback suback;
    suback.packet_id = 1;
    suback.reasons = granted;
    BOOST_TEST(encoded(v5, suback) == "90 07 00 01 00 02 00 8F 01");
    BOOST_TEST(encoded(v3_1_1, suback) == "90 06 00 01 02 00 80 01");
    constexpr ReasonCode removed[] = {ReasonCode::no_subscription_existed, ReasonCode::success};
    Unsuback unsuback;
    unsuback.packet_id = 1;
    unsuback.reasons = removed;
    BOOST_TEST(encoded(v5, unsuback) == "B0 05 00 01 00 11 00");
}

BOOST_AUTO_TEST_CASE(a_packet_is_appended_behind_what_is_there) {
    ByteBuffer out;
    encode(out, Pingresp{});
    encode(out, v5, Puback{.packet_id = 1});
    encode(out, v5, Disconnect{.reason = ReasonCode::session_taken_over});
    BOOST_TEST(hex_of({out.data(), out.size()}) == "D0 00 40 02 00 01 E0 01 8E");
}

BOOST_AUTO_TEST_CASE(many_reason_codes_fit_one_packet) {
    const std::vector<ReasonCode> many(20'000, ReasonCode::granted_qos_1);
    Suback suback;
    suback.packet_id = 1;
    suback.reasons = many;
    const auto bytes = bytes_of(encoded(v5, suback));
    const AnyDecoded decoded = decode_any(Sender::server, v5, frame_of(bytes));
    BOOST_TEST_REQUIRE(decoded.packet.has_value());
    BOOST_TEST(std::get<Suback>(*decoded.packet).reasons.size() == many.size());
}

BOOST_AUTO_TEST_SUITE_END()
