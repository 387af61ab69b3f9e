#include "support/connection_script.hpp"
#include "support/fake_feed.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <set>
#include <string>

using namespace holdfast;
using namespace test_support;

namespace {

/// Rights that a test takes away while it runs.
class ScriptedRights final : public session::Rights {
public:
    [[nodiscard]] bool may_publish(std::string_view topic, QoS, bool) const override {
        return !no_publish.contains(std::string{topic});
    }
    [[nodiscard]] bool may_subscribe(std::string_view filter, QoS) const override {
        return !no_subscribe.contains(std::string{filter});
    }
    [[nodiscard]] bool may_receive(std::string_view topic) const override {
        return !no_receive.contains(std::string{topic});
    }
    std::set<std::string> no_publish;
    std::set<std::string> no_subscribe;
    std::set<std::string> no_receive;
};

struct Fixture {
    Fixture() {
        world.judge_by(judge);
        become("alice");
    }
    /// Who connects from now on is this user, with the same rights.
    void become(std::string name) {
        judge.verdict = {};
        judge.verdict.principal.user_name = std::move(name);
        judge.verdict.principal.rights = rights;
    }
    ConnectionScript join(ConnectPacket packet, codec::ProtocolVersion version = v5) {
        return world.connected(packet, version);
    }
    std::shared_ptr<ScriptedRights> rights = std::make_shared<ScriptedRights>();
    ScriptedJudge judge;
    World world;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(connection_rights)

BOOST_FIXTURE_TEST_CASE(a_will_needs_the_right_to_publish_it, Fixture) {
    rights->no_publish = {"gone"};
    auto client = world.client();
    client.receive(connect("c").will("gone", "x")).expect_sent("CONNACK not_authorized");
    client.expect_closed(CloseReason::not_authorized);
    auto older = world.client("older", v3_1_1);
    older.receive(connect("c").will("gone", "x")).expect_sent("CONNACK not_authorized");
    older.expect_closed(CloseReason::not_authorized);
}

BOOST_FIXTURE_TEST_CASE(a_publication_without_the_right_is_refused, Fixture) {
    rights->no_publish = {"secret"};
    auto listener = join(connect("listener"));
    listener.receive(subscribe("#", 2)).expect_sent("SUBACK id=1 [2]");
    auto client = join(connect("c"));
    client.receive(publish("secret", "0")).expect_nothing_sent();
    client.receive(publish("secret", "1").qos1(1)).expect_sent("PUBACK id=1 not_authorized");
    client.receive(publish("secret", "2").qos2(2)).expect_sent("PUBREC id=2 not_authorized");
    auto older = join(connect("older"), v3_1_1);
    older.receive(publish("secret", "3").qos1(1)).expect_sent("PUBACK id=1");
    listener.expect_nothing_sent();
}

BOOST_FIXTURE_TEST_CASE(a_subscription_without_the_right_is_refused, Fixture) {
    rights->no_subscribe = {"secret/#", "$share/g/secret/#"};
    auto client = join(connect("c"));
    client.receive(subscribe("secret/#", 1)).expect_sent("SUBACK id=1 [not_authorized]");
    client.receive(subscribe("$share/g/secret/#", 1)).expect_sent("SUBACK id=1 [not_authorized]");
    client.receive(subscribe("open", 1)).expect_sent("SUBACK id=1 [1]");
    auto older = join(connect("older"), v3_1_1);
    older.receive(subscribe("secret/#", 1)).expect_sent("SUBACK id=1 [unspecified_error]");
}

BOOST_FIXTURE_TEST_CASE(what_may_not_be_received_is_dropped_at_delivery, Fixture) {
    auto client = join(connect("c"));
    client.receive(subscribe("#", 1)).expect_sent("SUBACK id=1 [1]");
    rights->no_receive = {"secret"};
    client.receive(publish("secret", "1"), publish("open", "2"))
        .expect_sent("PUBLISH q0 topic=open payload=2");
    BOOST_TEST(world.count(DropReason::not_authorized) == 1U);
}

BOOST_FIXTURE_TEST_CASE(what_waited_is_asked_for_again_when_it_is_sent, Fixture) {
    auto away = join(connect("away").clean_start(false).session_expiry(100));
    away.receive(subscribe("#", 1)).expect_sent("SUBACK id=1 [1]");
    away.lose_connection();
    auto publisher = join(connect("p"));
    publisher.receive(publish("secret", "1").qos1(1), publish("open", "2").qos1(2));
    rights->no_receive = {"secret"};
    auto back = world.client();
    back.receive(connect("away").clean_start(false).session_expiry(100));
    back.expect_sent({"CONNACK session_present success", "PUBLISH q1 id=1 topic=open payload=2"});
    BOOST_TEST(world.count(DropReason::not_authorized) == 1U);
}

BOOST_FIXTURE_TEST_CASE(what_is_in_flight_is_not_sent_again_without_the_right, Fixture) {
    auto client = join(connect("c").clean_start(false).session_expiry(100));
    client.receive(subscribe("#", 1)).expect_sent("SUBACK id=1 [1]");
    auto publisher = join(connect("p"));
    publisher.receive(publish("secret", "1").qos1(1));
    client.take_sent();
    client.lose_connection();
    rights->no_receive = {"secret"};
    auto back = world.client();
    back.receive(connect("c").clean_start(false).session_expiry(100));
    back.expect_sent("CONNACK session_present success");
    BOOST_TEST(world.count(DropReason::not_authorized) == 1U);
}

BOOST_FIXTURE_TEST_CASE(retained_messages_need_the_right_as_well, Fixture) {
    auto client = join(connect("c"));
    client.receive(publish("secret", "1").retain(), publish("open", "2").retain());
    rights->no_receive = {"secret"};
    client.receive(subscribe("#", 0))
        .expect_sent({"SUBACK id=1 [0]", "PUBLISH q0 retain topic=open payload=2"});
    BOOST_TEST(world.count(DropReason::not_authorized) == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_will_is_not_published_without_the_right_it_had, Fixture) {
    auto listener = join(connect("listener"));
    listener.receive(subscribe("#", 0)).expect_sent("SUBACK id=1 [0]");
    auto client = join(connect("c").will("gone", "x"));
    rights->no_publish = {"gone"};
    client.lose_connection();
    listener.expect_nothing_sent();
    BOOST_TEST(world.count(Counter::wills_published) == 0U);
    BOOST_TEST(world.count(Counter::publish_refused) == 1U);
}

// --- Whose session it is

BOOST_FIXTURE_TEST_CASE(a_session_is_taken_over_by_its_owner_only, Fixture) {
    auto first = join(connect("c"));
    become("bob");
    auto other = world.client();
    other.receive(connect("c")).expect_sent("CONNACK not_authorized");
    other.expect_closed(CloseReason::not_authorized);
    auto older = world.client("older", v3_1_1);
    older.receive(connect("c")).expect_sent("CONNACK not_authorized");
    first.expect_open();
    become("");
    auto nobody = world.client();
    nobody.receive(connect("c")).expect_sent("CONNACK not_authorized");
    first.expect_open();
    become("alice");
    auto second = join(connect("c"));
    second.expect_open();
    first.expect_closed(CloseReason::session_taken_over);
}

BOOST_FIXTURE_TEST_CASE(a_session_that_waits_is_its_owners, Fixture) {
    auto client = join(connect("c").clean_start(false).session_expiry(100));
    client.lose_connection();
    become("bob");
    auto other = world.client();
    other.receive(connect("c").clean_start(false)).expect_sent("CONNACK not_authorized");
    world.advance(Seconds{101});
    auto later = world.client();
    later.receive(connect("c").clean_start(false)).expect_sent("CONNACK success");
}

BOOST_FIXTURE_TEST_CASE(a_session_of_nobody_is_nobodys, Fixture) {
    become("");
    auto client = join(connect("c").clean_start(false).session_expiry(100));
    client.lose_connection();
    become("alice");
    auto other = world.client();
    other.receive(connect("c")).expect_sent("CONNACK not_authorized");
    become("");
    auto back = world.client();
    back.receive(connect("c").clean_start(false)).expect_sent("CONNACK session_present success");
}

// --- A change of users and rules

BOOST_FIXTURE_TEST_CASE(a_review_takes_subscriptions_that_may_not_be, Fixture) {
    auto client = join(connect("c"));
    client.receive(subscribe("secret", 0), subscribe("open", 0)).take_sent();
    rights->no_subscribe = {"secret"};
    world.registry().review_subscriptions(world.enter(ShardIndex{0}));
    world.finish_turn();
    client.receive(publish("secret", "1"), publish("open", "2"))
        .expect_sent("PUBLISH q0 topic=open payload=2");
    BOOST_TEST(world.count(Counter::subscriptions_removed) == 1U);
    BOOST_TEST(world.count(DropReason::not_authorized) == 0U);
}

BOOST_FIXTURE_TEST_CASE(who_comes_back_has_only_the_subscriptions_that_are_allowed_now, Fixture) {
    auto client = join(connect("c").clean_start(false).session_expiry(100));
    client.receive(subscribe("secret", 1), subscribe("open", 1)).take_sent();
    client.lose_connection();
    rights->no_subscribe = {"secret"};
    auto back = world.client();
    back.receive(connect("c").clean_start(false).session_expiry(100));
    back.expect_sent("CONNACK session_present success");
    BOOST_TEST(world.count(Counter::subscriptions_removed) == 1U);
    back.receive(publish("secret", "1"), publish("open", "2"))
        .expect_sent("PUBLISH q0 topic=open payload=2");
}

BOOST_FIXTURE_TEST_CASE(connections_of_users_who_are_gone_end, Fixture) {
    auto alice = join(connect("a"));
    become("bob");
    auto bob = join(connect("b"));
    become("");
    auto nobody = join(connect("n"));
    const std::vector<std::string> gone{"alice", "carol"};
    world.registry().end_connections_of(gone, CloseReason::administrative_action,
                                        world.enter(ShardIndex{0}));
    world.finish_turn();
    alice.expect_closed(CloseReason::administrative_action);
    bob.expect_open();
    nobody.expect_open();
}

BOOST_AUTO_TEST_SUITE_END()
