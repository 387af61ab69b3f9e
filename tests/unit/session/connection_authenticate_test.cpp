// Enhanced authentication: CONNECT with an Authentication Method, AUTH, re-authentication.
// MQTT 5 sections 3.15, 4.12.

#include "support/connection_script.hpp"
#include "support/riddle_judge.hpp"
#include "support/scripted_guard.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;

namespace {

constexpr const char* method = "RIDDLE";
constexpr const char* asked =
    "AUTH continue_authentication authentication_method='RIDDLE' "
    "authentication_data=776861743F";
constexpr const char* done =
    "AUTH success authentication_method='RIDDLE' "
    "authentication_data=77656C636F6D65";
constexpr const char* welcome = "CONNACK success authentication_method=RIDDLE";

struct Fixture {
    Fixture() {
        world.judge_by(judge);
        world.guard_by(guard);
    }
    /// A client that has been asked and has not answered yet.
    ConnectionScript knocking(const ConnectPacket& packet) {
        auto client = world.client();
        client.receive(packet).expect_sent(asked);
        return client;
    }
    ConnectionScript knocking() { return knocking(connect("a").authentication(method, "ann")); }
    /// One that has logged in by the method, as ann.
    ConnectionScript inside(ConnectPacket packet = connect("a")) {
        auto client = knocking(packet.authentication(method, "ann"));
        client.receive(answer("right"));
        BOOST_REQUIRE(client.take_sent() == std::vector<std::string>{welcome});
        return client;
    }
    static PlainPacket<codec::Auth> answer(std::string_view text) {
        return auth(ReasonCode::continue_authentication).method(method).data(text);
    }
    static PlainPacket<codec::Auth> again(std::string_view name = "ann") {
        return auth(ReasonCode::re_authenticate).method(method).data(name);
    }
    [[nodiscard]] std::string clause() const {
        return world.events.last("connection_closed").clause;
    }

    RiddleJudge judge;
    ScriptedGuard guard;
    World world;
};

using Texts = std::vector<std::string>;
const auto per_element = boost::test_tools::per_element();

}  // namespace

BOOST_AUTO_TEST_SUITE(connection_authenticate)

// --- Until CONNACK

BOOST_FIXTURE_TEST_CASE(an_exchange_of_auth_packets_ends_with_connack, Fixture,
                        *label("MQTT5-4.12.0-2") * label("MQTT5-4.12.0-5")) {
    auto client = knocking(connect("a").user_name("u").authentication(method, "ann"));
    client.receive(answer("a stone")).expect_sent(asked);
    client.receive(answer("right"));
    const Texts sent = client.take_sent_in_full();
    BOOST_TEST_REQUIRE(sent.size() == 1U);
    BOOST_TEST(sent[0].find("authentication_method='RIDDLE'") != std::string::npos);
    BOOST_TEST(sent[0].find("authentication_data=77656C636F6D65") != std::string::npos);
    client.receive(pingreq()).expect_sent("PINGRESP");
    BOOST_TEST(judge.asked == Texts{"a as u"}, per_element);
    BOOST_TEST(guard.told == Texts{"ann is right"}, per_element);
    BOOST_TEST(world.count(Counter::packets_received) == 4U);
}

BOOST_FIXTURE_TEST_CASE(a_method_that_is_not_offered_is_refused, Fixture,
                        *label("MQTT5-4.12.0-1") * label("MQTT5-4.12.0-4")) {
    auto client = world.client();
    client.receive(connect("a").authentication("RHYME", "ann"))
        .expect_sent("CONNACK bad_authentication_method")
        .expect_closed(CloseReason::bad_authentication_method);
    BOOST_TEST(guard.told.empty());
}

BOOST_FIXTURE_TEST_CASE(who_answers_wrongly_is_refused_without_a_word_more, Fixture,
                        *label("MQTT5-4.12.0-4")) {
    auto guess = knocking();
    guess.receive(answer("wrong"));
    guess.expect_sent("CONNACK bad_user_name_or_password");
    guess.expect_closed(CloseReason::bad_credentials);
    auto babble = knocking();
    babble.receive(answer("nonsense")).expect_sent("CONNACK protocol_error");
    babble.expect_closed(CloseReason::protocol_error);
    BOOST_TEST(world.events.last("connection_closed").detail == "for a test");
    BOOST_TEST(guard.told == (Texts{"ann is wrong", "ann is unjudged"}), per_element);
    BOOST_TEST(world.totals().sessions == 0U);
}

