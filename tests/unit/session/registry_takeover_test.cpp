// Takeover: a second connection with the same client identifier. MQTT 5 section 3.1.4, MQTT 3.1.1
// section 3.1.4. What becomes of the will is in will_test.cpp.

#include "store/memory_store.hpp"
#include "support/connection_script.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;
namespace data = boost::unit_test::data;

namespace {

/// The old connection is on shard 0, the new one on either.
constexpr std::size_t new_shards[] = {0, 1};

ConnectPacket resuming() { return connect("a").clean_start(false).session_expiry(60); }

}  // namespace

BOOST_AUTO_TEST_SUITE(registry_takeover)

BOOST_TEST_DECORATOR(*label("MQTT5-3.1.4-3") * label("MQTT5-4.13.2-1"))
BOOST_DATA_TEST_CASE(the_older_connection_is_told_and_closed, data::make(new_shards), shard) {
    World world{{}, 2};
    auto older = world.connected(resuming());
    auto newer = world.client("newer", v5, shard);
    newer.receive(resuming()).expect_sent("CONNACK session_present success");
    older.expect_sent("DISCONNECT session_taken_over")
        .expect_closed(CloseReason::session_taken_over);
    newer.receive(pingreq()).expect_sent("PINGRESP");
    BOOST_TEST(world.totals().sessions == 1U);
    BOOST_TEST(world.totals().connected == 1U);
    BOOST_TEST(world.count(CloseReason::session_taken_over) == 1U);
    BOOST_TEST(world.events.last("connection_closed").clause == "MQTT5-3.1.4-3");
}

BOOST_TEST_DECORATOR(*label("MQTT3-3.1.4-2"))
BOOST_DATA_TEST_CASE(an_older_connection_of_3_1_1_is_closed, data::make(new_shards), shard) {
    World world{{}, 2};
    auto older = world.connected(connect("a").clean_start(false), v3_1_1);
    auto newer = world.client("newer", v3_1_1, shard);
    newer.receive(connect("a").clean_start(false)).expect_sent("CONNACK session_present success");
    older.expect_nothing_sent().expect_closed(CloseReason::session_taken_over);
    newer.expect_open();
}

BOOST_TEST_DECORATOR(*label("MQTT5-3.1.2-5") * label("MQTT3-3.1.2-4"))
BOOST_DATA_TEST_CASE(the_newer_connection_gets_what_the_older_was_subscribed_to,
                     data::make(new_shards), shard) {
    World world{{}, 2};
    auto older = world.connected(resuming());
    older.receive(subscribe("t", 1)).take_sent();
    auto newer = world.connected(resuming(), v5, shard);
    auto sender = world.connected(connect("sender"));
    sender.receive(publish("t", "x").qos1());
    newer.expect_sent("PUBLISH q1 id=1 topic=t payload=x");
    older.expect_sent("DISCONNECT session_taken_over");
}

BOOST_TEST_DECORATOR(*label("MQTT5-3.1.2-4") * label("MQTT3-3.1.2-6") * label("MQTT5-3.2.2-2"))
BOOST_DATA_TEST_CASE(a_clean_start_ends_the_session_of_the_older_connection, data::make(new_shards),
                     shard) {
    for (const auto version : {v3_1_1, v5}) {
        World world{{}, 2};
        auto older = world.connected(resuming().receive_maximum(1), version);
        older.receive(subscribe("t", 1)).take_sent();
        auto sender = world.connected(connect("sender"));
        sender.receive(publish("t", "in flight").qos1(), publish("t", "waiting").qos1(2));
        older.take_sent();
        auto newer = world.client("newer", version, shard);
        newer.receive(connect("a").clean_start(true)).expect_sent("CONNACK success");
        older.expect_closed(CloseReason::session_taken_over);
        sender.receive(publish("t", "later").qos1());
        newer.expect_nothing_sent();
        BOOST_TEST(world.count(DropReason::session_ended) == 2U);
        BOOST_TEST(world.count(Counter::sessions_ended) == 1U);
        BOOST_TEST(world.count(Counter::subscriptions_removed) == 1U);
    }
}

