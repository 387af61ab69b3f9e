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

template <class Packet>
ReasonCode reason_of(const Decoded<Packet>& packet) {
    return packet.has_error() ? packet.error().reason : ReasonCode::success;
}

std::string text_of(ProtocolVersion version, const std::string& bytes) {
    return decoded_text(Sender::client, version, bytes);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decoding_subscribe)

BOOST_AUTO_TEST_CASE(the_flags_are_0010, *label("MQTT5-3.8.1-1") * label("MQTT3-3.8.1-1") *
                                             label("MQTT5-3.10.1-1") * label("MQTT3-3.10.1-1")) {
    check_refusals("MQTT5-3.8.1-1");
    check_refusals("MQTT3-3.8.1-1");
    check_refusals("MQTT5-3.10.1-1");
    check_refusals("MQTT3-3.10.1-1");
}

BOOST_AUTO_TEST_CASE(there_is_at_least_one_filter,
                     *label("MQTT5-3.8.3-2") * label("MQTT3-3.8.3-3") * label("MQTT5-3.10.3-2") *
                         label("MQTT3-3.10.3-2")) {
    check_refusals("MQTT5-3.8.3-2");
    check_refusals("MQTT3-3.8.3-3");
    check_refusals("MQTT5-3.10.3-2");
    check_refusals("MQTT3-3.10.3-2");
}

BOOST_AUTO_TEST_CASE(filters_are_utf8, *label("MQTT5-3.8.3-1") * label("MQTT3-3.8.3-1") *
                                           label("MQTT5-3.10.3-1") * label("MQTT3-3.10.3-1")) {
    for (const std::string bad : {"(FF)", "(C0AF)", "(EDA080)", "('a' 00)"}) {
        BOOST_TEST(text_of(v5, "82 [ 000A [] ('ok') 00 " + bad + " 00 ]") == "malformed_packet");
        BOOST_TEST(text_of(v3_1_1, "82 [ 000A ('ok') 00 " + bad + " 00 ]") == "malformed_packet");
        BOOST_TEST(text_of(v5, "A2 [ 000A [] ('ok') " + bad + " ]") == "malformed_packet");
        BOOST_TEST(text_of(v3_1_1, "A2 [ 000A ('ok') " + bad + " ]") == "malformed_packet");
    }
}

BOOST_AUTO_TEST_CASE(the_packet_identifier_is_not_0,
                     *label("MQTT5-2.2.1-3") * label("MQTT3-2.3.1-1")) {
    for (const std::string tail : {" ('a') 00 ]", " ('a') ]"}) {
        const std::string type = tail.size() == 11 ? "82" : "A2";
        BOOST_TEST(text_of(v5, type + " [ 0000 []" + tail) == "protocol_error");
        BOOST_TEST(text_of(v3_1_1, type + " [ 0000" + tail) == "protocol_error");
    }
}

BOOST_AUTO_TEST_CASE(reserved_option_bits_are_refused,
                     *label("MQTT5-3.8.3-5") * label("MQTT3-3.8.3-4")) {
    check_refusals("MQTT5-3.8.3-5");
    check_refusals("MQTT3-3.8.3-4");
    for (unsigned bits = 0; bits < 256; ++bits) {
        auto bytes = bytes_of("82 [ 000A ('a') 00 ]");
        bytes.back() = static_cast<Byte>(bits);
        const auto packet = decode_subscribe(v3_1_1, frame_of(bytes), {});
        BOOST_TEST(packet.has_value() == (bits <= 2), bits);
    }
}

BOOST_AUTO_TEST_CASE(all_options_of_mqtt_5_are_told_apart) {
    for (unsigned bits = 0; bits < 256; ++bits) {
        auto bytes = bytes_of("82 [ 000A [] ('a') 00 ]");
        bytes.back() = static_cast<Byte>(bits);
        const auto packet = decode_subscribe(v5, frame_of(bytes), {});
        const bool is_valid = (bits & 0xC0) == 0 && (bits & 0x03) != 3 && (bits & 0x30) != 0x30;
        BOOST_TEST_REQUIRE(packet.has_value() == is_valid, bits);
        if (!is_valid) continue;
        packet->for_each([bits](const SubscriptionRequest& request) {
            const SubscriptionOptions& options = request.options;
            BOOST_TEST(to_number(options.maximum_qos) == (bits & 0x03));
            BOOST_TEST(options.no_local == ((bits & 0x04) != 0));
            BOOST_TEST(options.retain_as_published == ((bits & 0x08) != 0));
            BOOST_TEST(static_cast<unsigned>(options.retain_handling) == bits >> 4);
        });
    }
}

BOOST_AUTO_TEST_CASE(no_local_on_a_shared_subscription_is_refused, *label("MQTT5-3.8.3-4")) {
    check_refusals("MQTT5-3.8.3-4");
    BOOST_TEST(text_of(v5, "82 [ 000A [] ('$share') 04 ]") == "protocol_error");
    BOOST_TEST(text_of(v5, "82 [ 000A [] ('$sharedx/g/a') 04 ]") ==
               "SUBSCRIBE id=10 filters=1 filter='$sharedx/g/a' qos=0 no_local");
}

BOOST_AUTO_TEST_CASE(a_packet_has_at_most_the_allowed_filters) {
    const DecodeLimits limits{.subscriptions_per_packet_max = 2};
    const auto subscribe = [&](const std::string& filters) {
        const auto bytes = bytes_of("82 [ 000A " + filters + " ]");
        return reason_of(decode_subscribe(v3_1_1, frame_of(bytes), limits));
    };
    BOOST_TEST((subscribe("('a') 00 ('b') 00") == ReasonCode::success));
    BOOST_TEST((subscribe("('a') 00 ('b') 00 ('c') 00") == ReasonCode::quota_exceeded));
    const auto unsubscribe = [&](const std::string& filters) {
        const auto bytes = bytes_of("A2 [ 000A " + filters + " ]");
        return reason_of(decode_unsubscribe(v3_1_1, frame_of(bytes), limits));
    };
    BOOST_TEST((unsubscribe("('a') ('b')") == ReasonCode::success));
    BOOST_TEST((unsubscribe("('a') ('b') ('c')") == ReasonCode::quota_exceeded));
}

BOOST_AUTO_TEST_CASE(a_packet_has_at_most_the_allowed_user_properties) {
    const DecodeLimits limits{.user_properties_max = 1};
    const std::string one = "26 ('k') ('v')";
    const auto subscribe = [&](const std::string& properties) {
        const auto bytes = bytes_of("82 [ 000A [" + properties + "] ('a') 00 ]");
        return reason_of(decode_subscribe(v5, frame_of(bytes), limits));
    };
    BOOST_TEST((subscribe(one) == ReasonCode::success));
    BOOST_TEST((subscribe(one + " " + one) == ReasonCode::quota_exceeded));
}

BOOST_AUTO_TEST_SUITE_END()
