// What a new connection to a session gets: what was not acknowledged, in order, then the rest.

#include "support/connection_script.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;
using codec::ProtocolVersion;

namespace {

constexpr std::string_view resumed = "CONNACK session_present success";

ConnectPacket staying() { return connect("reader").clean_start(false).session_expiry(1'000); }

struct Exchange {
    explicit Exchange(ProtocolVersion version = v5, const ConnectPacket& packet = staying(),
                      const Limits& limits = {})
        : world(limits),
          reader(world.connected(packet, version)),
          writer(world.connected(connect("writer"))) {
        reader.receive(subscribe("#", 2)).take_sent();
    }
    void publish_qos_0(std::string payload) { writer.receive(publish("t", payload)); }
    void publish_qos_1(std::string payload) { writer.receive(publish("t", payload).qos1()); }
    void publish_qos_2(std::string payload) {
        writer.receive(publish("t", payload).qos2(), pubrel(1));
    }
    ConnectionScript& reconnect(const ConnectPacket& packet = staying(),
                                ProtocolVersion version = v5) {
        reader.lose_connection();
        reader = world.client("reader", version);
        return reader.receive(packet);
    }

    World world;
    ConnectionScript reader;
    ConnectionScript writer;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(redelivery)

BOOST_AUTO_TEST_CASE(unacknowledged_packets_come_again_first_in_order_with_dup,
                     *label("MQTT5-4.4.0-1") * label("MQTT3-4.4.0-1") * label("MQTT5-3.3.1-1") *
                         label("MQTT3-3.3.1-1") * label("MQTT5-4.6.0-1") * label("MQTT3-4.6.0-1") *
                         label("MQTT3-2.3.1-4") * label("MQTT5-4.3.3-5") * label("MQTT3-4.3.3-1") *
                         label("MQTT3-3.1.2-5")) {
    for (const ProtocolVersion version : {v3_1, v3_1_1, v5}) {
        Exchange exchange{version};
        exchange.publish_qos_1("a");
        exchange.publish_qos_2("b");
        exchange.publish_qos_1("c");
        exchange.publish_qos_2("d");
        exchange.publish_qos_1("e");
        exchange.reader.take_sent();
        exchange.reader.receive(pubrec(2), puback(3));
        exchange.reader.lose_connection();
        exchange.publish_qos_1("f");
        const bool has_session_present = version != v3_1;
        exchange.reconnect(staying(), version)
            .expect_sent({has_session_present ? resumed : "CONNACK success",
                          "PUBLISH q1 dup id=1 topic=t payload=a", "PUBREL id=2",
                          "PUBLISH q2 dup id=4 topic=t payload=d",
                          "PUBLISH q1 dup id=5 topic=t payload=e",
                          "PUBLISH q1 id=6 topic=t payload=f"});
        BOOST_TEST(exchange.world.count(Counter::messages_redelivered) == 3U);
    }
}

BOOST_AUTO_TEST_CASE(what_was_never_sent_has_dup_0_at_its_first_sending,
                     *label("MQTT5-3.3.1-1") * label("MQTT5-4.3.2-2") * label("MQTT3-4.3.2-1")) {
    Exchange exchange;
    exchange.reader.lose_connection();
    exchange.publish_qos_1("a");
    exchange.publish_qos_2("b");
    exchange.reconnect().expect_sent(
        {resumed, "PUBLISH q1 id=1 topic=t payload=a", "PUBLISH q2 id=2 topic=t payload=b"});
}

BOOST_AUTO_TEST_CASE(order_stays_the_same_through_many_reconnects,
                     *label("MQTT5-4.6.0-1") * label("MQTT3-4.6.0-1") * label("MQTT5-4.4.0-1")) {
    Exchange exchange;
    for (const char* payload : {"a", "b", "c"}) exchange.publish_qos_1(payload);
    for (int i = 0; i < 3; ++i) {
        exchange.reconnect().expect_sent({resumed, "PUBLISH q1 dup id=1 topic=t payload=a",
                                          "PUBLISH q1 dup id=2 topic=t payload=b",
                                          "PUBLISH q1 dup id=3 topic=t payload=c"});
    }
}

BOOST_AUTO_TEST_CASE(nothing_is_sent_again_on_the_same_connection,
                     *label("MQTT5-4.4.0-1") * label("MQTT5-4.3.3-6")) {
    Exchange exchange;
    exchange.publish_qos_1("a");
    exchange.publish_qos_2("b");
    exchange.reader.take_sent();
    exchange.reader.receive(pubrec(2)).expect_sent("PUBREL id=2");
    exchange.world.advance(Seconds{3'600});
    exchange.reader.receive(pingreq()).expect_sent("PINGRESP");
    exchange.reader.block_socket().unblock_socket().expect_nothing_sent();
    exchange.reader.receive(subscribe("other", 1)).expect_sent("SUBACK id=1 [1]");
}

BOOST_AUTO_TEST_CASE(taking_over_sends_again_on_the_new_connection,
                     *label("MQTT5-4.4.0-1") * label("MQTT3-4.4.0-1")) {
    Exchange exchange;
    exchange.publish_qos_1("a");
    exchange.reader.take_sent();
    auto newer = exchange.world.client("newer");
    newer.receive(staying()).expect_sent({resumed, "PUBLISH q1 dup id=1 topic=t payload=a"});
    exchange.reader.expect_sent("DISCONNECT session_taken_over");
    newer.receive(puback(1));
    BOOST_TEST(exchange.world.count(Counter::messages_delivered) == 1U);
}

BOOST_AUTO_TEST_CASE(answers_on_a_connection_that_was_taken_over_do_not_count) {
    Exchange exchange;
    exchange.publish_qos_1("a");
    exchange.publish_qos_2("b");
    auto newer = exchange.world.client("newer");
    exchange.world.hold();
    newer.receive(staying());
    exchange.reader.receive(puback(1), pubrec(2));
    exchange.world.release();
    newer.expect_sent({resumed, "PUBLISH q1 dup id=1 topic=t payload=a",
                       "PUBLISH q2 dup id=2 topic=t payload=b"});
    BOOST_TEST(exchange.world.count(Counter::messages_delivered) == 0U);
}

BOOST_AUTO_TEST_CASE(clean_start_sends_nothing_again,
                     *label("MQTT5-3.1.2-4") * label("MQTT3-3.1.2-6")) {
    Exchange exchange;
    exchange.publish_qos_1("a");
    exchange.publish_qos_2("b");
    exchange.reader.lose_connection();
    exchange.publish_qos_1("c");
    exchange.reconnect(connect("reader")).expect_sent("CONNACK success");
    BOOST_TEST(exchange.world.count(DropReason::session_ended) == 3U);
}

BOOST_AUTO_TEST_CASE(session_goes_on_in_another_version) {
    Exchange exchange{v3_1_1};
    exchange.writer.receive(publish("t", "a").qos1().user_property("n", "v"));
    exchange.reader.expect_sent("PUBLISH q1 id=1 topic=t payload=a");
    exchange.reconnect(staying(), v5)
        .expect_sent({resumed, "PUBLISH q1 dup id=1 topic=t payload=a n:v"});
    exchange.reconnect(staying(), v3_1_1)
        .expect_sent({resumed, "PUBLISH q1 dup id=1 topic=t payload=a"});
}

BOOST_AUTO_TEST_CASE(qos_0_is_not_sent_again, *label("MQTT5-4.3.1-1") * label("MQTT3-4.3.1-1")) {
    Exchange exchange;
    exchange.publish_qos_0("a");
    exchange.publish_qos_1("b");
    exchange.reconnect().expect_sent({resumed, "PUBLISH q1 dup id=1 topic=t payload=b"});
}

// --- Within the limits of the new connection

BOOST_AUTO_TEST_CASE(send_quota_is_fresh_with_each_connection,
                     *label("MQTT5-4.9.0-1") * label("MQTT5-3.3.4-9")) {
    const ConnectPacket packet = staying().receive_maximum(2);
    Exchange exchange{v5, packet};
    for (const char* payload : {"a", "b", "c", "d"}) exchange.publish_qos_1(payload);
    exchange.reader.expect_sent(
        {"PUBLISH q1 id=1 topic=t payload=a", "PUBLISH q1 id=2 topic=t payload=b"});
    exchange.reconnect(packet).expect_sent({resumed, "PUBLISH q1 dup id=1 topic=t payload=a",
                                            "PUBLISH q1 dup id=2 topic=t payload=b"});
    exchange.reader.receive(puback(1)).expect_sent("PUBLISH q1 id=3 topic=t payload=c");
    exchange.reader.receive(puback(2)).expect_sent("PUBLISH q1 id=4 topic=t payload=d");
}

BOOST_AUTO_TEST_CASE(smaller_receive_maximum_holds_back_what_is_sent_again,
                     *label("MQTT5-3.3.4-9") * label("MQTT5-4.9.0-2") * label("MQTT5-4.6.0-1")) {
    Exchange exchange;
    exchange.publish_qos_1("a");
    exchange.publish_qos_2("b");
    exchange.publish_qos_1("c");
    exchange.reconnect(staying().receive_maximum(1))
        .expect_sent({resumed, "PUBLISH q1 dup id=1 topic=t payload=a"});
    exchange.publish_qos_1("d");
    exchange.reader.expect_nothing_sent();
    exchange.reader.receive(puback(1)).expect_sent("PUBLISH q2 dup id=2 topic=t payload=b");
    exchange.reader.receive(pubrec(2)).expect_sent("PUBREL id=2");
    exchange.reader.receive(pubcomp(2)).expect_sent("PUBLISH q1 dup id=3 topic=t payload=c");
    exchange.reader.receive(puback(3)).expect_sent("PUBLISH q1 id=4 topic=t payload=d");
}

BOOST_AUTO_TEST_CASE(messages_held_back_come_again_at_the_next_connection) {
    Exchange exchange;
    for (const char* payload : {"a", "b"}) exchange.publish_qos_1(payload);
    exchange.reconnect(staying().receive_maximum(1))
        .expect_sent({resumed, "PUBLISH q1 dup id=1 topic=t payload=a"});
    exchange.reconnect().expect_sent({resumed, "PUBLISH q1 dup id=1 topic=t payload=a",
                                      "PUBLISH q1 dup id=2 topic=t payload=b"});
}

BOOST_AUTO_TEST_CASE(pubrel_needs_no_quota, *label("MQTT5-4.9.0-2") * label("MQTT5-3.3.4-10")) {
    Exchange exchange;
    for (const char* payload : {"a", "b", "c"}) exchange.publish_qos_2(payload);
    exchange.reader.receive(pubrec(1), pubrec(2), pubrec(3));
    exchange.reader.lose_connection();
    exchange.publish_qos_1("d");
    exchange.reconnect(staying().receive_maximum(1))
        .expect_sent({resumed, "PUBREL id=1", "PUBREL id=2", "PUBREL id=3",
                      "PUBLISH q1 id=4 topic=t payload=d"});
    // PUBCOMP of an earlier connection's message gives no quota back.
    exchange.publish_qos_1("e");
    exchange.reader.receive(pubcomp(1)).expect_nothing_sent();
    exchange.reader.receive(puback(4)).expect_sent("PUBLISH q1 id=5 topic=t payload=e");
}

BOOST_AUTO_TEST_CASE(packet_too_large_for_the_new_connection_is_dropped,
                     *label("MQTT5-3.1.2-24") * label("MQTT5-3.1.2-25")) {
    Exchange exchange;
    exchange.publish_qos_1("a");
    exchange.publish_qos_1(std::string(100, 'x'));
    exchange.publish_qos_1("c");
    exchange.reconnect(staying().maximum_packet_size(50))
        .expect_sent({resumed, "PUBLISH q1 dup id=1 topic=t payload=a",
                      "PUBLISH q1 dup id=3 topic=t payload=c"});
    BOOST_TEST(exchange.world.count(DropReason::packet_too_large) == 1U);
    exchange.reconnect().expect_sent({resumed, "PUBLISH q1 dup id=1 topic=t payload=a",
                                      "PUBLISH q1 dup id=3 topic=t payload=c"});
}

BOOST_AUTO_TEST_CASE(full_socket_interrupts_what_is_sent_again) {
    Exchange exchange{v5, staying(), Limits{.outbound_buffer_bytes_max = 20}};
    for (const char* payload : {"a", "b", "c", "d"}) exchange.publish_qos_1(payload);
    exchange.reader.lose_connection();
    exchange.reader = exchange.world.client();
    exchange.reader.block_socket().receive(staying());
    exchange.publish_qos_1("e");
    BOOST_TEST(exchange.reader.connection().link().outbox.size() < 50U);
    exchange.reader.unblock_socket().expect_sent(
        {resumed, "PUBLISH q1 dup id=1 topic=t payload=a", "PUBLISH q1 dup id=2 topic=t payload=b",
         "PUBLISH q1 dup id=3 topic=t payload=c", "PUBLISH q1 dup id=4 topic=t payload=d",
         "PUBLISH q1 id=5 topic=t payload=e"});
}

BOOST_AUTO_TEST_CASE(every_identifier_in_use_is_sent_again) {
    // With 65,535 messages in flight none is free, which must not stop those that have theirs.
    const Limits limits{.outbound_inflight_max = 65'535, .outbound_buffer_bytes_max = unlimited};
    Exchange exchange{v5, staying(), limits};
    exchange.reader.block_socket();
    session::Actions& actions = exchange.world.enter(ShardIndex{0});
    for (int i = 0; i < 65'535; ++i) {
        exchange.world.router().publish(
            MessageParts{.topic = "t", .payload = {}, .properties = {}, .qos = QoS::at_least_once},
            actions);
    }
    BOOST_TEST(exchange.world.totals().inflight_messages == 65'535U);
    exchange.publish_qos_1("waits");
    exchange.reader.lose_connection();
    exchange.reader = exchange.world.client();
    exchange.reader.block_socket().receive(staying());
    BOOST_TEST(exchange.world.count(Counter::messages_redelivered) == 65'535U);
    BOOST_TEST(exchange.world.totals().queued_messages == 1U);
    exchange.reader.receive(puback(9));
    BOOST_TEST(exchange.world.totals().queued_messages == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
