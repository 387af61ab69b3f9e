// The life of Session State: it outlives connections, is resumed, started clean, and expires. MQTT 5
// sections 3.1.2.4, 3.1.2.11.2, 4.1; MQTT 3.1.1 sections 3.1.2.4, 4.1.

#include "support/connection_script.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;

namespace {

ConnectPacket lasting(std::uint32_t seconds = 60) {
    return connect("a").clean_start(false).session_expiry(seconds);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(session)

// --- Expiry

BOOST_AUTO_TEST_CASE(a_session_ends_when_its_expiry_has_passed_and_not_before,
                     *label("MQTT5-3.1.2-23") * label("MQTT5-4.1.0-2")) {
    World world;
    auto client = world.connected(lasting(60));
    client.receive(subscribe("t", 1)).take_sent();
    world.advance(Seconds{10});
    client.lose_connection();
    BOOST_TEST((world.next_deadline() == world.now + Seconds{60}));
    world.advance(Milliseconds{59'999});
    BOOST_TEST(world.totals().sessions == 1U);
    world.advance(Milliseconds{1});
    BOOST_TEST(world.totals().sessions == 0U);
    BOOST_TEST(world.count(Counter::sessions_ended) == 1U);
    BOOST_TEST(world.count(Counter::subscriptions_removed) == 1U);
    BOOST_TEST((world.next_deadline() == never));
}

BOOST_AUTO_TEST_CASE(a_session_of_expiry_0_ends_with_its_connection,
                     *label("MQTT5-3.1.2-23") * label("MQTT5-4.1.0-2") * label("MQTT3-3.1.2-6")) {
    for (const auto version : {v3_1, v3_1_1, v5}) {
        World world;
        auto client = world.connected(connect("a"), version);
        client.receive(subscribe("t", 1)).take_sent();
        client.lose_connection();
        BOOST_TEST(world.totals().sessions == 0U);
        auto again = world.client("again", version);
        again.receive(connect("a").clean_start(false)).expect_sent("CONNACK success");
    }
}

BOOST_AUTO_TEST_CASE(a_session_lasts_as_long_as_its_connection_whatever_its_expiry,
                     *label("MQTT5-4.1.0-1") * label("MQTT3-4.1.0-1") * label("MQTT3-4.1.0-2")) {
    for (const auto version : {v3_1_1, v5}) {
        World world{{.session_expiry_max = Seconds{60}}};
        auto client = world.connected(connect("a").session_expiry(1), version);
        client.receive(subscribe("t", 1)).take_sent();
        world.advance(std::chrono::hours{1'000});
        client.receive(publish("t", "x").qos1())
            .expect_sent({"PUBLISH q1 id=1 topic=t payload=x", "PUBACK id=1"});
    }
}

BOOST_AUTO_TEST_CASE(a_session_of_3_1_1_that_is_not_clean_lasts_for_the_servers_maximum,
                     *label("MQTT3-3.1.2-4") * label("MQTT3-4.1.0-1")) {
    for (const auto version : {v3_1, v3_1_1}) {
        World world{{.session_expiry_max = Seconds{3'600}}};
        auto client = world.connected(connect("a").clean_start(false), version);
        client.receive(disconnect());
        world.advance(Seconds{3'599});
        BOOST_TEST(world.totals().sessions == 1U);
        world.advance(Seconds{1});
        BOOST_TEST(world.totals().sessions == 0U);
    }
}

BOOST_AUTO_TEST_CASE(an_expired_session_is_not_resumed_even_if_nothing_has_swept_it,
                     *label("MQTT5-4.1.0-2")) {
    World world;
    auto client = world.connected(lasting(60));
    client.lose_connection();
    world.now += Seconds{60};  // without any deadline being met
    auto again = world.client("again");
    again.receive(lasting()).expect_sent("CONNACK success");
    BOOST_TEST(world.count(Counter::sessions_created) == 2U);
    BOOST_TEST(world.count(Counter::sessions_ended) == 1U);
    world.advance(Seconds{600});
    again.expect_open();
}

BOOST_AUTO_TEST_CASE(each_connect_sets_the_expiry_anew) {
    World world;
    auto first = world.connected(lasting(600));
    first.lose_connection();
    auto second = world.connected(lasting(10));
    second.lose_connection();
    world.advance(Seconds{10});
    BOOST_TEST(world.totals().sessions == 0U);
    auto third = world.connected(lasting(10));
    third.lose_connection();
    auto fourth = world.connected(connect("a").clean_start(false));  // expiry 0
    fourth.lose_connection();
    BOOST_TEST(world.totals().sessions == 0U);
}

// --- Resuming

BOOST_AUTO_TEST_CASE(a_resumed_session_has_its_subscriptions_and_what_was_queued,
                     *label("MQTT5-3.1.2-5") * label("MQTT3-3.1.2-4") * label("MQTT3-3.1.2-5") *
                         label("MQTT5-4.5.0-1") * label("MQTT3-4.5.0-1")) {
    for (const auto version : {v3_1, v3_1_1, v5}) {
        World world;
        auto client = world.connected(lasting(), version);
        client.receive(subscribe("t/+", 2)).take_sent();
        client.lose_connection();
        auto sender = world.connected(connect("sender"));
        sender.receive(publish("t/1", "one").qos1(1), publish("t/2", "two").qos2(2),
                       publish("t/3", "three").qos1(3), publish("other", "no").qos1(4));
        auto again = world.client("again", version);
        again.receive(lasting());
        const std::string connack =
            version == v3_1 ? "CONNACK success" : "CONNACK session_present success";
        again.expect_sent({connack, "PUBLISH q1 id=1 topic=t/1 payload=one",
                           "PUBLISH q2 id=2 topic=t/2 payload=two",
                           "PUBLISH q1 id=3 topic=t/3 payload=three"});
        sender.receive(publish("t/4", "live").qos1(5));
        again.expect_sent("PUBLISH q1 id=4 topic=t/4 payload=live");
    }
}

BOOST_AUTO_TEST_CASE(qos_0_is_not_kept_for_who_is_away) {
    World world;
    auto client = world.connected(lasting());
    client.receive(subscribe("t", 2)).take_sent();
    client.lose_connection();
    auto sender = world.connected(connect("sender"));
    sender.receive(publish("t", "zero"), publish("t", "one").qos1(1));
    BOOST_TEST(world.count(DropReason::offline_qos_0) == 1U);
    auto again = world.client("again");
    again.receive(lasting()).expect_sent(
        {"CONNACK session_present success", "PUBLISH q1 id=1 topic=t payload=one"});
}

BOOST_AUTO_TEST_CASE(a_clean_start_discards_what_the_session_had,
                     *label("MQTT5-3.1.2-4") * label("MQTT3-3.1.2-6")) {
    for (const auto version : {v3_1_1, v5}) {
        World world;
        auto client = world.connected(lasting(), version);
        client.receive(subscribe("t", 2), publish("x", "y").qos2(7)).take_sent();
        client.lose_connection();
        auto sender = world.connected(connect("sender"));
        sender.receive(publish("t", "queued").qos1(1));
        auto again = world.client("again", version);
        again.receive(connect("a")).expect_sent("CONNACK success");
        sender.receive(publish("t", "later").qos1(2));
        again.expect_nothing_sent();
        // The identifier of the unfinished QoS 2 exchange is new again.
        again.receive(publish("nobody", "y").qos2(7).dup(), pubrel(7), pubrel(7));
        const std::vector<std::string> answers = again.take_sent();
        BOOST_TEST_REQUIRE(answers.size() == 3U);
        BOOST_TEST(answers[1] == "PUBCOMP id=7");
        BOOST_TEST(world.count(DropReason::session_ended) == 1U);
        BOOST_TEST(world.totals().sessions == 2U);
    }
}

BOOST_AUTO_TEST_CASE(retained_messages_stay_when_the_session_that_published_them_ends,
                     *label("MQTT3-3.1.2-7")) {
    for (const auto version : {v3_1_1, v5}) {
        World world;
        auto client = world.connected(connect("a"), version);
        client.receive(publish("t", "stays").retain()).lose_connection();
        BOOST_TEST(world.totals().sessions == 0U);
        auto later = world.connected(connect("b"), version);
        later.receive(subscribe("t", 0))
            .expect_sent({"SUBACK id=1 [0]", "PUBLISH q0 retain topic=t payload=stays"});
    }
}

BOOST_AUTO_TEST_CASE(an_unfinished_qos_2_exchange_of_the_client_is_finished_after_a_reconnect,
                     *label("MQTT5-4.3.3-10") * label("MQTT3-4.3.3-2")) {
    World world;
    auto watcher = world.connected(connect("watcher"));
    watcher.receive(subscribe("t", 2)).take_sent();
    auto client = world.connected(lasting());
    client.receive(publish("t", "once").qos2(7)).expect_sent("PUBREC id=7");
    client.lose_connection();
    auto again = world.connected(lasting());
    again.receive(publish("t", "once").qos2(7).dup()).expect_sent("PUBREC id=7");
    again.receive(pubrel(7)).expect_sent("PUBCOMP id=7");
    again.receive(pubrel(7)).expect_sent("PUBCOMP id=7 packet_identifier_not_found");
    watcher.expect_sent("PUBLISH q2 id=1 topic=t payload=once");
}

// --- Counting

BOOST_AUTO_TEST_CASE(the_totals_tell_what_sessions_hold) {
    World world;
    auto client = world.connected(lasting().receive_maximum(2));
    auto sender = world.connected(connect("sender"));
    client.receive(subscribe("t", 2)).take_sent();
    sender.receive(publish("t", "1").qos1(1), publish("t", "2").qos2(2), publish("t", "3").qos1(3),
                   publish("t", "4").qos1(4));
    holdfast::session::SessionTotals totals = world.totals();
    BOOST_TEST(totals.sessions == 2U);
    BOOST_TEST(totals.connected == 2U);
    BOOST_TEST(totals.inflight_messages == 2U);
    BOOST_TEST(totals.queued_messages == 2U);
    const std::size_t footprint = sizeof(ApplicationMessage) + 2;
    BOOST_TEST(totals.queued_bytes == 2 * footprint);

    client.receive(pubrec(2));  // with the client, but not settled
    BOOST_TEST(world.totals().inflight_messages == 1U);
    client.receive(puback(1));
    totals = world.totals();
    BOOST_TEST(totals.inflight_messages == 1U);
    BOOST_TEST(totals.queued_messages == 1U);
    client.lose_connection();
    totals = world.totals();
    BOOST_TEST(totals.connected == 1U);
    BOOST_TEST(totals.queued_messages == 1U);
    BOOST_TEST(totals.queued_bytes == footprint);
    world.advance(Seconds{60});
    totals = world.totals();
    BOOST_TEST(totals.queued_messages == 0U);
    BOOST_TEST(totals.queued_bytes == 0U);
    BOOST_TEST(world.count(DropReason::session_ended) == 2U);
    BOOST_TEST(world.count(Counter::messages_delivered) == 2U);
    BOOST_TEST(world.count(Counter::messages_accepted) == 4U);
}

BOOST_AUTO_TEST_CASE(a_shared_message_that_nobody_can_take_over_is_dropped_once) {
    World world;
    auto member = world.connected(lasting().receive_maximum(1));
    member.receive(subscribe("$share/g/t", 1)).take_sent();
    auto sender = world.connected(connect("sender"));
    sender.receive(publish("t", "1").qos1(1), publish("t", "2").qos1(2));
    member.lose_connection();
    world.advance(Seconds{60});
    BOOST_TEST(world.dropped() == 2U);
    BOOST_TEST(world.count(DropReason::session_ended) == 2U);
    BOOST_TEST(world.count(Counter::messages_moved) == 0U);
    BOOST_TEST(world.events.last("message_dropped").count == 2U);
}

BOOST_AUTO_TEST_CASE(opening_and_closing_are_counted_and_told) {
    World world;
    auto client = world.connected(connect("pump-7"));
    const RecordedEvent opened = world.events.last("connection_opened");
    BOOST_TEST(opened.client_id == "pump-7");
    client.receive(disconnect());
    BOOST_TEST(world.count(Counter::connections_opened) == 1U);
    BOOST_TEST(world.count(Counter::connections_closed) == 1U);
    BOOST_TEST(world.count(Counter::sessions_created) == 1U);
    BOOST_TEST(world.count(Counter::sessions_ended) == 1U);
    BOOST_TEST(world.count(CloseReason::client_disconnected) == 1U);
    BOOST_TEST(world.count(Counter::packets_received) == 2U);
    BOOST_TEST(world.count(Counter::packets_sent) == 1U);
    BOOST_TEST(world.count(Counter::bytes_sent) == client.connection().sent_bytes);
}

BOOST_AUTO_TEST_SUITE_END()