// A session of expiry 0 ends when its connection is closed, and a takeover closes it.
BOOST_TEST_DECORATOR(*label("MQTT3-3.1.2-6") * label("MQTT5-4.1.0-2"))
BOOST_DATA_TEST_CASE(a_session_that_ends_with_its_connection_is_not_taken_over,
                     data::make(new_shards), shard) {
    for (const auto version : {v3_1, v3_1_1, v5}) {
        World world{{}, 2};
        auto older = world.connected(connect("a").clean_start(true), version);
        older.receive(subscribe("t", 1)).take_sent();
        auto newer = world.client("newer", version, shard);
        newer.receive(connect("a").clean_start(false)).expect_sent("CONNACK success");
        older.expect_closed(CloseReason::session_taken_over);
        auto sender = world.connected(connect("sender"));
        sender.receive(publish("t", "x").qos1());
        newer.expect_nothing_sent();
        BOOST_TEST(world.count(Counter::sessions_ended) == 1U);
    }
}

BOOST_TEST_DECORATOR(*label("MQTT5-4.4.0-1") * label("MQTT3-4.4.0-1") * label("MQTT5-4.6.0-1") *
                     label("MQTT3-4.6.0-1") * label("MQTT5-3.3.1-1") * label("MQTT3-3.3.1-1"))
BOOST_DATA_TEST_CASE(what_the_older_connection_had_in_flight_comes_first_in_order_with_dup,
                     data::make(new_shards), shard) {
    World world{{}, 2};
    auto older = world.connected(resuming().receive_maximum(3));
    older.receive(subscribe("#", 2)).take_sent();
    auto sender = world.connected(connect("sender"));
    sender.receive(publish("t", "1").qos1(1), publish("t", "2").qos2(2), publish("t", "3").qos2(3),
                   publish("t", "4").qos1(4));
    older.receive(pubrec(2)).take_sent();
    auto newer = world.client("newer", v5, shard);
    newer.receive(resuming());
    newer.expect_sent({"CONNACK session_present success", "PUBLISH q1 dup id=1 topic=t payload=1",
                       "PUBREL id=2", "PUBLISH q2 dup id=3 topic=t payload=3",
                       "PUBLISH q1 id=4 topic=t payload=4"});
}

// --- The older connection still speaks: its shard has not yet heard of the takeover

BOOST_DATA_TEST_CASE(late_acknowledgements_of_the_older_connection_change_nothing,
                     data::make(new_shards), shard) {
    World world{{}, 2};
    auto older = world.connected(resuming());
    older.receive(subscribe("t", 2), publish("own", "x").qos2(50)).take_sent();
    auto sender = world.connected(connect("sender"));
    sender.receive(publish("t", "1").qos1(1), publish("t", "2").qos2(2));
    older.take_sent();
    auto newer = world.client("newer", v5, shard);
    world.hold();
    newer.receive(resuming());
    older.receive(puback(1), pubrec(2), pubcomp(2), pubrel(50));
    world.release();
    older.expect_sent("DISCONNECT session_taken_over");
    newer.expect_sent({"CONNACK session_present success", "PUBLISH q1 dup id=1 topic=t payload=1",
                       "PUBLISH q2 dup id=2 topic=t payload=2"});
    newer.receive(puback(1), pubrec(2)).expect_sent("PUBREL id=2");
    newer.receive(pubcomp(2), pubrel(50)).expect_sent("PUBCOMP id=50");
    BOOST_TEST(world.totals().inflight_messages == 0U);
}

