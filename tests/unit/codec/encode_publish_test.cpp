#include "codec/codec.hpp"

#include "support/allocations.hpp"
#include "support/packet_text.hpp"
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

MessagePtr message_of(std::string_view topic, std::string_view payload,
                      std::string_view properties = "") {
    const std::vector<Byte> block = bytes_of(properties);
    MessageParts parts;
    parts.topic = topic;
    parts.payload = as_bytes(payload);
    parts.properties = block;
    return ApplicationMessage::create(parts);
}

std::string hex(const ByteBuffer& buffer) { return hex_of({buffer.data(), buffer.size()}); }

/// The encoded bytes; checks on the way that all three ways of encoding agree.
std::string encoded(ProtocolVersion version, const ApplicationMessage& message,
                    const PublishOptions& options) {
    ByteBuffer whole;
    whole.push_back(0xAA);
    encode_publish(whole, version, message, options);
    BOOST_TEST(whole.front() == 0xAA);
    whole.erase(whole.begin());
    BOOST_TEST(publish_size(version, message, options) == whole.size());
    ByteBuffer parts;
    encode_publish_header(parts, version, message, options);
    const ByteView payload = message.payload();
    parts.insert(parts.end(), payload.begin(), payload.end());
    BOOST_TEST(hex(parts) == hex(whole));
    return hex(whole);
}

std::string notation(std::string_view text) { return hex_of(bytes_of(text)); }

}  // namespace

BOOST_AUTO_TEST_SUITE(encoding_publish)

BOOST_AUTO_TEST_CASE(qos_0_has_neither_identifier_nor_dup,
                     *label("MQTT5-2.2.1-2") * label("MQTT3-2.3.1-5") * label("MQTT5-3.3.1-2") *
                         label("MQTT3-3.3.1-2")) {
    const MessagePtr message = message_of("a/b", "hi");
    const PublishOptions options{.dup = true, .packet_id = 7};
    BOOST_TEST(encoded(v3_1_1, *message, options) == notation("30 [ ('a/b') 'hi' ]"));
    BOOST_TEST(encoded(v5, *message, options) == notation("30 [ ('a/b') [] 'hi' ]"));
}

BOOST_AUTO_TEST_CASE(flags_and_identifier_are_those_of_the_options) {
    const MessagePtr message = message_of("t", "x");
    const PublishOptions first{.qos = QoS::at_least_once, .retain = true, .packet_id = 0x0102};
    BOOST_TEST(encoded(v5, *message, first) == notation("33 [ ('t') 0102 [] 'x' ]"));
    const PublishOptions again{.qos = QoS::exactly_once, .dup = true, .packet_id = 0xFFFF};
    BOOST_TEST(encoded(v3_1_1, *message, again) == notation("3C [ ('t') FFFF 'x' ]"));
    BOOST_TEST(encoded(ProtocolVersion::v3_1, *message, again) ==
               notation("3C [ ('t') FFFF 'x' ]"));
}

BOOST_AUTO_TEST_CASE(no_properties_are_a_length_of_zero, *label("MQTT5-2.2.2-1")) {
    BOOST_TEST(encoded(v5, *message_of("t", ""), {}) == notation("30 [ ('t') 00 ]"));
}

BOOST_AUTO_TEST_CASE(properties_of_the_message_are_forwarded_unaltered,
                     *label("MQTT5-3.3.2-4") * label("MQTT5-3.3.2-15") * label("MQTT5-3.3.2-16") *
                         label("MQTT5-3.3.2-17") * label("MQTT5-3.3.2-18") *
                         label("MQTT5-3.3.2-20")) {
    const auto bytes = bytes_of(
        "30 [ ('t') [26 ('b') ('1') 02 0000003C 09 (00FF) 08 ('r/t') 23 0005 03 ('text') "
        "26 ('a') ('2') 01 01 26 ('b') ('1')] 'x' ]");
    const Decoded<Publish> packet = decode_publish(v5, frame_of(bytes), {});
    BOOST_TEST_REQUIRE(packet.has_value());
    ByteBuffer forwarded;
    encode_forwarded_properties(forwarded, packet->properties);
    const std::string expected =
        "01 01 03 ('text') 08 ('r/t') 09 (00FF) 26 ('b') ('1') 26 ('a') ('2') 26 ('b') ('1')";
    BOOST_TEST(hex(forwarded) == notation(expected));

    const MessagePtr message = message_of("t", "x", expected);
    BOOST_TEST(encoded(v5, *message, {}) == notation("30 [ ('t') [" + expected + "] 'x' ]"));
    BOOST_TEST(encoded(v3_1_1, *message, {}) == notation("30 [ ('t') 'x' ]"));
}

BOOST_AUTO_TEST_CASE(properties_of_a_will_are_forwarded_without_its_delay,
                     *label("MQTT5-3.1.3-10")) {
    const auto bytes = bytes_of(
        "10 [ ('MQTT') 05 06 0000 [] ('a') [26 ('b') ('1') 18 00000005 01 00 02 00000001 "
        "26 ('a') ('2')] ('t') () ]");
    const Decoded<Connect> packet = decode_connect(frame_of(bytes), {});
    BOOST_TEST_REQUIRE(packet.has_value());
    ByteBuffer forwarded;
    encode_forwarded_properties(forwarded, packet->will->properties);
    BOOST_TEST(hex(forwarded) == notation("01 00 26 ('b') ('1') 26 ('a') ('2')"));
}