BOOST_FIXTURE_TEST_CASE(the_first_message_may_be_the_last, Fixture) {
    auto client = world.client();
    client.receive(connect("a").authentication(method, "nonsense"), publish("t", "x"));
    client.expect_sent("CONNACK protocol_error").expect_closed(CloseReason::protocol_error);
    BOOST_TEST(guard.told.empty());
}

BOOST_FIXTURE_TEST_CASE(who_is_banned_is_told_before_being_asked, Fixture) {
    guard.banned = "ann";
    auto client = world.client();
    client.receive(connect("a").authentication(method, "ann")).expect_sent("CONNACK banned");
    client.expect_closed(CloseReason::banned);
    BOOST_TEST(guard.told.empty());
    auto other = world.client();
    other.receive(connect("a").authentication(method, "bea")).expect_sent(asked);
}

BOOST_FIXTURE_TEST_CASE(before_connack_only_auth_and_disconnect_may_come, Fixture,
                        *label("MQTT5-3.1.2-30")) {
    const auto check = [this](const auto& packet) {
        auto client = knocking();
        client.receive(packet).expect_sent("CONNACK protocol_error");
        client.expect_closed(CloseReason::protocol_error);
        BOOST_TEST(clause() == "MQTT5-3.1.2-30");
    };
    check(pingreq());
    check(publish("t", "x"));
    check(subscribe("t"));
    check(connect("a").authentication(method, "ann"));
    BOOST_TEST(world.count(Counter::sessions_created) == 0U);
}

BOOST_FIXTURE_TEST_CASE(the_client_answers_by_0x18_and_the_same_method, Fixture,
                        *label("MQTT5-4.12.0-3") * label("MQTT5-4.12.0-5")) {
    const auto clause_of = [this](const auto& packet) {
        auto client = knocking();
        client.receive(packet).expect_sent("CONNACK protocol_error");
        client.expect_closed(CloseReason::protocol_error);
        return clause();
    };
    BOOST_TEST(clause_of(again()) == "MQTT5-4.12.0-3");
    BOOST_TEST(clause_of(auth(ReasonCode::success).method(method)) == "MQTT5-4.12.0-3");
    BOOST_TEST(clause_of("F0 00") == "MQTT5-4.12.0-3");
    BOOST_TEST(clause_of(auth(ReasonCode::continue_authentication).method("RHYME")) ==
               "MQTT5-4.12.0-5");
    BOOST_TEST(clause_of("F0 [ 18 00 ]").empty());  // names no method
}

BOOST_FIXTURE_TEST_CASE(a_malformed_auth_is_told_before_connack, Fixture,
                        *label("MQTT5-3.15.1-1") * label("MQTT5-3.15.2-1")) {
    auto flags = knocking();
    flags.receive("F1 [ 18 [ 15 ('RIDDLE') ] ]").expect_sent("CONNACK malformed_packet");
    flags.expect_closed(CloseReason::malformed_packet);
    auto reason = knocking();
    reason.receive("F0 [ 04 [ 15 ('RIDDLE') ] ]").expect_sent("CONNACK protocol_error");
    reason.expect_closed(CloseReason::protocol_error);
}

BOOST_FIXTURE_TEST_CASE(auth_is_no_first_packet, Fixture, *label("MQTT5-3.1.0-1")) {
    auto client = world.client();
    client.receive(answer("right")).expect_nothing_sent();
    client.expect_closed(CloseReason::protocol_error);
}

