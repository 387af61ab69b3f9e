#include "session/guard.hpp"

#include "support/connection_script.hpp"
#include "support/fake_feed.hpp"
#include "support/scripted_guard.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;

namespace {

struct Fixture {
    Fixture() {
        world.judge_by(judge);
        world.guard_by(guard);
    }
    ScriptedJudge judge;
    ScriptedGuard guard;
    World world;
};

using Texts = std::vector<std::string>;
const auto per_element = boost::test_tools::per_element();

}  // namespace

BOOST_AUTO_TEST_SUITE(session_guard)

BOOST_FIXTURE_TEST_CASE(a_banned_name_is_refused_and_nobody_is_asked, Fixture) {
    guard.banned = "u";
    auto client = world.client();
    client.receive(connect("pump-7").user_name("u").password("p"));
    client.expect_sent("CONNACK banned").expect_closed(CloseReason::banned);
    BOOST_TEST(judge.asked.empty());
    BOOST_TEST(world.count(CloseReason::banned) == 1U);
    BOOST_TEST(world.events.last("connection_closed").reason == "banned");
    auto old_one = world.client("old", v3_1_1);
    old_one.receive(connect("pump-7").user_name("u").password("p"));
    old_one.expect_closed(CloseReason::banned);
    auto other = world.client();
    other.receive(connect("pump-7").user_name("v").password("p")).expect_sent("CONNACK success");
}

BOOST_FIXTURE_TEST_CASE(right_and_wrong_passwords_are_told, Fixture) {
    auto good = world.client();
    good.receive(connect("a").user_name("u").password("p")).expect_sent("CONNACK success");
    judge.verdict.refusal = CloseReason::bad_credentials;
    auto bad = world.client();
    bad.receive(connect("b").user_name("v").password("p"));
    bad.expect_closed(CloseReason::bad_credentials);
    auto nameless = world.client();
    nameless.receive(connect("c"));
    judge.verdict.refusal = CloseReason::not_authorized;
    auto frozen = world.client();
    frozen.receive(connect("d").user_name("w").password("p"));
    BOOST_TEST(guard.told == (Texts{"u is right", "v is wrong", "c is wrong", "w is unjudged"}),
               per_element);
}

BOOST_FIXTURE_TEST_CASE(who_does_not_wait_for_the_answer_is_told_too, Fixture) {
    judge.answers_at_once = false;
    auto client = world.client();
    client.receive(connect("a").user_name("u").password("p"));
    client.lose_connection();
    judge.waiting.front()({.refusal = CloseReason::bad_credentials, .detail = {}, .principal = {}});
    world.finish_turn();
    BOOST_TEST(guard.told == (Texts{"u is wrong"}), per_element);
}

BOOST_FIXTURE_TEST_CASE(takeovers_are_told_and_second_connections_after_an_end_are_not, Fixture) {
    auto first = world.connected(connect("pump-7"));
    auto second = world.connected(connect("pump-7"));
    second.receive(disconnect());
    auto third = world.connected(connect("pump-7"));
    std::erase(guard.told, "pump-7 is right");
    BOOST_TEST(guard.told == (Texts{"pump-7 is taken over"}), per_element);
}

BOOST_FIXTURE_TEST_CASE(refusals_from_outside_have_their_own_codes, Fixture) {
    const std::vector<std::pair<CloseReason, std::string>> rows{
        {CloseReason::banned, "CONNACK banned"},
        {CloseReason::memory_exhausted, "CONNACK quota_exceeded"},
        {CloseReason::server_overloaded, "CONNACK server_busy"},
        {CloseReason::too_many_connections, "CONNACK server_busy"},
        {CloseReason::too_many_connections_from_address, "CONNACK server_busy"}};
    for (const auto& [reason, answer] : rows) {
        auto client = world.refused_client(reason);
        client.receive(connect("a").user_name("u").password("p"));
        const auto sent = client.take_sent_in_full();
        BOOST_TEST_REQUIRE(sent.size() == 1U);
        BOOST_TEST(sent.front().find(std::string{to_string(reason)} + ": ") != std::string::npos,
                   sent.front());
        client.expect_closed(reason);
    }
    BOOST_TEST(judge.asked.empty());
}

BOOST_FIXTURE_TEST_CASE(without_memory_publications_are_refused_and_nothing_else, Fixture) {
    auto reader = world.connected(connect("reader"));
    auto client = world.connected(connect("a"));
    guard.exhaust_memory(true);
    reader.receive(subscribe("#", 1)).expect_sent("SUBACK id=1 [1]");
    client.receive(publish("t", "x").qos1(1)).expect_sent("PUBACK id=1 quota_exceeded");
    client.receive(publish("t", "x").qos2(2)).expect_sent("PUBREC id=2 quota_exceeded");
    client.receive(publish("t", "x")).receive(pingreq()).expect_sent("PINGRESP");
    reader.expect_nothing_sent();
    BOOST_TEST(world.count(Counter::publish_refused) == 3U);
    BOOST_TEST(world.count(Counter::publish_refused_memory_exhausted) == 3U);
    guard.exhaust_memory(false);
    client.receive(publish("t", "x").qos1(1)).expect_sent("PUBACK id=1");
    BOOST_TEST(reader.take_sent().size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(why_memory_refuses_a_publication_is_told_to_whom_it_concerns, Fixture,
                        *label("MQTT5-3.1.2-29")) {
    auto curious = world.connected(connect("a"));
    auto incurious = world.connected(connect("b").no_problem_information());
    guard.exhaust_memory(true);
    curious.receive(publish("t", "x").qos1(1), publish("t", "x").qos2(2));
    incurious.receive(publish("t", "x").qos1(1), publish("t", "x").qos2(2));
    for (const std::string& packet : curious.take_sent_in_full()) {
        BOOST_TEST(packet.find("memory_exhausted: ") != std::string::npos, packet);
    }
    const std::vector<std::string> brief{"PUBACK id=1 quota_exceeded", "PUBREC id=2 quota_exceeded"};
    BOOST_TEST(incurious.take_sent_in_full() == brief);
}

BOOST_FIXTURE_TEST_CASE(without_memory_an_older_client_gets_no_acknowledgement, Fixture) {
    auto client = world.connected(connect("a"), v3_1_1);
    guard.exhaust_memory(true);
    client.receive(publish("t", "x")).receive(pingreq()).expect_sent("PINGRESP");
    client.receive(publish("t", "x").qos1(1)).expect_nothing_sent();
    client.expect_closed(CloseReason::memory_exhausted);
}

BOOST_FIXTURE_TEST_CASE(without_memory_a_retained_message_can_be_cleared, Fixture) {
    auto client = world.connected(connect("a"));
    client.receive(publish("t", "x").retain().qos1(1)).take_sent();
    BOOST_TEST(world.router().retained().count() == 1U);
    guard.exhaust_memory(true);
    client.receive(publish("t", "").retain().qos1(2)).take_sent();
    BOOST_TEST(world.router().retained().count() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
