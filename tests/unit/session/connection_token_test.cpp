// Connections of principals who are known for a time only.

#include "support/connection_script.hpp"
#include "support/fake_feed.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;

namespace {

struct Fixture {
    Fixture() {
        world.judge_by(judge);
        judge.verdict.principal.user_name = "alice";
        judge.verdict.principal.valid_until = world.now + Seconds{100};
    }
    ScriptedJudge judge;
    World world;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(connection_token)

BOOST_FIXTURE_TEST_CASE(the_connection_ends_at_the_instant_at_which_its_token_does, Fixture) {
    for (const auto version : {v3_1, v3_1_1, v5}) {
        judge.verdict.principal.valid_until = world.now + Seconds{100};
        auto client = world.connected(connect("a").keep_alive(0), version);
        BOOST_TEST((client.connection().next_deadline() == world.now + Seconds{100}));
        world.advance(Milliseconds{99'999});
        client.expect_open();
        world.advance(Milliseconds{1});
        if (version == v5) client.expect_sent("DISCONNECT not_authorized");
        client.expect_nothing_sent().expect_closed(CloseReason::token_expired);
    }
}

BOOST_FIXTURE_TEST_CASE(what_the_client_sends_does_not_prolong_it, Fixture) {
    auto client = world.connected(connect("a").keep_alive(60));
    for (int i = 0; i < 9; ++i) {
        world.advance(Seconds{10});
        client.receive(pingreq()).expect_sent("PINGRESP");
    }
    world.advance(Seconds{10});
    client.expect_sent("DISCONNECT not_authorized").expect_closed(CloseReason::token_expired);
}

BOOST_FIXTURE_TEST_CASE(a_silent_client_ends_by_its_keep_alive_before, Fixture) {
    auto client = world.connected(connect("a").keep_alive(10));
    world.advance(Seconds{15});
    client.expect_sent("DISCONNECT keep_alive_timeout");
    client.expect_closed(CloseReason::keep_alive_timeout);
}

BOOST_FIXTURE_TEST_CASE(a_full_socket_does_not_prolong_it, Fixture) {
    judge.verdict.principal.valid_until = world.now + Seconds{1};
    auto client = world.connected(connect("a").keep_alive(0));
    client.block_socket();
    client.receive(subscribe("a"), publish("a", "x"));
    world.advance(Seconds{1});
    client.unblock_socket().expect_closed(CloseReason::token_expired);
}

BOOST_AUTO_TEST_CASE(a_throttled_client_handles_nothing_behind_the_end) {
    World world{{.messages_per_second_per_client_max = 1}};
    ScriptedJudge judge;
    world.judge_by(judge);
    judge.verdict.principal.valid_until = world.now + Seconds{1};
    auto client = world.connected(connect("a").keep_alive(0));
    for (int i = 0; i < 50; ++i) client.receive(publish("a", "x"));
    BOOST_TEST(client.connection().throttle().is_on());
    const auto before = world.count(Counter::publish_received);
    world.advance(Seconds{1});
    client.expect_sent("DISCONNECT not_authorized").expect_closed(CloseReason::token_expired);
    BOOST_TEST(world.count(Counter::publish_received) <= before + 1);
}

BOOST_FIXTURE_TEST_CASE(its_will_is_published_then, Fixture, *label("MQTT5-3.1.2-8")) {
    auto witness_judge = ScriptedJudge{};
    world.judge_by(witness_judge);
    auto witness = world.connected(connect("witness").keep_alive(0));
    witness.receive(subscribe("gone")).take_sent();
    world.judge_by(judge);
    auto client = world.connected(connect("a").keep_alive(0).will("gone", "x"));
    world.advance(Seconds{100});
    client.expect_closed(CloseReason::token_expired);
    witness.expect_sent("PUBLISH q0 topic=gone payload=x").expect_open();
}

BOOST_FIXTURE_TEST_CASE(the_next_connection_has_its_own_time, Fixture) {
    auto client = world.connected(connect("a").keep_alive(0));
    world.advance(Seconds{50});
    judge.verdict.principal.valid_until = never;
    auto next = world.connected(connect("a").keep_alive(0));
    client.expect_sent("DISCONNECT session_taken_over");
    world.advance(Seconds{1'000});
    next.expect_open();
}

BOOST_FIXTURE_TEST_CASE(a_token_that_expired_before_is_refused_as_not_authorized, Fixture,
                        *label("MQTT5-3.1.4-2") * label("MQTT3-3.2.2-5")) {
    judge.verdict = {.refusal = CloseReason::token_expired, .detail = "", .principal = {}};
    for (const auto version : {v3_1, v3_1_1, v5}) {
        auto client = world.client("c", version);
        client.receive(connect("a")).expect_sent("CONNACK not_authorized");
        client.expect_closed(CloseReason::token_expired);
    }
}

BOOST_AUTO_TEST_SUITE_END()
