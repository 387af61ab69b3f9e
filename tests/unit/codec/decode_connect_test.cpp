#include "unit/codec/wire_table.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::codec;
using namespace test_support;
using boost::unit_test::label;

namespace {

constexpr auto v3_1_1 = ProtocolVersion::v3_1_1;
constexpr auto v5 = ProtocolVersion::v5;

std::string as_v5(std::string_view bytes) { return decoded_text(Sender::client, v5, bytes); }

Decoded<Connect> connect(const std::vector<Byte>& bytes, const DecodeLimits& limits) {
    return decode_connect(frame_of(bytes), limits);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decoding_connect)

BOOST_AUTO_TEST_CASE(other_protocol_names_are_refused,
                     *label("MQTT5-3.1.2-1") * label("MQTT3-3.1.2-1")) {
    check_refusals("MQTT5-3.1.2-1");
    check_refusals("MQTT3-3.1.2-1");
}

BOOST_AUTO_TEST_CASE(other_protocol_versions_are_refused_as_unsupported,
                     *label("MQTT5-3.1.2-2") * label("MQTT3-3.1.2-2")) {
    check_refusals("MQTT5-3.1.2-2");
    check_refusals("MQTT3-3.1.2-2");
}

BOOST_AUTO_TEST_CASE(every_level_but_three_is_unsupported) {
    std::string accepted;
    for (unsigned level = 0; level < 256; ++level) {
        std::vector<Byte> bytes = bytes_of("10 [ ('MQTT') 00 02 000A [] ('a') ]");
        bytes[8] = static_cast<Byte>(level);
        const auto packet = connect(bytes, {});
        if (packet.has_error() &&
            packet.error().reason == ReasonCode::unsupported_protocol_version) {
            continue;
        }
        accepted += std::to_string(level) + " ";
    }
    BOOST_TEST(accepted == "4 5 ");
}

BOOST_AUTO_TEST_CASE(the_reserved_flag_is_refused,
                     *label("MQTT5-3.1.2-3") * label("MQTT3-3.1.2-3")) {
    check_refusals("MQTT5-3.1.2-3");
    check_refusals("MQTT3-3.1.2-3");
}

BOOST_AUTO_TEST_CASE(will_flags_without_a_will_are_refused,
                     *label("MQTT5-3.1.2-11") * label("MQTT5-3.1.2-13") * label("MQTT3-3.1.2-11") *
                         label("MQTT3-3.1.2-13") * label("MQTT3-3.1.2-15")) {
    check_refusals("MQTT5-3.1.2-11");
    check_refusals("MQTT5-3.1.2-13");
    check_refusals("MQTT3-3.1.2-13");
    check_refusals("MQTT3-3.1.2-15");
    // [MQTT3-3.1.2-11]: nor may a Will Topic and Message be there.
    BOOST_TEST(decoded_text(Sender::client, v3_1_1,
                            "10 [ ('MQTT') 04 02 000A ('a') ('t') ('m') ]") == "malformed_packet");
}

BOOST_AUTO_TEST_CASE(a_will_has_qos_0_1_or_2, *label("MQTT5-3.1.2-12") * label("MQTT3-3.1.2-14")) {
    check_refusals("MQTT5-3.1.2-12");
    check_refusals("MQTT3-3.1.2-14");
    for (const auto& [flags, qos] : {std::pair{"06", "0"}, {"0E", "1"}, {"16", "2"}}) {
        const std::string text =
            as_v5("10 [ ('MQTT') 05 " + std::string{flags} + " 0000 [] ('a') [] ('t') () ]");
        BOOST_TEST(text.find("will_topic='t' qos=" + std::string{qos}) != std::string::npos, text);
    }
}

BOOST_AUTO_TEST_CASE(a_will_announced_is_there, *label("MQTT5-3.1.2-9") * label("MQTT3-3.1.2-9")) {
    check_refusals("MQTT5-3.1.2-9");
    check_refusals("MQTT3-3.1.2-9");
    const std::string text = as_v5("10 [ ('MQTT') 05 2E 0000 [] ('a') [] ('t') ('m') ]");
    BOOST_TEST(text.find("will_topic='t' qos=1 retain will_payload=6D") != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(a_user_name_is_there_exactly_when_announced,
                     *label("MQTT5-3.1.2-16") * label("MQTT5-3.1.2-17") * label("MQTT3-3.1.2-18") *
                         label("MQTT3-3.1.2-19")) {
    check_refusals("MQTT5-3.1.2-16");
    check_refusals("MQTT5-3.1.2-17");
    check_refusals("MQTT3-3.1.2-18");
    check_refusals("MQTT3-3.1.2-19");
}

BOOST_AUTO_TEST_CASE(a_password_is_there_exactly_when_announced,
                     *label("MQTT5-3.1.2-18") * label("MQTT5-3.1.2-19") * label("MQTT3-3.1.2-20") *
                         label("MQTT3-3.1.2-21")) {
    check_refusals("MQTT5-3.1.2-18");
    check_refusals("MQTT5-3.1.2-19");
    check_refusals("MQTT3-3.1.2-20");
    check_refusals("MQTT3-3.1.2-21");
}

BOOST_AUTO_TEST_CASE(a_password_needs_a_user_name_before_mqtt_5, *label("MQTT3-3.1.2-22")) {
    check_refusals("MQTT3-3.1.2-22");
    BOOST_TEST(as_v5("10 [ ('MQTT') 05 42 0000 [] ('a') ('pw') ]") ==
               "CONNECT version=5 clean_start keep_alive=0 client_id='a' password=7077");
}

BOOST_AUTO_TEST_CASE(the_payload_is_read_in_the_order_of_the_specification,
                     *label("MQTT5-3.1.3-1") * label("MQTT3-3.1.3-1")) {
    BOOST_TEST(as_v5("10 [ ('MQTT') 05 C6 0000 [] ('1') [18 00000002] ('3') ('4') ('5') ('6') ]") ==
               "CONNECT version=5 clean_start keep_alive=0 client_id='1' will_topic='3' qos=0 "
               "will_delay_interval=2 will_payload=34 user_name='5' password=36");
    BOOST_TEST(decoded_text(Sender::client, v3_1_1,
                            "10 [ ('MQTT') 04 C6 0000 ('1') ('2') ('3') ('4') ('5') ]") ==
               "CONNECT version=4 clean_start keep_alive=0 client_id='1' will_topic='2' qos=0 "
               "will_payload=33 user_name='4' password=35");
}

BOOST_AUTO_TEST_CASE(the_client_identifier_is_there,
                     *label("MQTT5-3.1.3-3") * label("MQTT3-3.1.3-3")) {
    check_refusals("MQTT5-3.1.3-3");
    check_refusals("MQTT3-3.1.3-3");
}

BOOST_AUTO_TEST_CASE(strings_are_utf8, *label("MQTT5-3.1.3-4") * label("MQTT5-3.1.3-11") *
                                           label("MQTT5-3.1.3-12") * label("MQTT3-3.1.3-4") *
                                           label("MQTT3-3.1.3-10") * label("MQTT3-3.1.3-11") *
                                           label("MQTT5-1.5.4-1") * label("MQTT5-1.5.4-2") *
                                           label("MQTT3-1.5.3-1") * label("MQTT3-1.5.3-2")) {
    for (const std::string_view bad : {"(C0AF)", "(EDA080)", "('a' 00)", "(FF)"}) {
        const std::string text{bad};
        for (const std::string& bytes : {
                 "10 [ ('MQTT') 05 02 0000 [] " + text + " ]",
                 "10 [ ('MQTT') 05 06 0000 [] ('a') [] " + text + " () ]",
                 "10 [ ('MQTT') 05 82 0000 [] ('a') " + text + " ]",
                 "10 [ ('MQTT') 04 02 0000 " + text + " ]",
                 "10 [ ('MQTT') 04 06 0000 ('a') " + text + " () ]",
                 "10 [ ('MQTT') 04 82 0000 ('a') " + text + " ]",
             }) {
            BOOST_TEST(as_v5(bytes) == "malformed_packet", bytes);
        }
    }
    check_refusals("MQTT5-1.5.4-1");
    check_refusals("MQTT5-1.5.4-2");
    check_refusals("MQTT3-1.5.3-1");
    check_refusals("MQTT3-1.5.3-2");
}

BOOST_AUTO_TEST_CASE(a_byte_order_mark_stays_in_the_client_identifier,
                     *label("MQTT5-1.5.4-3") * label("MQTT3-1.5.3-3")) {
    BOOST_TEST(as_v5("10 [ ('MQTT') 05 02 0000 [] (EFBBBF 'a') ]") ==
               "CONNECT version=5 clean_start keep_alive=0 client_id='\\EF\\BB\\BFa'");
    BOOST_TEST(as_v5("10 [ ('MQTT') 04 02 0000 ('a' EFBBBF) ]") ==
               "CONNECT version=4 clean_start keep_alive=0 client_id='a\\EF\\BB\\BF'");
}

BOOST_AUTO_TEST_CASE(a_will_topic_is_a_topic_name,
                     *label("MQTT5-4.7.0-1") * label("MQTT3-4.7.1-1") * label("MQTT5-4.7.3-1") *
                         label("MQTT3-4.7.3-1")) {
    check_refusals("MQTT5-4.7.0-1");
    check_refusals("MQTT3-4.7.1-1");
    check_refusals("MQTT5-4.7.3-1");
    check_refusals("MQTT3-4.7.3-1");
}

BOOST_AUTO_TEST_CASE(a_will_topic_has_at_most_the_allowed_levels) {
    const auto bytes = bytes_of("10 [ ('MQTT') 05 06 0000 [] ('a') [] ('1/2/3') () ]");
    BOOST_TEST(connect(bytes, {.topic_levels_max = 3}).has_value());
    const auto refused = connect(bytes, {.topic_levels_max = 2});
    BOOST_TEST_REQUIRE(refused.has_error());
    BOOST_TEST((refused.error().reason == ReasonCode::topic_name_invalid));
}

BOOST_AUTO_TEST_CASE(user_properties_are_bounded_in_the_packet_and_in_its_will) {
    const DecodeLimits limits{.user_properties_max = 2};
    const std::string two = "26 ('k') ('v') 26 ('k') ('v')";
    const std::string three = two + " 26 ('k') ('v')";
    const auto reason = [&](const std::string& bytes) {
        const auto packet = connect(bytes_of(bytes), limits);
        return packet.has_error() ? packet.error().reason : ReasonCode::success;
    };
    const std::string will = "] ('t') () ]";
    BOOST_TEST((reason("10 [ ('MQTT') 05 02 0000 [" + two + "] ('a') ]") == ReasonCode::success));
    BOOST_TEST(
        (reason("10 [ ('MQTT') 05 02 0000 [" + three + "] ('a') ]") == ReasonCode::quota_exceeded));
    BOOST_TEST((reason("10 [ ('MQTT') 05 06 0000 [] ('a') [" + two + will) == ReasonCode::success));
    BOOST_TEST((reason("10 [ ('MQTT') 05 06 0000 [] ('a') [" + three + will) ==
                ReasonCode::quota_exceeded));
}

BOOST_AUTO_TEST_CASE(absent_properties_have_the_values_of_the_specification) {
    const auto bytes = bytes_of("10 [ ('MQTT') 05 02 0000 [] ('a') ]");
    const auto packet = connect(bytes, {});
    BOOST_TEST_REQUIRE(packet.has_value());
    BOOST_TEST(!packet->properties.session_expiry_interval);
    BOOST_TEST(!packet->properties.receive_maximum);
    BOOST_TEST(!packet->properties.maximum_packet_size);
    BOOST_TEST(!packet->properties.request_response_information);
    BOOST_TEST(packet->properties.request_problem_information);
    BOOST_TEST(!packet->user_name);
    BOOST_TEST(!packet->password);
    BOOST_TEST(!packet->will);
}

BOOST_AUTO_TEST_SUITE_END()
