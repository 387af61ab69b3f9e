#include "support/connection_script.hpp"
#include "support/fake_feed.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;

namespace {

session::Verdict refused(CloseReason reason) {
    return {.refusal = reason, .detail = "for a test", .principal = {}};
}

struct Fixture {
    Fixture() { world.judge_by(judge); }
    ScriptedJudge judge;
    World world;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(connection_login)

BOOST_FIXTURE_TEST_CASE(the_judge_sees_who_knocks_and_lets_in, Fixture) {
    auto client = world.client();
    client.receive(connect("pump-7").user_name("u").password("p"));
    client.expect_sent("CONNACK success").expect_open();
    BOOST_TEST(judge.asked == std::vector<std::string>{"pump-7 as u"}, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_refusal_has_the_code_of_its_version_and_no_word_more, Fixture,
                        *label("MQTT5-3.1.4-2") * label("MQTT3-3.2.2-5")) {
    judge.verdict = refused(CloseReason::bad_credentials);
    auto new_one = world.client();
    new_one.receive(connect("a")).expect_sent("CONNACK bad_user_name_or_password");
    new_one.expect_closed(CloseReason::bad_credentials);
    auto old_one = world.client("old", v3_1_1);
    old_one.receive(connect("a")).expect_sent("CONNACK bad_user_name_or_password");
    old_one.expect_closed(CloseReason::bad_credentials);
    BOOST_TEST(world.events.last("connection_closed").detail == "for a test");
    judge.verdict = refused(CloseReason::not_authorized);
    auto frozen = world.client();
    frozen.receive(connect("a")).expect_sent("CONNACK not_authorized");
    frozen.expect_closed(CloseReason::not_authorized);
    judge.verdict = refused(CloseReason::store_failed);
    auto unlucky = world.client();
    unlucky.receive(connect("a")).expect_sent("CONNACK server_unavailable");
    unlucky.expect_closed(CloseReason::store_failed);
}

BOOST_FIXTURE_TEST_CASE(what_comes_behind_connect_waits_for_the_verdict, Fixture,
                        *label("MQTT5-3.2.0-1")) {
    judge.answers_at_once = false;
    auto client = world.client();
    client.receive(connect("pump-7"), subscribe("a", 0), publish("a", "1"));
    client.receive(publish("a", "2")).expect_nothing_sent();
    BOOST_TEST(client.connection().is_being_judged());
    judge.waiting.front()({});
    world.finish_turn();
    client.expect_sent({"CONNACK success", "SUBACK id=1 [0]", "PUBLISH q0 topic=a payload=1",
                        "PUBLISH q0 topic=a payload=2"});
    BOOST_TEST(judge.asked.size() == 1U);
    BOOST_TEST(world.count(Counter::packets_received) == 4U);
}

BOOST_FIXTURE_TEST_CASE(a_late_refusal_drops_what_came_behind, Fixture, *label("MQTT5-3.1.4-6")) {
    judge.answers_at_once = false;
    auto client = world.client();
    client.receive(connect("pump-7"), publish("a", "1"));
    judge.waiting.front()(refused(CloseReason::not_authorized));
    world.finish_turn();
    client.expect_sent("CONNACK not_authorized").expect_closed(CloseReason::not_authorized);
    BOOST_TEST(world.count(Counter::publish_received) == 0U);
}

BOOST_FIXTURE_TEST_CASE(no_verdict_in_time_ends_the_wait, Fixture) {
    judge.answers_at_once = false;
    auto client = world.client();
    client.receive(connect("pump-7"));
    world.advance(world.limits.connect_deadline);
    client.expect_closed(CloseReason::connect_timeout);
    judge.waiting.front()({});
    world.finish_turn();
    client.expect_nothing_sent();
    BOOST_TEST(world.count(Counter::sessions_created) == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_device_has_one_session_whatever_its_client_identifier_says, Fixture) {
    judge.verdict.principal = {.session_key = "device pump-7", .device_id = "pump-7",
                               .feed = new FakeFeed};
    auto first = world.connected(connect("pump-7_0_0_2026010100"));
    auto second = world.connected(connect("pump-7_0_0_2026010101"));
    first.expect_sent("DISCONNECT session_taken_over");
    first.expect_closed(CloseReason::session_taken_over);
    second.expect_open();
    BOOST_TEST(world.find("device pump-7") != nullptr);
}

BOOST_FIXTURE_TEST_CASE(a_device_keeps_to_its_own_topics, Fixture) {
    judge.verdict.principal = {.session_key = "device pump-7", .device_id = "pump-7",
                               .feed = new FakeFeed};
    auto device = world.connected(connect("x"));
    device.receive(publish("$oc/devices/pump-8/user/x", "1").qos1(1));
    device.expect_sent("PUBACK id=1 not_authorized");
    device.receive(subscribe("$oc/devices/+/user/x", 1)).expect_sent("SUBACK id=1 [not_authorized]");
    device.receive(subscribe("$oc/devices/pump-7/user/x", 1)).expect_sent("SUBACK id=1 [1]");
}

BOOST_FIXTURE_TEST_CASE(what_was_withdrawn_meanwhile_ends_the_connection, Fixture) {
    judge.verdict.principal = {.session_key = "device pump-7", .device_id = "pump-7",
                               .feed = new FakeFeed};
    judge.confirms = false;
    auto device = world.client();
    device.receive(connect("x")).expect_sent(
        {"CONNACK success", "DISCONNECT administrative_action"});
    device.expect_closed(CloseReason::administrative_action);
}

BOOST_FIXTURE_TEST_CASE(a_device_that_was_made_anew_gets_nothing_of_the_old_one, Fixture) {
    const auto packet = connect("x").clean_start(false).session_expiry(100);
    const boost::intrusive_ptr<FakeFeed> old_feed{new FakeFeed};
    judge.verdict.principal = {.session_key = "device pump-7", .device_id = "pump-7",
                               .feed = old_feed};
    old_feed->waiting.push_back({ApplicationMessage::create({.topic = "t", .payload = {},
                                                             .properties = {},
                                                             .qos = QoS::at_least_once}),
                                 store::Position{1}});
    auto device = world.connected(packet);
    device.lose_connection();
    judge.verdict.principal.feed = new FakeFeed;
    auto anew = world.client();
    anew.receive(packet).expect_sent("CONNACK session_present success");
    BOOST_TEST(old_feed->take_notes().back() == "lost 1");
}

BOOST_FIXTURE_TEST_CASE(a_will_on_a_foreign_topic_is_refused, Fixture) {
    auto client = world.client();
    client.receive(connect("a").will("$oc/devices/pump-7/sys/messages/down", "forged"));
    client.expect_sent("CONNACK not_authorized").expect_closed(CloseReason::not_authorized);
}

BOOST_AUTO_TEST_SUITE_END()
