#include "codec/codec.hpp"

#include "unit/codec/wire_table.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::codec;
using namespace test_support;

namespace {

constexpr auto v3_1_1 = ProtocolVersion::v3_1_1;
constexpr auto v5 = ProtocolVersion::v5;

std::string hex(const ByteBuffer& buffer) { return hex_of({buffer.data(), buffer.size()}); }
std::string notation(std::string_view text) { return hex_of(bytes_of(text)); }

}  // namespace

BOOST_AUTO_TEST_SUITE(encoding_as_a_client)

BOOST_AUTO_TEST_CASE(a_default_connect_is_the_shortest) {
    ByteBuffer out;
    encode(out, Connect{});
    BOOST_TEST(hex(out) == notation("10 [ ('MQTT') 05 02 0000 [] () ]"));
}

BOOST_AUTO_TEST_CASE(each_version_names_itself) {
    ByteBuffer out;
    encode(out, Connect{.version = ProtocolVersion::v3_1, .client_id = "a"});
    encode(out, Connect{.version = v3_1_1, .client_id = "a"});
    BOOST_TEST(hex(out) == notation("10 [ ('MQIsdp') 03 02 0000 ('a') ] "
                                    "10 [ ('MQTT') 04 02 0000 ('a') ]"));
}

BOOST_AUTO_TEST_CASE(user_properties_may_come_from_a_list) {
    const UserProperty list[] = {{"b", "1"}, {"a", "2"}};
    Publish packet;
    packet.topic = "t";
    packet.properties.user_properties = UserProperties{std::span{list}};
    ByteBuffer out;
    encode(out, v5, packet);
    BOOST_TEST(hex(out) == notation("30 [ ('t') [26 ('b') ('1') 26 ('a') ('2')] ]"));
}

BOOST_AUTO_TEST_CASE(requests_say_as_much_as_their_version_can) {
    const SubscriptionRequest requests[] = {
        {"a",
         {.maximum_qos = QoS::exactly_once,
          .no_local = true,
          .retain_as_published = true,
          .retain_handling = RetainHandling::do_not_send}},
        {"b", {}},
    };
    ByteBuffer out;
    encode_subscribe(out, v5, 10, requests, 200);
    BOOST_TEST(hex(out) == notation("82 [ 000A [0B C801] ('a') 2E ('b') 00 ]"));
    out.clear();
    encode_subscribe(out, v3_1_1, 10, requests, 200);
    BOOST_TEST(hex(out) == notation("82 [ 000A ('a') 02 ('b') 00 ]"));
    const std::string_view filters[] = {"a", "b/#"};
    out.clear();
    encode_unsubscribe(out, v5, 10, filters);
    encode_unsubscribe(out, v3_1_1, 11, filters);
    BOOST_TEST(hex(out) == notation("A2 [ 000A [] ('a') ('b/#') ] A2 [ 000B ('a') ('b/#') ]"));
}

BOOST_AUTO_TEST_CASE(a_ping_has_two_bytes) {
    ByteBuffer out;
    encode(out, Pingreq{});
    BOOST_TEST(hex(out) == "C0 00");
}

BOOST_AUTO_TEST_SUITE_END()
