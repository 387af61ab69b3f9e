// The order of messages: one first-in-first-out line for each client.

#include "support/connection_script.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;

namespace {

constexpr std::string_view resumed = "CONNACK session_present success";

ConnectPacket staying(std::string client_id) {
    return connect(std::move(client_id)).clean_start(false).session_expiry(1'000);
}

/// The payloads of the publications among what was sent, in order.
std::string payloads(const std::vector<std::string>& sent) {
    std::string all;
    for (const std::string& text : sent) {
        const std::size_t start = text.find("payload=");
        if (start == std::string::npos) continue;
        all += text.substr(start + 8, text.find(' ', start) - start - 8) + " ";
    }
    return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(order)

BOOST_AUTO_TEST_CASE(messages_arrive_in_the_order_they_were_published,
                     *label("MQTT5-4.6.0-5") * label("MQTT3-4.6.0-6") * label("MQTT5-4.6.0-6") *
                         label("MQTT3-4.6.0-5")) {
    for (const auto version : {v3_1, v3_1_1, v5}) {
        World world;
        auto reader = world.connected(connect("reader"), version);
        reader.receive(subscribe("#", 2)).take_sent();
        auto writer = world.connected(connect("writer"), version);
        writer.receive(publish("a", "1").qos1(1), publish("b", "2"), publish("a", "3").qos2(3),
                       publish("a", "4").qos1(4), publish("b", "5"), pubrel(3), publish("b", "6"));
        BOOST_TEST(payloads(reader.take_sent()) == "1 2 3 4 5 6 ");
    }
}

BOOST_AUTO_TEST_CASE(overlapping_subscriptions_keep_the_order,
                     *label("MQTT5-4.6.0-5") * label("MQTT3-4.6.0-6")) {
    World world;
    auto reader = world.connected(connect("reader"));
    reader.receive(subscribe("a/+", 0).also("a/1", 2).also("#", 1)).take_sent();
    auto writer = world.connected(connect("writer"));
    for (int i = 0; i < 6; ++i) {
        writer.receive(publish(i % 2 == 0 ? "a/1" : "b", std::to_string(i)).qos1());
    }
    BOOST_TEST(payloads(reader.take_sent()) == "0 1 2 3 4 5 ");
}

BOOST_AUTO_TEST_CASE(what_waits_goes_before_what_arrives,
                     *label("MQTT5-4.6.0-5") * label("MQTT3-4.6.0-6")) {
    World world;
    auto before = world.connected(staying("reader"));
    before.receive(subscribe("t", 1)).lose_connection();
    auto writer = world.connected(connect("writer"));
    for (const char* payload : {"1", "2", "3"}) writer.receive(publish("t", payload).qos1());
    auto reader = world.client("reader");
    reader.receive(staying("reader").receive_maximum(2))
        .expect_sent(
            {resumed, "PUBLISH q1 id=1 topic=t payload=1", "PUBLISH q1 id=2 topic=t payload=2"});
    writer.receive(publish("t", "4").qos1(), publish("t", "5"));
    reader.expect_nothing_sent();
    reader.receive(puback(1), puback(2));
    BOOST_TEST(payloads(reader.take_sent()) == "3 4 5 ");
}

BOOST_AUTO_TEST_CASE(qos_0_does_not_overtake_what_waits,
                     *label("MQTT5-4.6.0-5") * label("MQTT3-4.6.0-6")) {
    World world{Limits{.outbound_inflight_max = 1}};
    auto reader = world.connected(connect("reader"), v3_1_1);
    reader.receive(subscribe("t", 1)).take_sent();
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "1").qos1(), publish("t", "2").qos1(), publish("t", "3"),
                   publish("t", "4").qos1(), publish("t", "5"));
    BOOST_TEST(payloads(reader.take_sent()) == "1 ");
    reader.receive(puback(1));
    BOOST_TEST(payloads(reader.take_sent()) == "2 3 ");
    reader.receive(puback(2));
    BOOST_TEST(payloads(reader.take_sent()) == "4 5 ");
}

BOOST_AUTO_TEST_CASE(full_socket_changes_no_order,
                     *label("MQTT5-4.6.0-5") * label("MQTT3-4.6.0-6")) {
    World world{Limits{.outbound_buffer_bytes_max = 30}};
    auto reader = world.connected(connect("reader"));
    reader.receive(subscribe("t", 1)).take_sent();
    auto writer = world.connected(connect("writer"));
    std::string expected;
    for (int i = 0; i < 40; ++i) {
        reader.block_socket(static_cast<std::size_t>(i % 5));
        const std::string payload = std::to_string(i);
        expected += payload + " ";
        writer.receive(i % 3 == 0 ? publish("t", payload) : publish("t", payload).qos1());
    }
    reader.unblock_socket();
    BOOST_TEST(payloads(reader.take_sent()) == expected);
}

BOOST_AUTO_TEST_CASE(redelivered_goes_before_waiting_and_waiting_before_live,
                     *label("MQTT5-4.6.0-1") * label("MQTT3-4.6.0-1") * label("MQTT5-4.6.0-5") *
                         label("MQTT3-4.6.0-6")) {
    World world;
    auto before = world.connected(staying("reader").receive_maximum(2));
    before.receive(subscribe("t", 1)).take_sent();
    auto writer = world.connected(connect("writer"));
    for (const char* payload : {"1", "2", "3"}) writer.receive(publish("t", payload).qos1());
    before.lose_connection();
    writer.receive(publish("t", "4").qos1());
    auto reader = world.client("reader");
    reader.block_socket().receive(staying("reader"));
    writer.receive(publish("t", "5"), publish("t", "6").qos1());
    reader.unblock_socket();
    BOOST_TEST(payloads(reader.take_sent()) == "1 2 3 4 5 6 ");
}

BOOST_AUTO_TEST_CASE(publishers_on_other_shards_keep_their_order,
                     *label("MQTT5-4.6.0-5") * label("MQTT3-4.6.0-6")) {
    World world{Limits{.outbound_inflight_max = 3}, 3};
    auto reader = world.connected(staying("reader"));
    reader.receive(subscribe("t", 1)).take_sent();
    auto a = world.connected(connect("a"), v5, 1);
    auto b = world.connected(connect("b"), v3_1_1, 2);
    for (int i = 0; i < 10; ++i) {
        a.receive(publish("t", "a" + std::to_string(i)).qos1());
        b.receive(publish("t", "b" + std::to_string(i)).qos1());
    }
    std::string from_a;
    std::string from_b;
    PacketId next_id = 1;
    for (auto sent = reader.take_sent(); !sent.empty(); sent = reader.take_sent()) {
        for (const std::string& text : sent) {
            const std::string payload = payloads({text});
            (payload[0] == 'a' ? from_a : from_b) += payload;
            reader.receive(puback(next_id++));
        }
    }
    BOOST_TEST(from_a == "a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 ");
    BOOST_TEST(from_b == "b0 b1 b2 b3 b4 b5 b6 b7 b8 b9 ");
}

BOOST_AUTO_TEST_CASE(order_of_qos_2_is_that_of_the_first_publish,
                     *label("MQTT5-4.6.0-5") * label("MQTT3-4.6.0-6")) {
    World world;
    auto reader = world.connected(connect("reader"));
    reader.receive(subscribe("t", 2)).take_sent();
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "1").qos2(1), publish("t", "2").qos2(2),
                   publish("t", "1").qos2(1).dup(), pubrel(2), pubrel(1));
    BOOST_TEST(payloads(reader.take_sent()) == "1 2 ");
}

BOOST_AUTO_TEST_SUITE_END()
