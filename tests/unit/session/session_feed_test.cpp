#include "support/connection_script.hpp"
#include "support/fake_feed.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;

namespace {

using Notes = std::vector<std::string>;

struct Fixture {
    explicit Fixture(const Limits& limits = {}) : world(limits) {
        world.judge_by(judge);
        judge.verdict.principal = {.session_key = "device d", .device_id = "d", .feed = feed};
    }
    void add(std::uint64_t position, std::string_view payload, QoS qos = QoS::at_least_once,
             bool dup = false) {
        feed->waiting.push_back({ApplicationMessage::create({.topic = "down",
                                                             .payload = as_bytes(payload),
                                                             .properties = {},
                                                             .qos = qos}),
                                 static_cast<store::Position>(position), qos, dup});
    }
    void wake() {
        const delivery::LiveSessionPtr live = feed->live;
        BOOST_REQUIRE(live);
        live->on_feed_ready(world.enter(ShardIndex{0}));
        world.finish_turn();
    }
    delivery::DirectSend say(std::string_view payload, session::SessionPtr session = nullptr) {
        if (!session) session = world.find("device d");
        BOOST_REQUIRE(session);
        const delivery::DirectSend outcome = session->send_directly(
            {.device_id = "d", .topic = "$oc/x", .payload = as_bytes(payload)},
            world.enter(ShardIndex{0}));
        world.finish_turn();
        return outcome;
    }
    static int to_number(delivery::DirectSend outcome) { return static_cast<int>(outcome); }
    void expect_notes(const Notes& notes) {
        BOOST_TEST(feed->take_notes() == notes, boost::test_tools::per_element());
    }

    boost::intrusive_ptr<FakeFeed> feed{new FakeFeed};
    ScriptedJudge judge;
    World world;
};

Limits small_window() {
    Limits limits;
    limits.outbound_inflight_max = 2;
    return limits;
}

struct SmallWindow : Fixture {
    SmallWindow() : Fixture(small_window()) {}
};

}  // namespace

BOOST_AUTO_TEST_SUITE(session_feed)