BOOST_DATA_TEST_CASE(a_late_disconnect_of_the_older_connection_changes_nothing,
                     data::make(new_shards), shard) {
    World world{{}, 2};
    auto watcher = world.connected(connect("watcher"));
    watcher.receive(subscribe("will", 0)).take_sent();
    auto older = world.connected(resuming());
    auto newer = world.client("newer", v5, shard);
    world.hold();
    newer.receive(resuming().will("will", "newer's"));
    older.receive(disconnect().session_expiry(0));
    world.release();
    newer.expect_sent("CONNACK session_present success").expect_open();
    BOOST_TEST((world.find("a") != nullptr));
    newer.lose_connection();
    watcher.expect_sent("PUBLISH q0 topic=will payload=newer's");
}

BOOST_TEST_DECORATOR(*label("MQTT5-3.14.4-3") * label("MQTT3-3.14.4-3"))
BOOST_DATA_TEST_CASE(a_late_disconnect_of_the_older_connection_decides_about_its_will,
                     data::make(new_shards), shard) {
    for (const bool clean_start : {false, true}) {
        for (const auto reason : {ReasonCode::success, ReasonCode::disconnect_with_will_message}) {
            World world{{}, 2};
            auto watcher = world.connected(connect("watcher"));
            watcher.receive(subscribe("will", 0)).take_sent();
            auto older = world.connected(resuming().will("will", "older's"));
            auto newer = world.client("newer", v5, shard);
            world.hold();
            newer.receive(resuming().clean_start(clean_start));
            older.receive(disconnect(reason));
            world.release();
            older.expect_closed(CloseReason::client_disconnected);
            const bool is_due = reason != ReasonCode::success;
            BOOST_TEST(watcher.take_sent().size() == (is_due ? 1U : 0U));
            BOOST_TEST(world.count(Counter::wills_published) == (is_due ? 1U : 0U));
            newer.expect_open();
        }
    }
}

BOOST_DATA_TEST_CASE(the_late_end_of_the_older_connection_changes_nothing, data::make(new_shards),
                     shard) {
    World world{{}, 2};
    auto older = world.connected(resuming().keep_alive(10));
    auto newer = world.client("newer", v5, shard);
    world.hold();
    newer.receive(resuming());
    older.lose_connection();
    world.release();
    newer.expect_sent("CONNACK session_present success").expect_open();
    older.expect_nothing_sent().expect_closed(CloseReason::connection_lost);
    world.advance(Seconds{120});
    newer.receive(pingreq()).expect_sent("PINGRESP");
}

BOOST_DATA_TEST_CASE(a_late_subscribe_after_a_clean_start_is_refused, data::make(new_shards),
                     shard) {
    World world{{}, 2};
    auto older = world.connected(resuming());
    auto newer = world.client("newer", v5, shard);
    world.hold();
    newer.receive(connect("a"));
    older.receive(subscribe("t", 1).id(9), unsubscribe("t").id(10));
    world.release();
    newer.expect_sent("CONNACK success");
    auto sender = world.connected(connect("sender"));
    sender.receive(publish("t", "x").qos1(1)).expect_sent("PUBACK id=1 no_matching_subscribers");
    newer.expect_nothing_sent();
    const std::vector<std::string> last_words = older.take_sent();
    BOOST_TEST(last_words.back() == "DISCONNECT session_taken_over");
    BOOST_TEST(last_words.front() == "SUBACK id=9 [unspecified_error]");
}

BOOST_DATA_TEST_CASE(a_late_publication_is_taken_as_sent_before, data::make(new_shards), shard) {
    World world{{}, 2};
    auto watcher = world.connected(connect("watcher"));
    watcher.receive(subscribe("t", 0)).take_sent();
    auto older = world.connected(resuming());
    auto newer = world.client("newer", v5, shard);
    world.hold();
    newer.receive(resuming());
    older.receive(publish("t", "late").qos1(1));
    // QoS 2 state is the newer connection's by now: no answer, so the client sends it again there.
    older.receive(publish("t", "late").qos2(2));
    world.release();
    older.expect_sent({"PUBACK id=1", "DISCONNECT session_taken_over"});
    watcher.expect_sent("PUBLISH q0 topic=t payload=late");
    newer.take_sent();
    newer.receive(publish("t", "again").qos2(2).dup()).expect_sent("PUBREC id=2");
    watcher.expect_sent("PUBLISH q0 topic=t payload=again");
}