BOOST_AUTO_TEST_CASE(nothing_to_forward_is_nothing) {
    ByteBuffer out;
    PublishProperties properties;
    properties.topic_alias = std::uint16_t{5};
    properties.message_expiry_interval = 60U;
    encode_forwarded_properties(out, properties);
    encode_forwarded_properties(out, WillProperties{});
    BOOST_TEST(out.empty());
}

BOOST_AUTO_TEST_CASE(expiry_alias_and_subscription_identifiers_come_from_the_options,
                     *label("MQTT5-3.3.4-4")) {
    const std::uint32_t identifiers[] = {1, 200, 268'435'455};
    const MessagePtr message = message_of("t", "x", "01 01");
    const PublishOptions options{
        .message_expiry_interval = 10, .topic_alias = 3, .subscription_identifiers = identifiers};
    BOOST_TEST(encoded(v5, *message, options) ==
               notation("30 [ ('t') [02 0000000A 23 0003 0B 01 0B C801 0B FFFFFF7F 01 01] 'x' ]"));
    BOOST_TEST(encoded(v3_1_1, *message, options) == notation("30 [ ('t') 'x' ]"));
}

BOOST_AUTO_TEST_CASE(a_known_alias_stands_for_the_topic) {
    const MessagePtr message = message_of("a/long/topic", "x");
    const PublishOptions options{.topic_alias = 3, .omit_topic = true};
    BOOST_TEST(encoded(v5, *message, options) == notation("30 [ () [23 0003] 'x' ]"));
}

BOOST_AUTO_TEST_CASE(an_expiry_of_zero_is_still_sent) {
    BOOST_TEST(encoded(v5, *message_of("t", ""), {.message_expiry_interval = 0}) ==
               notation("30 [ ('t') [02 00000000] ]"));
}

BOOST_AUTO_TEST_CASE(lengths_at_every_boundary_are_right, *label("MQTT5-1.5.5-1")) {
    for (const std::size_t size : {0UL, 118UL, 122UL, 123UL, 124UL, 127UL, 128UL, 16'376UL,
                                   16'378UL, 16'379UL, 16'380UL, 2'097'150UL, 2'097'152UL}) {
        const std::string payload(size, 'p');
        for (const std::string_view properties : {"", "26 ('k') ('v')"}) {
            const MessagePtr message = message_of("t", payload, properties);
            ByteBuffer out;
            encode_publish(out, v5, *message, {});
            const std::vector<Byte> bytes(out.begin(), out.end());
            const Decoded<Publish> packet = decode_publish(v5, frame_of(bytes), {});
            BOOST_TEST_REQUIRE(packet.has_value());
            BOOST_TEST(packet->payload.size() == size);
        }
    }
    const std::string value(16'384, 'v');
    for (const std::size_t size : {118UL, 119UL, 120UL, 121UL, 122UL, 123UL, 16'376UL, 16'384UL}) {
        const std::string block = "26 ('k') ('" + value.substr(0, size) + "')";
        const MessagePtr message = message_of("t", "", block);
        BOOST_TEST(encoded(v5, *message, {}) == notation("30 [ ('t') [" + block + "] ]"));
    }
}

BOOST_AUTO_TEST_CASE(the_longest_topic_is_sent_whole,
                     *label("MQTT5-4.7.3-3") * label("MQTT3-4.7.3-3")) {
    const std::string topic(65'535, 't');
    ByteBuffer out;
    encode_publish(out, v3_1_1, *message_of(topic, ""), {});
    const std::vector<Byte> bytes(out.begin(), out.end());
    BOOST_TEST(decode_publish(v3_1_1, frame_of(bytes), {})->topic == topic);
}

BOOST_AUTO_TEST_CASE(reading_and_writing_a_publish_allocates_nothing) {
    const auto plain = bytes_of("32 [ ('a/b/c') 0001 [] 'payload' ]");
    const auto rich = bytes_of("32 [ ('a/b/c') 0001 [01 01 26 ('k') ('v') 23 0001] 'payload' ]");
    const MessagePtr message = message_of("a/b/c", "payload", "01 01 26 ('k') ('v')");
    ByteBuffer out;
    out.reserve(4096);
    const std::size_t before = allocations();
    for (int i = 0; i < 10; ++i) {
        out.clear();
        for (const auto& bytes : {std::cref(plain), std::cref(rich)}) {
            const Decoded<Frame> frame = next_frame(bytes.get(), unlimited);
            const Decoded<Publish> packet = decode_publish(v5, *frame, {});
            encode_forwarded_properties(out, packet->properties);
        }
        encode_publish(out, v5, *message, {.qos = QoS::at_least_once, .packet_id = 1});
        encode(out, v5, Puback{.packet_id = 1});
    }
    const std::size_t after = allocations();
    BOOST_TEST(after == before);
}

BOOST_AUTO_TEST_SUITE_END()