BOOST_FIXTURE_TEST_CASE(what_waits_goes_out_behind_connack_and_its_puback_is_told, Fixture) {
    add(1, "one");
    add(2, "two");
    auto device = world.client();
    device.receive(connect("d"));
    device.expect_sent({"CONNACK success", "PUBLISH q1 id=1 topic=down payload=one",
                        "PUBLISH q1 id=2 topic=down payload=two"});
    expect_notes({"attached", "written 1", "written 2"});
    device.receive(puback(2)).receive(puback(1, codec::ReasonCode::quota_exceeded));
    expect_notes({"acknowledged 2", "acknowledged 1 refused 151"});
    BOOST_TEST(world.count(Counter::messages_accepted) == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_new_message_wakes_the_session, Fixture) {
    auto device = world.connected(connect("d"));
    add(1, "one", QoS::at_least_once, true);
    wake();
    device.expect_sent("PUBLISH q1 dup id=1 topic=down payload=one");
}

BOOST_FIXTURE_TEST_CASE(the_window_pauses_the_feed_and_an_acknowledgement_resumes_it, SmallWindow,
                        *label("MQTT5-4.9.0-2")) {
    for (std::uint64_t i = 1; i <= 3; ++i) add(i, "x");
    auto device = world.connected(connect("d"));
    // Told again whenever it looks: here when the two were written.
    expect_notes({"attached", "paused by quota", "written 1", "written 2", "paused by quota"});
    device.receive(puback(1)).expect_sent("PUBLISH q1 id=3 topic=down payload=x");
}

BOOST_FIXTURE_TEST_CASE(qos_0_is_told_when_the_kernel_has_it, Fixture) {
    auto device = world.connected(connect("d"));
    device.block_socket();
    add(1, "one", QoS::at_most_once);
    wake();
    expect_notes({"attached"});
    device.unblock_socket().expect_sent("PUBLISH q0 topic=down payload=one");
    expect_notes({"written 1"});
}

BOOST_FIXTURE_TEST_CASE(qos_0_that_was_not_written_is_lost_with_the_connection, Fixture) {
    auto device = world.connected(connect("d"));
    device.block_socket();
    add(1, "one", QoS::at_most_once);
    wake();
    device.lose_connection();
    expect_notes({"attached", "detached", "lost 1"});
}

BOOST_FIXTURE_TEST_CASE(what_can_never_fit_is_told_and_the_next_one_goes_on, Fixture,
                        *label("MQTT5-3.1.2-24")) {
    add(1, std::string(200, 'x'));
    add(2, "small");
    auto device = world.client();
    device.receive(connect("d").maximum_packet_size(100));
    device.expect_sent({"CONNACK success", "PUBLISH q1 id=1 topic=down payload=small"});
    expect_notes({"attached", "too large 1", "written 2"});
}

BOOST_FIXTURE_TEST_CASE(a_resumed_session_sends_again_what_is_still_wanted, Fixture,
                        *label("MQTT5-4.4.0-1")) {
    add(1, "one");
    auto first = world.connected(connect("d").clean_start(false).session_expiry(100));
    first.lose_connection();
    static_cast<void>(feed->take_notes());
    auto second = world.client();
    second.receive(connect("d").clean_start(false).session_expiry(100));
    second.expect_sent({"CONNACK session_present success",
                        "PUBLISH q1 dup id=1 topic=down payload=one"});
    expect_notes({"attached", "asked again 1", "written 1"});
    second.lose_connection();
    feed->still_wanted = false;
    auto third = world.client();
    third.receive(connect("d").clean_start(false).session_expiry(100));
    third.expect_sent("CONNACK session_present success");
}

BOOST_FIXTURE_TEST_CASE(a_session_that_ends_gives_back_what_was_not_acknowledged, Fixture) {
    add(1, "one");
    add(2, "two");
    auto first = world.connected(connect("d"));
    first.receive(puback(2));
    static_cast<void>(feed->take_notes());
    first.lose_connection();
    expect_notes({"detached", "lost 1"});
}

BOOST_FIXTURE_TEST_CASE(a_takeover_without_a_session_gives_back_before_the_new_one_attaches,
                        Fixture) {
    add(1, "one");
    auto first = world.connected(connect("d"));
    static_cast<void>(feed->take_notes());
    auto second = world.connected(connect("d"));
    expect_notes({"lost 1", "detached", "attached"});
}

BOOST_FIXTURE_TEST_CASE(subscriptions_are_told_and_known_again_on_resumption, Fixture) {
    const auto packet = connect("d").clean_start(false).session_expiry(100);
    auto device = world.connected(packet);
    device.receive(subscribe("$oc/devices/d/user/x", 1), subscribe("$share/g/y", 1));
    expect_notes({"attached", "subscribed $oc/devices/d/user/x"});
    device.lose_connection();
    device = world.connected(packet);
    expect_notes({"detached", "attached", "has $oc/devices/d/user/x"});
    device.receive(unsubscribe("$oc/devices/d/user/x"));
    expect_notes({"unsubscribed $oc/devices/d/user/x"});
}

BOOST_FIXTURE_TEST_CASE(routed_messages_that_wait_go_first, SmallWindow) {
    auto device = world.connected(connect("d"));
    device.receive(subscribe("a", 1)).take_sent();
    for (const char* text : {"1", "2", "3"}) {
        world.publish({.topic = "a", .payload = as_bytes(text), .properties = {},
                       .qos = QoS::at_least_once});
    }
    add(1, "fed");
    wake();
    device.expect_sent({"PUBLISH q1 id=1 topic=a payload=1", "PUBLISH q1 id=2 topic=a payload=2"});
    device.receive(puback(1), puback(2));
    device.expect_sent({"PUBLISH q1 id=3 topic=a payload=3", "PUBLISH q1 id=4 topic=down payload=fed"});
}

// --- Past the queue: DirectLine

BOOST_FIXTURE_TEST_CASE(a_direct_message_goes_out_at_the_qos_of_the_subscription, Fixture) {
    auto device = world.connected(connect("d"));
    BOOST_TEST(to_number(say("now")) == to_number(delivery::DirectSend::sent));
    device.expect_sent("PUBLISH q0 topic=$oc/x payload=now");
    feed->qos = QoS::at_least_once;
    static_cast<void>(say("again"));
    device.expect_sent("PUBLISH q1 id=1 topic=$oc/x payload=again");
    device.receive(puback(1));
    BOOST_TEST(world.count(Counter::messages_delivered) == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_direct_message_is_for_a_device_that_is_there, Fixture) {
    auto device = world.connected(connect("d").session_expiry(100));
    const session::SessionPtr session = device.session();
    device.lose_connection();
    BOOST_TEST(to_number(say("now", session)) == to_number(delivery::DirectSend::offline));
    world.client()
        .receive(connect("d").clean_start(false).session_expiry(100))
        .expect_sent("CONNACK session_present success");
}

BOOST_FIXTURE_TEST_CASE(a_direct_message_is_not_sent_again_on_another_connection, Fixture) {
    feed->qos = QoS::at_least_once;
    auto device = world.connected(connect("d").session_expiry(100));
    static_cast<void>(say("once"));
    device.expect_sent("PUBLISH q1 id=1 topic=$oc/x payload=once");
    device.lose_connection();
    auto resumed = world.client();
    resumed.receive(connect("d").clean_start(false).session_expiry(100))
        .expect_sent("CONNACK session_present success");
    BOOST_TEST(world.count(DropReason::connection_lost) == 1U);
    static_cast<void>(say("twice"));
    resumed.expect_sent("PUBLISH q1 id=2 topic=$oc/x payload=twice");
    auto newer = world.client();
    newer.receive(connect("d").clean_start(false).session_expiry(100))
        .expect_sent("CONNACK session_present success");
    BOOST_TEST(world.count(DropReason::connection_lost) == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_direct_message_waits_for_nobody, SmallWindow) {
    feed->qos = QoS::at_least_once;
    auto device = world.connected(connect("d").maximum_packet_size(100));
    BOOST_TEST(to_number(say(std::string(100, 'x'))) == to_number(delivery::DirectSend::too_large));
    static_cast<void>(say("1"));
    static_cast<void>(say("2"));
    BOOST_TEST(to_number(say("3")) == to_number(delivery::DirectSend::blocked));
    device.expect_sent(
        {"PUBLISH q1 id=1 topic=$oc/x payload=1", "PUBLISH q1 id=2 topic=$oc/x payload=2"});
}

BOOST_AUTO_TEST_SUITE_END()