BOOST_FIXTURE_TEST_CASE(disconnect_ends_the_exchange, Fixture) {
    auto watcher = world.connected(connect("watcher"));
    watcher.receive(subscribe("#")).expect_sent("SUBACK id=1 [0]");
    auto client =
        knocking(connect("a").session_expiry(60).will("gone", "a").authentication(method, "ann"));
    client.receive(disconnect(ReasonCode::disconnect_with_will_message)).expect_nothing_sent();
    client.expect_closed(CloseReason::client_disconnected);
    watcher.expect_nothing_sent();  // there was no session, so there is no will
    BOOST_TEST(guard.told == (Texts{"watcher is right", "ann is unjudged"}), per_element);
    BOOST_TEST(world.totals().sessions == 1U);
}

BOOST_FIXTURE_TEST_CASE(the_exchange_must_be_over_within_the_connect_deadline, Fixture,
                        *label("MQTT5-3.1.4-1")) {
    auto client = knocking(connect("a").keep_alive(1).authentication(method, "ann"));
    world.advance(world.limits.connect_deadline - Seconds{1});
    client.receive(answer("a stone")).expect_sent(asked);
    client.expect_open();
    world.advance(Seconds{1});
    client.expect_nothing_sent().expect_closed(CloseReason::connect_timeout);
    BOOST_TEST(guard.told == Texts{"ann is unjudged"}, per_element);
}

BOOST_FIXTURE_TEST_CASE(a_lost_connection_or_a_shutdown_ends_the_exchange, Fixture) {
    auto lost = knocking();
    lost.lose_connection();
    auto last = knocking();
    world.shut_down();
    last.expect_nothing_sent().expect_closed(CloseReason::server_shutting_down);
    BOOST_TEST(guard.told == (Texts{"ann is unjudged", "ann is unjudged"}), per_element);
}

BOOST_FIXTURE_TEST_CASE(all_that_connect_said_holds_after_the_exchange, Fixture) {
    auto watcher = world.connected(connect("watcher"));
    watcher.receive(subscribe("#")).expect_sent("SUBACK id=1 [0]");
    auto client = inside(connect("a").session_expiry(60).will("gone", "bye").keep_alive(10));
    world.advance(Seconds{15});
    client.expect_sent("DISCONNECT keep_alive_timeout");
    watcher.expect_sent("PUBLISH q0 topic=gone payload=bye");
    BOOST_TEST(world.totals().sessions == 2U);
}

BOOST_FIXTURE_TEST_CASE(what_comes_behind_the_last_answer_is_handled, Fixture) {
    auto client = world.client();
    client.receive(connect("").authentication(method, "ann"), answer("right"), subscribe("t", 1),
                   publish("t", "x"));
    const Texts sent = client.take_sent();
    BOOST_TEST_REQUIRE(sent.size() == 4U);
    BOOST_TEST(sent[0] == asked);
    BOOST_TEST(sent[1].find("client_id=auto-") != std::string::npos);
    BOOST_TEST(sent[3] == "PUBLISH q0 topic=t payload=x");
}

BOOST_FIXTURE_TEST_CASE(a_session_is_taken_over_when_the_exchange_is_done, Fixture) {
    auto first = inside();
    auto second = knocking();
    first.receive(pingreq()).expect_sent("PINGRESP");
    second.receive(answer("right")).expect_sent(welcome);
    first.expect_sent("DISCONNECT session_taken_over");
    first.expect_closed(CloseReason::session_taken_over);
    second.expect_open();
}

BOOST_FIXTURE_TEST_CASE(a_client_without_room_for_auth_is_refused, Fixture,
                        *label("MQTT5-3.1.2-24")) {
    auto client = world.client();
    client.receive(connect("a").maximum_packet_size(20).authentication(method, "ann"));
    client.expect_sent("CONNACK packet_too_large").expect_closed(CloseReason::packet_too_large);
    BOOST_TEST(guard.told == Texts{"ann is unjudged"}, per_element);
    // Room for the questions, not for CONNACK.
    auto larger = knocking(connect("a").maximum_packet_size(24).authentication(method, "ann"));
    larger.receive(answer("right")).expect_sent("CONNACK packet_too_large");
    larger.expect_closed(CloseReason::packet_too_large);
}

// --- Re-authentication

