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
std::string as_v3(std::string_view bytes) { return decoded_text(Sender::client, v3_1_1, bytes); }

ReasonCode reason_of(const Decoded<Publish>& packet) {
    return packet.has_error() ? packet.error().reason : ReasonCode::success;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decoding_publish)

BOOST_AUTO_TEST_CASE(qos_3_is_refused, *label("MQTT5-3.3.1-4") * label("MQTT3-3.3.1-4")) {
    check_refusals("MQTT5-3.3.1-4");
    check_refusals("MQTT3-3.3.1-4");
}

BOOST_AUTO_TEST_CASE(dup_with_qos_0_is_refused, *label("MQTT5-3.3.1-2") * label("MQTT3-3.3.1-2")) {
    check_refusals("MQTT5-3.3.1-2");
    check_refusals("MQTT3-3.3.1-2");
}

BOOST_AUTO_TEST_CASE(qos_0_has_no_packet_identifier,
                     *label("MQTT5-2.2.1-2") * label("MQTT3-2.3.1-5")) {
    // What looks like an identifier belongs to the properties or the payload.
    BOOST_TEST(as_v3("30 [ ('t') 0001 ]") == "PUBLISH qos=0 topic='t' payload=0001");
    BOOST_TEST(as_v5("30 [ ('t') 0001 ]") == "PUBLISH qos=0 topic='t' payload=01");
}

BOOST_AUTO_TEST_CASE(packet_identifier_0_is_refused,
                     *label("MQTT5-2.2.1-3") * label("MQTT3-2.3.1-1")) {
    check_refusals("MQTT5-2.2.1-3");
    check_refusals("MQTT3-2.3.1-1");
}

BOOST_AUTO_TEST_CASE(the_topic_is_the_first_field_and_utf8,
                     *label("MQTT5-3.3.2-1") * label("MQTT3-3.3.2-1")) {
    BOOST_TEST(as_v5("32 [ ('t') 0001 [] 'x' ]") == "PUBLISH qos=1 topic='t' id=1 payload=78");
    for (const std::string_view bad : {"(C0AF)", "(EDA080)", "('12345678' FF)", "('a' 00)"}) {
        BOOST_TEST(as_v5("30 [ " + std::string{bad} + " [] ]") == "malformed_packet");
        BOOST_TEST(as_v3("30 [ " + std::string{bad} + " ]") == "malformed_packet");
    }
}

BOOST_AUTO_TEST_CASE(a_topic_with_a_wildcard_is_refused,
                     *label("MQTT5-3.3.2-2") * label("MQTT3-3.3.2-2") * label("MQTT5-4.7.0-1") *
                         label("MQTT3-4.7.1-1")) {
    check_refusals("MQTT5-3.3.2-2");
    check_refusals("MQTT3-3.3.2-2");
}

BOOST_AUTO_TEST_CASE(an_empty_topic_needs_an_alias,
                     *label("MQTT5-4.7.3-1") * label("MQTT3-4.7.3-1")) {
    BOOST_TEST(as_v5("30 [ () [] 'x' ]") == "protocol_error");
    BOOST_TEST(as_v5("30 [ () [02 00000001] 'x' ]") == "protocol_error");
    BOOST_TEST(as_v5("30 [ () [23 0005] 'x' ]") ==
               "PUBLISH qos=0 topic='' topic_alias=5 payload=78");
    BOOST_TEST(as_v3("30 [ () 'x' ]") == "protocol_error");
}

BOOST_AUTO_TEST_CASE(topic_alias_0_is_refused, *label("MQTT5-3.3.2-8")) {
    check_refusals("MQTT5-3.3.2-8");
}

