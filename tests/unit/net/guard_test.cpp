#include "net/guard.hpp"

#include "support/world.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using net::Guard;
using net::LoopLag;
using session::LoginOutcome;
using test_support::EventRecorder;

namespace {

constexpr Instant start{Seconds{1'000}};

PeerAddress peer(std::uint8_t host) {
    PeerAddress address{.address = {}, .port = 5'000};
    address.address[10] = address.address[11] = 0xFF;
    address.address[12] = 10;
    address.address[15] = host;
    return address;
}

struct Fixture {
    Limits limits{.connections_per_second_per_address_max = 5,
                  .login_failures_max = 2,
                  .login_failures_per_address_max = 4,
                  .flapping_takeovers_max = 1};
    EventRecorder events;
    Counters counters;
    Turn turn{ShardIndex{0}, counters};
    Guard guard{limits, 1'600, events, start};

    Fixture() { turn.now = start; }
    std::optional<CloseReason> refusal(LoopLag::Pressure pressure = LoopLag::Pressure::none) {
        return guard.refusal_of(peer(1), pressure, turn.now);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(guard)

BOOST_FIXTURE_TEST_CASE(wrong_passwords_end_in_a_ban_that_is_counted_and_told, Fixture) {
    BOOST_TEST(!guard.refuse_login(peer(1), "pump-7", start));
    BOOST_TEST(!guard.refuse_login(peer(1), "pump-7", start));
    guard.on_login(peer(1), "pump-7", LoginOutcome::wrong, turn);
    BOOST_TEST(events.events.empty());
    guard.on_login(peer(1), "pump-7", LoginOutcome::wrong, turn);
    BOOST_TEST((guard.refuse_login(peer(1), "pump-7", start) == CloseReason::banned));
    BOOST_TEST(!guard.refuse_login(peer(1), "pump-8", start));
    BOOST_TEST(!refusal());
    const auto told = events.last("ban_begun");
    BOOST_TEST(told.client_id == "pump-7");
    BOOST_TEST(told.reason == "banned");
    BOOST_TEST(told.detail == "this name from there for 60 s, after 2 wrong passwords; ban 1");
    BOOST_TEST(counters.get(Counter::logins_failed) == 2U);
    BOOST_TEST(counters.get(Counter::bans_begun) == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_name_that_is_guessed_from_everywhere_is_told_and_not_banned, Fixture) {
    for (std::uint8_t host = 1; host <= 4; ++host) {
        guard.on_login(peer(host), "admin", LoginOutcome::wrong, turn);
    }
    BOOST_TEST(events.events.empty());
    guard.on_login(peer(5), "admin", LoginOutcome::wrong, turn);
    BOOST_TEST(events.last("name_guessed").client_id == "admin");
    BOOST_TEST(events.last("name_guessed").count == 5U);
    BOOST_TEST(!guard.refuse_login(peer(6), "admin", start));
}

BOOST_FIXTURE_TEST_CASE(a_banned_address_is_refused_before_its_connect, Fixture) {
    for (const char* const name : {"a", "b", "c", "d"}) {
        guard.on_login(peer(1), name, LoginOutcome::wrong, turn);
    }
    BOOST_TEST((refusal() == CloseReason::banned));
    BOOST_TEST(!guard.refusal_of(peer(2), LoopLag::Pressure::none, start));
    BOOST_TEST(guard.lift_ban(1, "admin", start));
    BOOST_TEST(!guard.lift_ban(1, "admin", start));
    BOOST_TEST(events.last("ban_lifted").detail == "ban 1 was lifted by admin");
    BOOST_TEST(!refusal());
}

BOOST_FIXTURE_TEST_CASE(too_many_connections_in_a_second_are_refused, Fixture) {
    for (int i = 0; i < 5; ++i) BOOST_TEST(!refusal());
    BOOST_TEST((refusal() == CloseReason::connection_rate_exceeded));
    turn.now += Seconds{1};
    BOOST_TEST(!refusal());
}

BOOST_FIXTURE_TEST_CASE(an_overloaded_loop_refuses_a_slow_one_does_not, Fixture) {
    BOOST_TEST((refusal(LoopLag::Pressure::refuse) == CloseReason::server_overloaded));
    BOOST_TEST(!refusal(LoopLag::Pressure::slow));
}

BOOST_FIXTURE_TEST_CASE(exhausted_memory_is_told_once_and_its_end_too, Fixture) {
    guard.on_memory_measured(1'600);
    guard.on_memory_measured(1'700);
    BOOST_TEST(guard.is_memory_exhausted());
    BOOST_TEST((refusal() == CloseReason::memory_exhausted));
    BOOST_TEST(events.events.size() == 1U);
    BOOST_TEST(events.last("memory_exhausted").reason == "memory_exhausted");
    guard.on_memory_measured(1'000);
    BOOST_TEST(!guard.is_memory_exhausted());
    BOOST_TEST(!refusal());
    BOOST_TEST(events.last("memory_recovered").detail.starts_with("0 MiB of 0 MiB"));
}

BOOST_FIXTURE_TEST_CASE(a_flapping_client_id_is_told_with_both_addresses, Fixture) {
    guard.on_takeover("pump-7", peer(1), peer(2), turn);
    BOOST_TEST(events.events.empty());
    guard.on_takeover("pump-7", peer(2), peer(1), turn);
    const auto told = events.last("client_id_flapping");
    BOOST_TEST(told.client_id == "pump-7");
    BOOST_TEST(told.count == 2U);
    BOOST_TEST(told.detail ==
               "connections from 10.0.0.2:5000 and 10.0.0.1:5000 take it from each other: "
               "is it used twice?");
    BOOST_TEST(counters.get(Counter::flapping_client_ids) == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