BOOST_FIXTURE_TEST_CASE(a_client_authenticates_again_while_other_packets_flow, Fixture,
                        *label("MQTT5-4.12.0-2") * label("MQTT5-4.12.0-5")) {
    auto client = inside();
    client.receive(subscribe("t", 1)).expect_sent("SUBACK id=1 [1]");
    for (int times = 0; times < 2; ++times) {
        client.receive(again()).expect_sent(asked);
        client.receive(publish("t", "x"), pingreq());
        client.expect_sent({"PUBLISH q0 topic=t payload=x", "PINGRESP"});
        world.publish({.topic = "t", .payload = as_bytes("y")});
        client.expect_sent("PUBLISH q0 topic=t payload=y");
        client.receive(answer("right")).expect_sent(done);
    }
    BOOST_TEST(judge.asked == (Texts{"a as nobody", "a as ann", "a as ann"}), per_element);
    BOOST_TEST(guard.told.size() == 3U);
}

BOOST_FIXTURE_TEST_CASE(who_fails_to_authenticate_again_is_disconnected, Fixture,
                        *label("MQTT5-4.12.1-2")) {
    auto watcher = world.connected(connect("watcher"));
    watcher.receive(subscribe("#")).expect_sent("SUBACK id=1 [0]");
    auto guess = inside(connect("a").will("gone", "a"));
    guess.receive(again()).expect_sent(asked);
    guess.receive(answer("wrong"), publish("t", "x")).expect_sent("DISCONNECT not_authorized");
    guess.expect_closed(CloseReason::bad_credentials);
    BOOST_TEST(clause() == "MQTT5-4.12.1-2");
    watcher.expect_sent("PUBLISH q0 topic=gone payload=a");
    auto babble = inside();
    babble.receive(again("nonsense")).expect_sent("DISCONNECT not_authorized");
    babble.expect_closed(CloseReason::protocol_error);
    BOOST_TEST(
        guard.told == (Texts{"watcher is right", "ann is right", "ann is wrong", "ann is right"}),
        per_element);
}

BOOST_FIXTURE_TEST_CASE(a_client_stays_who_it_is, Fixture, *label("MQTT5-4.12.1-2")) {
    auto client = inside();
    client.receive(again("bea")).expect_sent(asked);
    client.receive(answer("right")).expect_sent("DISCONNECT not_authorized");
    client.expect_closed(CloseReason::bad_credentials);
    BOOST_TEST(guard.told == (Texts{"ann is right", "bea is wrong"}), per_element);
}

BOOST_FIXTURE_TEST_CASE(who_is_banned_meanwhile_does_not_authenticate_again, Fixture) {
    auto client = inside();
    guard.banned = "ann";
    client.receive(again()).expect_sent("DISCONNECT not_authorized");
    client.expect_closed(CloseReason::banned);
}

BOOST_FIXTURE_TEST_CASE(auth_that_does_not_fit_is_a_protocol_error, Fixture,
                        *label("MQTT5-4.12.1-1") * label("MQTT5-4.12.0-3") *
                            label("MQTT5-4.12.0-5")) {
    const auto clause_of = [this](const auto& packet) {
        auto client = inside();
        client.receive(packet).expect_sent("DISCONNECT protocol_error");
        client.expect_closed(CloseReason::protocol_error);
        return clause();
    };
    BOOST_TEST(clause_of(auth(ReasonCode::re_authenticate).method("RHYME")) == "MQTT5-4.12.1-1");
    BOOST_TEST(clause_of(auth(ReasonCode::success).method(method)) == "MQTT5-4.12.0-3");
    BOOST_TEST(clause_of(answer("right")).empty());
    BOOST_TEST(clause_of("F0 [ 19 00 ]").empty());
    BOOST_TEST(clause_of("F0 00") == "MQTT5-4.12.0-3");
    auto twice = inside();
    twice.receive(again()).expect_sent(asked);
    twice.receive(again()).expect_sent("DISCONNECT protocol_error");
    auto other = inside();
    other.receive(again()).expect_sent(asked);
    other.receive(auth(ReasonCode::continue_authentication).method("RHYME"));
    other.expect_sent("DISCONNECT protocol_error");
    BOOST_TEST(clause() == "MQTT5-4.12.0-5");
}