BOOST_TEST_DECORATOR(*label("MQTT5-3.14.4-1"))
BOOST_DATA_TEST_CASE(an_answer_that_waits_for_the_store_does_not_follow_the_disconnect,
                     data::make(new_shards), shard) {
    store::MemoryStore store;
    World world{{}, 2, "", &store};
    auto older = world.connected(resuming());
    auto newer = world.client("newer", v5, shard);
    world.make_store_slow();
    older.receive(publish("t", "kept").qos1().retain()).expect_nothing_sent();
    newer.receive(resuming());
    older.expect_sent("DISCONNECT session_taken_over");
    world.complete_commits();
    older.expect_nothing_sent();
    newer.expect_sent("CONNACK session_present success");
}

// --- Odd circumstances

BOOST_DATA_TEST_CASE(an_older_connection_that_reads_nothing_delays_nobody, data::make(new_shards),
                     shard) {
    World world{{}, 2};
    auto older = world.connected(resuming());
    older.receive(subscribe("t", 1)).take_sent();
    older.block_socket();
    auto sender = world.connected(connect("sender"));
    sender.receive(publish("t", "x").qos1());
    auto newer = world.client("newer", v5, shard);
    newer.receive(resuming())
        .expect_sent({"CONNACK session_present success", "PUBLISH q1 dup id=1 topic=t payload=x"});
    older.expect_open();
    world.advance(Seconds{2});
    older.expect_nothing_sent().expect_closed(CloseReason::session_taken_over);
}

BOOST_DATA_TEST_CASE(qos_0_left_with_the_older_connection_is_counted_as_lost,
                     data::make(new_shards), shard) {
    World world{{}, 2};
    auto older = world.connected(resuming());
    older.receive(subscribe("t", 0)).take_sent();
    older.block_socket();
    auto sender = world.connected(connect("sender"));
    sender.receive(publish("t", "x"), publish("t", "y"));
    auto newer = world.connected(resuming(), v5, shard);
    world.advance(Seconds{2});
    BOOST_TEST(world.count(DropReason::connection_lost) == 2U);
    BOOST_TEST(world.events.last("message_dropped").reason == "connection_lost");
    BOOST_TEST(world.events.last("message_dropped").count == 2U);
    newer.expect_nothing_sent();
}

BOOST_DATA_TEST_CASE(many_takeovers_at_once_leave_the_last, data::make(new_shards), shard) {
    World world{{}, 2};
    auto first = world.client("first", v5, 0);
    auto second = world.client("second", v5, shard);
    auto third = world.client("third", v5, 0);
    world.hold();
    first.receive(resuming());
    second.receive(resuming());
    third.receive(resuming());
    world.release();
    first.expect_sent({"CONNACK success", "DISCONNECT session_taken_over"});
    second.expect_sent({"CONNACK session_present success", "DISCONNECT session_taken_over"});
    third.expect_sent("CONNACK session_present success").expect_open();
    first.expect_closed(CloseReason::session_taken_over);
    second.expect_closed(CloseReason::session_taken_over);
    BOOST_TEST(world.totals().connected == 1U);
}

BOOST_AUTO_TEST_CASE(a_session_goes_on_in_another_version, *label("MQTT5-3.1.2-5")) {
    World world;
    auto older = world.connected(connect("a").clean_start(false), v3_1_1);
    older.receive(subscribe("t", 1)).take_sent();
    auto sender = world.connected(connect("sender"));
    sender.receive(publish("t", "x").qos1().content_type("text"));
    older.expect_sent("PUBLISH q1 id=1 topic=t payload=x");
    auto newer = world.client("newer");
    newer.receive(resuming());
    newer.expect_sent({"CONNACK session_present success",
                       "PUBLISH q1 dup id=1 topic=t payload=x content_type=text"});
    older.expect_nothing_sent().expect_closed(CloseReason::session_taken_over);
}

BOOST_AUTO_TEST_SUITE_END()
