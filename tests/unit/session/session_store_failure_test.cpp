// What a store that cannot keep anything means for publishers, subscribers and their sessions, and that
// everything goes on by itself once it can.

#include "support/connection_script.hpp"
#include "support/failing_store.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;

namespace {

ConnectPacket staying(std::string name = "reader") {
    return connect(std::move(name)).clean_start(false).session_expiry(1'000);
}

struct Exchange {
    Exchange() { reader.receive(subscribe("t", 2)).take_sent(); }
    ~Exchange() { repair(); }

    void fail() { store.fail_with(std::make_error_code(std::errc::no_space_on_device)); }
    void repair() { store.fail_with({}); }
    ConnectionScript& reconnect() {
        reader = world.client("reader");
        return reader.receive(staying());
    }

    FailingStore store;
    World world{Limits{}, 1, "", &store};
    ConnectionScript reader = world.connected(staying());
    ConnectionScript writer = world.connected(connect("writer"));
};

constexpr std::string_view resumed = "CONNACK session_present success";

}  // namespace

BOOST_AUTO_TEST_SUITE(session_store_failure)

BOOST_AUTO_TEST_CASE(a_message_that_cannot_be_kept_is_refused_and_not_delivered_later) {
    Exchange exchange;
    exchange.reader.lose_connection();
    exchange.fail();
    exchange.writer.receive(publish("t", "lost").qos1(1))
        .expect_sent("PUBACK id=1 quota_exceeded");
    exchange.writer.receive(publish("t", "lost").qos2(2))
        .expect_sent("PUBREC id=2 quota_exceeded");
    BOOST_TEST(exchange.world.count(DropReason::store_failed) == 2U);
    BOOST_TEST(exchange.world.count(Counter::publish_refused) == 2U);
    exchange.repair();
    exchange.writer.receive(publish("t", "kept").qos1(1)).expect_sent("PUBACK id=1");
    exchange.reconnect().expect_sent({resumed, "PUBLISH q1 id=3 topic=t payload=kept"});
}

BOOST_AUTO_TEST_CASE(a_message_out_of_memory_is_taken_back_too) {
    Exchange exchange;
    exchange.reader.lose_connection();
    for (int i = 0; i < 100; ++i) exchange.writer.receive(publish("t", "x").qos1(1));
    exchange.fail();
    exchange.writer.receive(publish("t", "lost").qos1(1));
    BOOST_TEST(exchange.world.totals().queued_messages == 100U);
}

BOOST_AUTO_TEST_CASE(the_identifier_of_a_refused_qos_2_publication_is_free_again,
                     *label("MQTT5-4.3.3-9")) {
    Exchange exchange;
    auto sender = exchange.world.connected(staying("sender"));
    exchange.fail();
    sender.receive(publish("t", "lost").qos2(7)).expect_sent("PUBREC id=7 quota_exceeded");
    exchange.repair();
    exchange.reader.take_sent();
    sender.receive(publish("t", "new").qos2(7)).expect_sent("PUBREC id=7");
    exchange.reader.expect_sent("PUBLISH q2 id=2 topic=t payload=new");
    sender.receive(pubrel(7)).expect_sent("PUBCOMP id=7");
}

BOOST_AUTO_TEST_CASE(a_publisher_before_5_0_is_not_acknowledged_but_loses_its_connection,
                     *label("MQTT3-4.8.0-2")) {
    Exchange exchange;
    auto older = exchange.world.connected(connect("older"), v3_1_1);
    exchange.fail();
    older.receive(publish("t", "lost").qos1(1)).expect_nothing_sent();
    older.expect_closed(CloseReason::store_failed);
}

BOOST_AUTO_TEST_CASE(what_was_sent_before_the_failure_was_known_cannot_be_taken_back) {
    Exchange exchange;
    exchange.fail();
    exchange.writer.receive(publish("t", "a").qos1(1))
        .expect_sent("PUBACK id=1 quota_exceeded");
    exchange.reader.expect_sent("PUBLISH q1 id=1 topic=t payload=a");
    exchange.reader.receive(puback(1));
    BOOST_TEST(exchange.world.count(Counter::messages_delivered) == 1U);
}

BOOST_AUTO_TEST_CASE(what_was_settled_while_the_store_failed_is_settled_once_it_works) {
    Exchange exchange;
    exchange.writer.receive(publish("t", "a").qos1(1), publish("t", "b").qos1(2));
    exchange.reader.take_sent();
    exchange.fail();
    exchange.reader.receive(puback(1));
    exchange.reader.receive(puback(2));
    BOOST_TEST(exchange.store.level(store::QueueId{1}).records == 2U);
    exchange.repair();
    exchange.writer.receive(publish("t", "c").qos1(3));
    BOOST_TEST(exchange.store.level(store::QueueId{1}).records == 1U);
}

BOOST_AUTO_TEST_CASE(pubrel_is_not_sent_before_the_store_can_promise_it,
                     *label("MQTT5-4.3.3-3")) {
    Exchange exchange;
    exchange.writer.receive(publish("t", "a").qos2(1));
    exchange.reader.take_sent();
    exchange.fail();
    exchange.reader.receive(pubrec(1)).expect_nothing_sent();
    exchange.world.advance(Seconds{1});
    exchange.reader.expect_nothing_sent();
    exchange.repair();
    exchange.world.advance(Seconds{1});
    exchange.reader.expect_sent("PUBREL id=1");
    exchange.reader.receive(pubcomp(1));
    BOOST_TEST(exchange.world.totals().stored_messages == 0U);
}

BOOST_AUTO_TEST_CASE(a_session_that_the_store_does_not_know_accepts_nothing_until_it_does) {
    Exchange exchange;
    exchange.fail();
    auto fresh = exchange.world.client("fresh");
    fresh.receive(staying("fresh"), subscribe("f", 1))
        .expect_sent({"CONNACK success", "DISCONNECT unspecified_error"});
    fresh.expect_closed(CloseReason::store_failed);
    exchange.repair();
    // Byte by byte, the connection is gone before SUBSCRIBE is whole.
    const bool has_subscribed = exchange.world.count(Counter::subscriptions_added) == 2U;
    exchange.writer.receive(publish("f", "lost").qos1(1))
        .expect_sent(has_subscribed ? "PUBACK id=1 quota_exceeded"
                                    : "PUBACK id=1 no_matching_subscribers");
    exchange.world.advance(Seconds{1});
    exchange.writer.receive(publish("f", "kept").qos1(1))
        .expect_sent(has_subscribed ? "PUBACK id=1" : "PUBACK id=1 no_matching_subscribers");
    BOOST_TEST(exchange.store.level(store::Table::sessions).records == 2U);
}

BOOST_AUTO_TEST_CASE(an_answer_is_judged_by_every_commit_it_waits_for) {
    Exchange exchange;
    exchange.reader.lose_connection();
    exchange.world.make_store_slow();
    exchange.fail();
    // The retained message fails, the queued one does not: both belong to one PUBACK.
    auto packet = publish("t", "a").qos1(1).retain();
    exchange.writer.receive(packet);
    exchange.repair();
    exchange.writer.receive(publish("t", "b").qos1(2));
    exchange.world.complete_commits();
    exchange.writer.expect_sent({"PUBACK id=1 quota_exceeded", "PUBACK id=2"});
}

BOOST_AUTO_TEST_SUITE_END()