BOOST_FIXTURE_TEST_CASE(who_named_no_method_does_not_authenticate_again, Fixture,
                        *label("MQTT5-4.12.0-7") * label("MQTT5-4.12.0-6")) {
    auto client = world.client();
    client.receive(connect("a")).expect_sent("CONNACK success");
    client.receive(again()).expect_sent("DISCONNECT protocol_error");
    BOOST_TEST(clause() == "MQTT5-4.12.0-7");
}

BOOST_FIXTURE_TEST_CASE(a_method_that_is_offered_no_more_ends_the_connection, Fixture,
                        *label("MQTT5-4.12.1-2")) {
    auto client = inside();
    judge.is_offered = false;
    client.receive(again()).expect_sent("DISCONNECT not_authorized");
    client.expect_closed(CloseReason::bad_authentication_method);
}

BOOST_FIXTURE_TEST_CASE(re_authentication_must_be_over_in_time, Fixture, *label("MQTT5-4.12.1-2")) {
    auto client = inside();
    client.receive(again()).expect_sent(asked);
    world.advance(world.limits.connect_deadline - Milliseconds{1});
    client.receive(pingreq()).expect_sent("PINGRESP");
    world.advance(Milliseconds{1});
    client.expect_sent("DISCONNECT not_authorized").expect_closed(CloseReason::connect_timeout);
    BOOST_TEST(guard.told == (Texts{"ann is right", "ann is unjudged"}), per_element);
    auto quick = inside();
    quick.receive(again(), answer("right")).expect_sent({asked, done});
    world.advance(Seconds{3600});
    quick.expect_open();
}

BOOST_FIXTURE_TEST_CASE(success_renews_how_long_it_is_valid, Fixture) {
    judge.valid_until = world.now + Seconds{60};
    auto client = inside();
    judge.valid_until = world.now + Seconds{100};
    client.receive(again(), answer("right")).expect_sent({asked, done});
    world.advance(Seconds{99});
    client.expect_open();
    judge.valid_until = never;
    client.receive(again(), answer("right")).expect_sent({asked, done});
    world.advance(Seconds{3600});
    client.expect_open();
    judge.valid_until = world.now + Seconds{10};
    client.receive(again(), answer("right")).expect_sent({asked, done});
    world.advance(Seconds{10});
    client.expect_sent("DISCONNECT not_authorized").expect_closed(CloseReason::token_expired);
}

BOOST_FIXTURE_TEST_CASE(keep_alive_goes_on_meanwhile, Fixture, *label("MQTT5-3.1.2-22")) {
    auto client = inside(connect("a").keep_alive(4));
    client.receive(again()).expect_sent(asked);
    world.advance(Seconds{5});
    client.receive(answer("a stone")).expect_sent(asked);
    world.advance(Seconds{4});
    client.expect_open();
    client.receive(answer("right")).expect_sent(done);
    client.receive(again()).expect_sent(asked);
    world.advance(Seconds{6});
    client.expect_sent("DISCONNECT keep_alive_timeout");
    client.expect_closed(CloseReason::keep_alive_timeout);
}

BOOST_FIXTURE_TEST_CASE(a_takeover_ends_the_exchange_that_is_under_way, Fixture) {
    auto first = inside();
    first.receive(again()).expect_sent(asked);
    auto second = inside();
    first.expect_sent("DISCONNECT session_taken_over");
    first.receive(answer("right")).expect_nothing_sent();
    second.expect_open();
    BOOST_TEST(
        guard.told == (Texts{"ann is right", "ann is right", "a is taken over", "ann is unjudged"}),
        per_element);
}

BOOST_FIXTURE_TEST_CASE(disconnect_in_between_ends_the_connection_as_ever, Fixture) {
    auto client = inside();
    client.receive(again()).expect_sent(asked);
    client.receive(disconnect()).expect_nothing_sent();
    client.expect_closed(CloseReason::client_disconnected);
}

BOOST_AUTO_TEST_SUITE_END()
