// Deadlines, sweeping and finding. Takeover is in registry_takeover_test.cpp.

#include "support/connection_script.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace test_support;

namespace {

/// Connects, and loses the connection at once.
void visit(World& world, const ConnectPacket& packet) {
    auto client = world.connected(packet);
    client.lose_connection();
}

session::Actions& turn(World& world) { return world.enter(ShardIndex{0}); }

}  // namespace

BOOST_AUTO_TEST_SUITE(registry)

BOOST_AUTO_TEST_CASE(sessions_are_found_by_their_exact_identifier) {
    World world;
    auto lower = world.connected(connect("pump"));
    auto upper = world.connected(connect("PUMP"));
    BOOST_TEST((world.find("pump") == lower.session()));
    BOOST_TEST((world.find("PUMP") == upper.session()));
    BOOST_TEST((world.find("Pump") == nullptr));
    BOOST_TEST((world.find("") == nullptr));
    BOOST_TEST((lower.session()->number() != upper.session()->number()));
}

BOOST_AUTO_TEST_CASE(a_session_number_is_never_used_again) {
    World world;
    auto first = world.connected(connect("a"));
    const SessionNumber number = first.session()->number();
    auto second = world.connected(connect("a"));
    BOOST_TEST((second.session()->number() > number));
}

// --- Deadlines

BOOST_AUTO_TEST_CASE(without_sessions_that_wait_there_is_no_deadline) {
    World world;
    BOOST_TEST((world.registry().next_deadline() == never));
    auto client = world.connected(connect("a").session_expiry(60).will("w", "x").will_delay(5));
    BOOST_TEST((world.registry().next_deadline() == never));
    world.registry().on_deadline(turn(world));
    BOOST_TEST(world.totals().sessions == 1U);
}

BOOST_AUTO_TEST_CASE(the_next_deadline_is_the_earliest_will_or_end) {
    World world;
    const Instant start = world.now;
    visit(world, connect("a").session_expiry(50));
    BOOST_TEST((world.registry().next_deadline() == start + Seconds{50}));
    visit(world, connect("b").session_expiry(100).will("w", "x").will_delay(20));
    BOOST_TEST((world.registry().next_deadline() == start + Seconds{20}));
    visit(world, connect("c").session_expiry(10).will("w", "x").will_delay(30));
    BOOST_TEST((world.registry().next_deadline() == start + Seconds{10}));
    world.advance(Seconds{10});
    BOOST_TEST((world.registry().next_deadline() == start + Seconds{20}));
    world.advance(Seconds{10});
    BOOST_TEST((world.registry().next_deadline() == start + Seconds{50}));
    world.advance(Seconds{30});
    BOOST_TEST((world.registry().next_deadline() == start + Seconds{100}));
    world.advance(Seconds{50});
    BOOST_TEST((world.registry().next_deadline() == never));
    BOOST_TEST(world.totals().sessions == 0U);
    BOOST_TEST(world.count(Counter::wills_published) == 2U);
}

