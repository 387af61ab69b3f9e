#include "store/memory_store.hpp"
#include "support/connection_script.hpp"
#include "support/failing_store.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;

namespace {

/// A world on the store, and the next one on the same store after a crash.
struct Restart {
    store::MemoryStore store;
    std::unique_ptr<World> world = start();

    std::unique_ptr<World> start() {
        return std::make_unique<World>(Limits{}, 1, "", &store);
    }
    /// The process ends without a word and another one starts.
    World& crash_and_restart(Milliseconds later = Milliseconds{0}) {
        const Instant now = world->now;
        crashed.push_back(std::move(world));
        world = start();
        world->now = now + later;
        world->restore();
        return *world;
    }
    std::vector<std::unique_ptr<World>> crashed;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(journal)

BOOST_AUTO_TEST_CASE(a_session_and_its_subscriptions_outlive_the_process,
                     *label("MQTT5-4.1.0-1") * label("MQTT3-4.1.0-1")) {
    Restart restart;
    auto device = restart.world->connected(connect("pump-7").clean_start(false).session_expiry(60));
    device.receive(subscribe("a/#", 1)).take_sent();

    World& after = restart.crash_and_restart();
    auto again = after.client("pump-7");
    again.receive(connect("pump-7").clean_start(false).session_expiry(60))
        .expect_sent("CONNACK session_present success");
    auto publisher = after.connected(connect("tap"));
    publisher.receive(publish("a/b", "hi"));
    again.expect_sent("PUBLISH q0 topic=a/b payload=hi");
}

BOOST_AUTO_TEST_CASE(a_subscription_that_was_removed_does_not_come_back) {
    Restart restart;
    auto device = restart.world->connected(connect("pump-7").clean_start(false).session_expiry(60));
    device.receive(subscribe("a/b", 1), unsubscribe("a/b")).take_sent();

    World& after = restart.crash_and_restart();
    BOOST_TEST(after.find("pump-7")->filters.empty());
}

BOOST_AUTO_TEST_CASE(a_session_that_ended_does_not_come_back) {
    Restart restart;
    auto device = restart.world->connected(connect("pump-7").clean_start(false).session_expiry(60));
    device.receive(subscribe("a/b", 1), disconnect().session_expiry(0)).take_sent();

    World& after = restart.crash_and_restart();
    BOOST_TEST(after.find("pump-7") == nullptr);
    BOOST_TEST(restart.store.total().records == 0U);
}

BOOST_AUTO_TEST_CASE(a_session_without_expiry_leaves_nothing_in_the_store) {
    Restart restart;
    auto device = restart.world->connected(connect("pump-7"));
    device.receive(subscribe("a/b", 1)).take_sent();
    BOOST_TEST(restart.store.total().records == 0U);
}

BOOST_AUTO_TEST_CASE(a_session_expires_after_a_restart_at_its_instant) {
    Restart restart;
    auto device = restart.world->connected(connect("pump-7").clean_start(false).session_expiry(60));
    device.lose_connection();

    World& after = restart.crash_and_restart(Seconds{59});
    BOOST_TEST(after.find("pump-7") != nullptr);
    after.advance(Seconds{1});
    BOOST_TEST(after.find("pump-7") == nullptr);
    BOOST_TEST(restart.store.total().records == 0U);
}

BOOST_AUTO_TEST_CASE(a_retained_message_outlives_the_process_until_it_is_cleared) {
    Restart restart;
    auto publisher = restart.world->connected(connect("tap"));
    publisher.receive(publish("a/b", "kept").qos1(1).retain(), publish("a/c", "x").retain(),
                      publish("a/c", "").retain());

    World& after = restart.crash_and_restart();
    auto reader = after.connected(connect("reader"));
    reader.receive(subscribe("#", 0).id(3))
        .expect_sent({"SUBACK id=3 [0]", "PUBLISH q0 retain topic=a/b payload=kept"});
}

BOOST_AUTO_TEST_CASE(a_will_that_waited_for_its_delay_is_sent_after_a_restart,
                     *label("MQTT5-3.1.3-9")) {
    Restart restart;
    auto device = restart.world->connected(connect("pump-7")
                                               .clean_start(false)
                                               .session_expiry(600)
                                               .will("gone", "pump-7")
                                               .will_delay(30));
    device.lose_connection();

    World& after = restart.crash_and_restart(Seconds{10});
    auto watcher = after.connected(connect("watcher"));
    watcher.receive(subscribe("gone", 0)).take_sent();
    after.advance(Seconds{19});
    watcher.expect_nothing_sent();
    after.advance(Seconds{1});
    watcher.expect_sent("PUBLISH q0 topic=gone payload=pump-7");
}

BOOST_AUTO_TEST_CASE(an_answer_waits_until_the_store_has_what_it_acknowledges) {
    store::MemoryStore store;
    World world{Limits{}, 1, "", &store};
    auto publisher = world.connected(connect("tap"));
    world.make_store_slow();
    publisher.receive(publish("a/b", "kept").qos1(1).retain()).expect_nothing_sent();
    publisher.receive(publish("c", "not kept").qos1(2)).expect_nothing_sent();
    publisher.receive(pingreq()).expect_sent("PINGRESP");
    world.complete_commits();
    publisher.expect_sent(
        {"PUBACK id=1 no_matching_subscribers", "PUBACK id=2 no_matching_subscribers"});
}

BOOST_AUTO_TEST_CASE(answers_that_wait_count_against_the_receive_maximum,
                     *label("MQTT5-3.3.4-9")) {
    store::MemoryStore store;
    Limits limits;
    limits.receive_maximum = 2;
    World world{limits, 1, "", &store};
    auto publisher = world.connected(connect("tap"));
    world.make_store_slow();
    publisher.receive(publish("a", "1").qos1(1).retain(), publish("b", "2").qos1(2).retain());
    publisher.expect_open();
    publisher.receive(publish("c", "3").qos1(3));
    publisher.expect_closed(CloseReason::receive_maximum_exceeded);
}

BOOST_AUTO_TEST_CASE(what_the_store_cannot_keep_is_not_acknowledged,
                     *label("MQTT3-4.8.0-2") * label("MQTT5-3.1.2-29")) {
    test_support::FailingStore store;
    store.fail_with(std::make_error_code(std::errc::no_space_on_device));
    World world{Limits{}, 1, "", &store};
    auto publisher = world.connected(connect("tap"));
    publisher.receive(publish("a/b", "kept").qos1(1).retain());
    publisher.expect_sent("PUBACK id=1 quota_exceeded");
    auto incurious = world.connected(connect("incurious").no_problem_information());
    incurious.receive(publish("a/b", "kept").qos1(1).retain());
    incurious.receive(publish("a/b", "kept").qos2(2).retain());
    const std::vector<std::string> brief{"PUBACK id=1 quota_exceeded", "PUBREC id=2 quota_exceeded"};
    BOOST_TEST(incurious.take_sent_in_full() == brief);
    auto older = world.connected(connect("older"), v3_1_1);
    older.receive(publish("a/b", "kept").qos1(1).retain()).expect_nothing_sent();
    older.expect_closed(CloseReason::store_failed);
}

BOOST_AUTO_TEST_SUITE_END()
