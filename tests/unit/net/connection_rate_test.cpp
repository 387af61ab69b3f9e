#include "net/connection_rate.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using net::ConnectionRate;

namespace {

constexpr Instant start{Seconds{1'000}};

PeerAddress peer(std::uint8_t host) {
    PeerAddress address{.address = {}, .port = 1};
    address.address[10] = address.address[11] = 0xFF;
    address.address[15] = host;
    return address;
}

int admitted(ConnectionRate& rate, const PeerAddress& from, int tries, Instant now) {
    int count = 0;
    for (int i = 0; i < tries; ++i) count += rate.admit(from, now) ? 1 : 0;
    return count;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(connection_rate)

BOOST_AUTO_TEST_CASE(without_limits_nobody_waits) {
    ConnectionRate rate{{}, start};
    BOOST_TEST(admitted(rate, peer(1), 10'000, start) == 10'000);
    BOOST_TEST((rate.next_accept_at(start) == start));
}

BOOST_AUTO_TEST_CASE(too_many_in_all_wait_for_their_turn) {
    ConnectionRate rate{{.connections_per_second_max = 4}, start};
    for (std::uint8_t host = 0; host < 4; ++host) {
        BOOST_TEST((rate.next_accept_at(start) == start));
        BOOST_TEST(rate.admit(peer(host), start));
    }
    BOOST_TEST((rate.next_accept_at(start) == start + Milliseconds{250}));
    BOOST_TEST((rate.next_accept_at(start + Milliseconds{250}) == start + Milliseconds{250}));
}

BOOST_AUTO_TEST_CASE(too_many_from_one_address_are_turned_away_others_are_not) {
    ConnectionRate rate{{.connections_per_second_per_address_max = 3}, start};
    BOOST_TEST(admitted(rate, peer(1), 10, start) == 3);
    BOOST_TEST(admitted(rate, peer(2), 1, start) == 1);
    BOOST_TEST(admitted(rate, peer(1), 10, start + Seconds{1}) == 3);
}

BOOST_AUTO_TEST_CASE(who_is_turned_away_takes_nobodys_turn) {
    ConnectionRate rate{
        {.connections_per_second_per_address_max = 1, .connections_per_second_max = 3}, start};
    BOOST_TEST(admitted(rate, peer(1), 100, start) == 1);
    BOOST_TEST((rate.next_accept_at(start) == start));
}

BOOST_AUTO_TEST_CASE(an_attacker_with_many_addresses_fills_no_memory) {
    ConnectionRate rate{{.connections_per_second_per_address_max = 1, .watched_entries_max = 16},
                        start};
    for (int host = 0; host < 256; ++host) {
        BOOST_TEST(rate.admit(peer(static_cast<std::uint8_t>(host)), start));
    }
    BOOST_TEST(!rate.admit(peer(255), start));
    BOOST_TEST(rate.admit(peer(0), start));  // forgotten long ago
}

BOOST_AUTO_TEST_SUITE_END()