BOOST_AUTO_TEST_CASE(who_returns_has_no_deadline_any_more) {
    World world;
    visit(world, connect("a").session_expiry(50).will("w", "x").will_delay(20));
    auto again = world.connected(connect("a").clean_start(false).session_expiry(50));
    BOOST_TEST((world.registry().next_deadline() == never));
    world.advance(Seconds{1'000});
    BOOST_TEST(world.totals().connected == 1U);
    BOOST_TEST(world.count(Counter::wills_published) == 0U);
}

BOOST_AUTO_TEST_CASE(a_deadline_that_is_met_late_is_met_once) {
    World world;
    visit(world, connect("a").session_expiry(50).will("w", "x").will_delay(20));
    world.now += Seconds{500};
    for (int i = 0; i < 3; ++i) world.registry().on_deadline(turn(world));
    BOOST_TEST(world.count(Counter::wills_published) == 1U);
    BOOST_TEST(world.count(Counter::sessions_ended) == 1U);
}

BOOST_AUTO_TEST_CASE(wills_due_at_the_same_instant_go_out_in_the_order_of_their_sessions) {
    World world;
    auto watcher = world.connected(connect("watcher"));
    watcher.receive(subscribe("w")).take_sent();
    // Sessions that come and go, so that addresses say nothing about age.
    for (int i = 0; i < 40; ++i) visit(world, connect("gone-" + std::to_string(i)));
    std::vector<ConnectionScript> clients;
    for (int i = 0; i < 40; ++i) {
        const std::string id = std::to_string(i);
        if (i % 3 == 0) visit(world, connect("between-" + id).session_expiry(i % 2 == 0 ? 0 : 3));
        clients.push_back(
            world.connected(connect(id).session_expiry(60).will("w", id).will_delay(10)));
        world.advance(Seconds{1});
    }
    for (auto client = clients.rbegin(); client != clients.rend(); ++client) {
        client->lose_connection();
    }
    world.advance(Seconds{10});
    std::vector<std::string> expected;
    for (int i = 0; i < 40; ++i) {
        expected.push_back("PUBLISH q0 topic=w payload=" + std::to_string(i));
    }
    BOOST_TEST(watcher.take_sent() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(ten_thousand_sessions_end_at_one_instant) {
    World world;
    for (int i = 0; i < 10'000; ++i) visit(world, connect(std::to_string(i)).session_expiry(60));
    BOOST_TEST(world.totals().sessions == 10'000U);
    world.registry().on_deadline(turn(world));
    world.now += Seconds{60};
    world.registry().on_deadline(turn(world));
    BOOST_TEST(world.totals().sessions == 0U);
    BOOST_TEST(world.count(Counter::sessions_ended) == 10'000U);
}

// --- Sweeping

BOOST_AUTO_TEST_CASE(sweeping_goes_round_all_sessions_a_few_at_a_time) {
    World world;
    for (int i = 0; i < 5; ++i) {
        auto client = world.connected(connect(std::to_string(i)).session_expiry(1'000));
        client.receive(subscribe("t", 1)).lose_connection();
    }
    auto sender = world.connected(connect("sender"));
    sender.receive(publish("t", "x").qos1().expiry(10));
    BOOST_TEST(world.totals().queued_messages == 5U);
    world.now += Seconds{10};
    session::Actions& actions = turn(world);
    std::vector<std::size_t> left;
    for (int i = 0; i < 4; ++i) {
        world.registry().sweep(2, actions);
        left.push_back(world.totals().queued_messages);
    }
    // Six sessions in all; the sender's has nothing.
    BOOST_TEST(left.back() == 0U);
    BOOST_TEST(left.front() == 3U);
    BOOST_TEST(world.count(DropReason::expired) == 5U);
    world.finish_turn();
}

BOOST_AUTO_TEST_CASE(sweeping_nothing_does_no_harm) {
    World world;
    world.registry().sweep(1'000, turn(world));
    auto client = world.connected(connect("a"));
    world.registry().sweep(0, turn(world));
    world.registry().sweep(1'000, turn(world));
    BOOST_TEST(world.totals().sessions == 1U);
}

BOOST_AUTO_TEST_CASE(an_operator_ends_a_connection_and_leaves_its_session) {
    World world;
    auto client = world.connected(connect("a").session_expiry(100));
    world.registry().end_connection("a", CloseReason::administrative_action, turn(world));
    world.registry().end_connection("nobody", CloseReason::administrative_action, turn(world));
    world.finish_turn();
    client.expect_sent("DISCONNECT administrative_action");
    client.expect_closed(CloseReason::administrative_action);
    BOOST_TEST(world.totals().sessions == 1U);
}

BOOST_AUTO_TEST_CASE(an_operator_ends_a_session_with_everything_in_it) {
    World world;
    auto client = world.connected(connect("a").session_expiry(100));
    client.receive(subscribe("t", 1)).take_sent();
    auto away = world.connected(connect("b").session_expiry(100));
    away.lose_connection();
    for (const char* const id : {"a", "b", "nobody"}) {
        world.registry().end(id, CloseReason::administrative_action, turn(world));
    }
    world.finish_turn();
    client.expect_sent("DISCONNECT administrative_action");
    client.expect_closed(CloseReason::administrative_action);
    BOOST_TEST(world.totals().sessions == 0U);
    BOOST_TEST(world.count(Counter::subscriptions_removed) == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