BOOST_AUTO_TEST_CASE(a_response_topic_is_utf8_without_wildcards,
                     *label("MQTT5-3.3.2-13") * label("MQTT5-3.3.2-14")) {
    check_refusals("MQTT5-3.3.2-14");
    BOOST_TEST(as_v5("30 [ ('t') [08 (EDA080)] ]") == "malformed_packet");
    BOOST_TEST(as_v5("30 [ ('t') [08 ('r/' 00)] ]") == "malformed_packet");
}

BOOST_AUTO_TEST_CASE(a_content_type_is_utf8, *label("MQTT5-3.3.2-19")) {
    BOOST_TEST(as_v5("30 [ ('t') [03 (FF)] ]") == "malformed_packet");
    BOOST_TEST(as_v5("30 [ ('t') [03 ('a' 00)] ]") == "malformed_packet");
    BOOST_TEST(as_v5("30 [ ('t') [03 (C3A4)] ]") ==
               "PUBLISH qos=0 topic='t' content_type='\\C3\\A4' forwarded payload=");
}

BOOST_AUTO_TEST_CASE(a_client_sends_no_subscription_identifier, *label("MQTT5-3.3.4-6")) {
    check_refusals("MQTT5-3.3.4-6");
}

BOOST_AUTO_TEST_CASE(user_properties_keep_their_order_and_are_utf8,
                     *label("MQTT5-1.5.7-1") * label("MQTT5-3.3.2-18")) {
    BOOST_TEST(as_v5("30 [ ('t') [26 ('b') ('1') 26 ('a') ('2') 26 ('b') ('3')] ]") ==
               "PUBLISH qos=0 topic='t' 'b':'1' 'a':'2' 'b':'3' forwarded payload=");
    BOOST_TEST(as_v5("30 [ ('t') [26 (FF) ('1')] ]") == "malformed_packet");
    BOOST_TEST(as_v5("30 [ ('t') [26 ('a') (FF)] ]") == "malformed_packet");
    BOOST_TEST(as_v5("30 [ ('t') [26 (00) ('1')] ]") == "malformed_packet");
    BOOST_TEST(as_v5("30 [ ('t') [26 ('a') (00)] ]") == "malformed_packet");
}

BOOST_AUTO_TEST_CASE(the_payload_is_passed_on_unseen) {
    BOOST_TEST(as_v5("30 [ ('t') [01 01] FF00C0 ]") ==
               "PUBLISH qos=0 topic='t' payload_format_indicator=1 forwarded payload=FF00C0");
}

BOOST_AUTO_TEST_CASE(alias_and_expiry_alone_are_not_passed_on) {
    BOOST_TEST(as_v5("30 [ ('t') [23 0001 02 00000005] ]").find("forwarded") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_topic_has_at_most_the_allowed_levels) {
    const auto bytes = bytes_of("30 [ ('1/2/3') ]");
    const Frame frame = frame_of(bytes);
    BOOST_TEST(
        (reason_of(decode_publish(v3_1_1, frame, {.topic_levels_max = 3})) == ReasonCode::success));
    BOOST_TEST((reason_of(decode_publish(v3_1_1, frame, {.topic_levels_max = 2})) ==
                ReasonCode::topic_name_invalid));
}

BOOST_AUTO_TEST_CASE(a_packet_has_at_most_the_allowed_user_properties) {
    const auto bytes = bytes_of("30 [ ('t') [26 ('k') ('v') 26 ('k') ('v')] ]");
    const Frame frame = frame_of(bytes);
    BOOST_TEST(
        (reason_of(decode_publish(v5, frame, {.user_properties_max = 2})) == ReasonCode::success));
    BOOST_TEST((reason_of(decode_publish(v5, frame, {.user_properties_max = 1})) ==
                ReasonCode::quota_exceeded));
}

BOOST_AUTO_TEST_CASE(a_topic_of_any_length_is_seen_whole) {
    for (std::size_t size = 1; size < 40; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            std::string topic(size, 't');
            topic[at] = '#';
            BOOST_TEST(as_v3("30 [ ('" + topic + "') ]") == "topic_name_invalid");
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
