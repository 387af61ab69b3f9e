// Message Expiry Interval (MQTT 5 section 3.3.2.3.3) and the age limit of what waits.

#include "support/connection_script.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;

namespace {

constexpr std::string_view resumed = "CONNACK session_present success";

ConnectPacket staying(std::string client_id) {
    return connect(std::move(client_id)).clean_start(false).session_expiry(100'000);
}

struct Exchange {
    explicit Exchange(const Limits& limits = {}, const ConnectPacket& packet = staying("reader"))
        : world(limits),
          reader(world.connected(packet)),
          writer(world.connected(connect("writer"))) {
        reader.receive(subscribe("t", 2)).take_sent();
    }
    ConnectionScript& reconnect(codec::ProtocolVersion version = v5) {
        reader.lose_connection();
        reader = world.client("reader", version);
        return reader.receive(staying("reader"));
    }

    World world;
    ConnectionScript reader;
    ConnectionScript writer;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(message_expiry)

BOOST_AUTO_TEST_CASE(message_sent_at_once_keeps_its_interval, *label("MQTT5-3.3.2-6")) {
    Exchange exchange;
    exchange.writer.receive(publish("t", "a").expiry(10),
                            publish("t", "b").qos1().expiry(0xFFFFFFFF));
    exchange.reader.expect_sent({"PUBLISH q0 topic=t payload=a expiry=10",
                                 "PUBLISH q1 id=1 topic=t payload=b expiry=4294967295"});
}

BOOST_AUTO_TEST_CASE(time_spent_waiting_is_taken_off, *label("MQTT5-3.3.2-6")) {
    Exchange exchange;
    exchange.reader.lose_connection();
    exchange.writer.receive(publish("t", "a").qos1().expiry(10), publish("t", "b").qos1());
    exchange.world.advance(Seconds{4});
    exchange.reconnect().expect_sent({resumed, "PUBLISH q1 id=1 topic=t payload=a expiry=6",
                                      "PUBLISH q1 id=2 topic=t payload=b"});
}

BOOST_AUTO_TEST_CASE(expired_message_is_deleted_from_the_queue, *label("MQTT5-3.3.2-5")) {
    Exchange exchange;
    exchange.reader.lose_connection();
    exchange.writer.receive(publish("t", "a").qos1().expiry(10), publish("t", "b").qos2().expiry(5),
                            pubrel(1), publish("t", "c").qos1());
    exchange.world.advance(Milliseconds{9'999});
    BOOST_TEST(exchange.world.count(DropReason::expired) == 1U);
    BOOST_TEST(exchange.world.totals().queued_messages == 2U);
    exchange.world.advance(Milliseconds{1});
    BOOST_TEST(exchange.world.count(DropReason::expired) == 2U);
    exchange.reconnect().expect_sent({resumed, "PUBLISH q1 id=1 topic=t payload=c"});
}

BOOST_AUTO_TEST_CASE(expired_message_is_not_sent_even_if_it_was_not_deleted_yet,
                     *label("MQTT5-3.3.2-5")) {
    Exchange exchange;
    exchange.reader.lose_connection();
    exchange.writer.receive(publish("t", "a").qos1().expiry(10));
    exchange.world.now += Seconds{10};  // without a tick: nothing was swept
    exchange.reconnect().expect_sent(resumed);
    BOOST_TEST(exchange.world.count(DropReason::expired) == 1U);
}

BOOST_AUTO_TEST_CASE(last_instant_before_expiry_still_counts,
                     *label("MQTT5-3.3.2-5") * label("MQTT5-3.3.2-6")) {
    Exchange exchange;
    exchange.reader.lose_connection();
    exchange.writer.receive(publish("t", "a").qos1().expiry(10));
    exchange.world.advance(Milliseconds{9'999});
    exchange.reconnect().expect_sent({resumed, "PUBLISH q1 id=1 topic=t payload=a expiry=1"});
}

BOOST_AUTO_TEST_CASE(message_held_back_by_quota_expires_too, *label("MQTT5-3.3.2-5")) {
    Exchange exchange{Limits{}, staying("reader").receive_maximum(1)};
    exchange.writer.receive(publish("t", "a").qos1(), publish("t", "b").qos1().expiry(2),
                            publish("t", "c").qos1());
    exchange.reader.expect_sent("PUBLISH q1 id=1 topic=t payload=a");
    exchange.world.advance(Seconds{2});
    exchange.reader.receive(puback(1)).expect_sent("PUBLISH q1 id=2 topic=t payload=c");
    BOOST_TEST(exchange.world.count(DropReason::expired) == 1U);
}

BOOST_AUTO_TEST_CASE(message_held_back_by_a_full_socket_expires_too, *label("MQTT5-3.3.2-5")) {
    Exchange exchange{Limits{.outbound_buffer_bytes_max = 1}};
    exchange.reader.block_socket();
    exchange.writer.receive(publish("t", "a").expiry(2), publish("t", "b").expiry(2),
                            publish("t", "c").expiry(9));
    exchange.world.advance(Seconds{3});
    // The first had begun its way.
    exchange.reader.unblock_socket().expect_sent(
        {"PUBLISH q0 topic=t payload=a expiry=2", "PUBLISH q0 topic=t payload=c expiry=6"});
}

BOOST_AUTO_TEST_CASE(message_once_sent_does_not_expire, *label("MQTT5-4.3.3-7")) {
    Exchange exchange;
    exchange.writer.receive(publish("t", "a").qos2().expiry(2), pubrel(1),
                            publish("t", "b").qos1().expiry(2));
    exchange.reader.take_sent();
    exchange.world.advance(Seconds{60});
    exchange.reconnect().expect_sent({resumed, "PUBLISH q2 dup id=1 topic=t payload=a expiry=0",
                                      "PUBLISH q1 dup id=2 topic=t payload=b expiry=0"});
    exchange.reader.receive(pubrec(1)).expect_sent("PUBREL id=1");
    exchange.reader.receive(pubcomp(1), puback(2));
    BOOST_TEST(exchange.world.count(Counter::messages_delivered) == 2U);
}

BOOST_AUTO_TEST_CASE(messages_for_older_clients_expire_without_saying_so, *label("MQTT5-3.3.2-5")) {
    Exchange exchange;
    exchange.reader.lose_connection();
    exchange.writer.receive(publish("t", "a").qos1().expiry(2), publish("t", "b").qos1().expiry(9));
    exchange.world.advance(Seconds{3});
    exchange.reconnect(v3_1_1).expect_sent({resumed, "PUBLISH q1 id=1 topic=t payload=b"});
}

BOOST_AUTO_TEST_CASE(messages_of_older_clients_never_expire) {
    World world;
    auto reader = world.connected(staying("reader"));
    reader.receive(subscribe("t", 1)).lose_connection();
    auto writer = world.connected(connect("writer"), v3_1_1);
    writer.receive(publish("t", "a").qos1());
    world.advance(Seconds{90'000});
    auto back = world.client("reader");
    back.receive(staying("reader")).expect_sent({resumed, "PUBLISH q1 id=1 topic=t payload=a"});
}

BOOST_AUTO_TEST_CASE(interval_0_expires_at_once, *label("MQTT5-3.3.2-5")) {
    Exchange exchange;
    exchange.writer.receive(publish("t", "a").qos1().expiry(0)).expect_sent("PUBACK id=1");
    exchange.reader.expect_nothing_sent();
    BOOST_TEST(exchange.world.count(DropReason::expired) == 1U);
}

BOOST_AUTO_TEST_CASE(retained_message_is_sent_with_the_time_that_remains, *label("MQTT5-3.3.2-6")) {
    World world;
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "a").retain().expiry(10));
    world.advance(Seconds{4});
    auto reader = world.connected(connect("reader"));
    reader.receive(subscribe("t", 1))
        .expect_sent({"SUBACK id=1 [1]", "PUBLISH q0 retain topic=t payload=a expiry=6"});
}

BOOST_AUTO_TEST_CASE(expired_retained_message_is_gone, *label("MQTT5-3.3.2-5")) {
    for (const bool is_swept : {true, false}) {
        World world;
        auto writer = world.connected(connect("writer"));
        writer.receive(publish("t/1", "a").retain().expiry(10), publish("t/2", "b").retain());
        if (is_swept) world.advance(Seconds{10});
        if (!is_swept) world.now += Seconds{10};
        auto reader = world.connected(connect("reader"));
        reader.receive(subscribe("t/1", 0).also("t/#", 0))
            .expect_sent({"SUBACK id=1 [0,0]", "PUBLISH q0 retain topic=t/2 payload=b"});
        BOOST_TEST(world.router().retained().count() == (is_swept ? 1U : 2U));
    }
}

BOOST_AUTO_TEST_CASE(message_that_waits_longer_than_the_limit_is_dropped) {
    Exchange exchange{Limits{.queue_age_max = Seconds{60}}};
    exchange.reader.lose_connection();
    exchange.writer.receive(publish("t", "a").qos1());
    exchange.world.advance(Seconds{30});
    exchange.writer.receive(publish("t", "b").qos1());
    exchange.world.advance(Milliseconds{29'999});
    BOOST_TEST(exchange.world.dropped() == 0U);
    exchange.world.advance(Milliseconds{1});
    BOOST_TEST(exchange.world.count(DropReason::queue_age) == 1U);
    BOOST_TEST(exchange.world.events.last("message_dropped").reason == "queue_age");
    exchange.reconnect().expect_sent({resumed, "PUBLISH q1 id=1 topic=t payload=b"});
}

BOOST_AUTO_TEST_SUITE_END()
