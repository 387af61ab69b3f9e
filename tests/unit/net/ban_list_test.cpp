#include "net/ban_list.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using net::Ban;
using net::BanList;

namespace {

constexpr Instant start{Seconds{100'000}};

PeerAddress peer(std::uint8_t host, std::uint8_t net = 10) {
    PeerAddress address{.address = {}, .port = 1};
    address.address[10] = address.address[11] = 0xFF;
    address.address[12] = net;
    address.address[15] = host;
    return address;
}

const Limits strict{.login_failures_max = 3, .login_failures_per_address_max = 10};

/// So many wrong passwords; the last ban that began.
std::optional<Ban> guess(BanList& bans, const PeerAddress& from, std::string_view name, int times,
                         Instant now) {
    std::optional<Ban> begun;
    for (int i = 0; i < times; ++i) {
        if (auto ban = bans.on_failure(from, name, now)) begun = ban;
    }
    return begun;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ban_list)

BOOST_AUTO_TEST_CASE(a_name_that_fails_too_often_is_banned_from_that_address_only) {
    BanList bans{strict};
    BOOST_TEST(!guess(bans, peer(1), "pump-7", 2, start));
    BOOST_TEST(!bans.is_banned(peer(1), "pump-7", start));
    const auto ban = guess(bans, peer(1), "pump-7", 1, start);
    BOOST_TEST_REQUIRE(ban.has_value());
    BOOST_TEST(ban->name == "pump-7");
    BOOST_TEST(ban->failures == 3U);
    BOOST_TEST((ban->until == start + Seconds{60}));
    BOOST_TEST(bans.is_banned(peer(1), "pump-7", start));
    // Others behind the same address, and the same name elsewhere, are not.
    BOOST_TEST(!bans.is_banned(peer(1), "pump-8", start));
    BOOST_TEST(!bans.is_banned(peer(1), start));
    BOOST_TEST(!bans.is_banned(peer(2), "pump-7", start));
}

BOOST_AUTO_TEST_CASE(an_address_that_fails_with_many_names_is_banned_as_a_whole) {
    BanList bans{strict};
    std::optional<Ban> ban;
    for (int i = 0; i < 10; ++i) ban = bans.on_failure(peer(1), "name " + std::to_string(i), start);
    BOOST_TEST_REQUIRE(ban.has_value());
    BOOST_TEST(ban->name.empty());
    BOOST_TEST(bans.is_banned(peer(1), start));
    BOOST_TEST(bans.is_banned(peer(1), "whoever", start));
    BOOST_TEST(!bans.is_banned(peer(2), start));
}

BOOST_AUTO_TEST_CASE(a_ban_ends_and_the_next_one_is_twice_as_long_up_to_the_maximum) {
    BanList bans{{.login_failures_max = 1, .login_failures_per_address_max = unlimited,
                  .ban_time = Seconds{60}, .ban_time_max = Seconds{200}}};
    Instant now = start;
    for (const int seconds : {60, 120, 200, 200}) {
        const auto ban = bans.on_failure(peer(1), "a", now);
        BOOST_TEST_REQUIRE(ban.has_value());
        BOOST_TEST((ban->until == now + Seconds{seconds}));
        BOOST_TEST(bans.is_banned(peer(1), "a", ban->until - Milliseconds{1}));
        BOOST_TEST(!bans.is_banned(peer(1), "a", ban->until));
        now = ban->until;
    }
    // After a long quiet time it is the first one again.
    now += Seconds{401};
    BOOST_TEST((bans.on_failure(peer(1), "a", now)->until == now + Seconds{60}));
}

BOOST_AUTO_TEST_CASE(failures_far_apart_do_not_add_up) {
    BanList bans{strict};
    for (int i = 0; i < 20; ++i) {
        BOOST_TEST(!bans.on_failure(peer(1), "a", start + Seconds{301 * i}));
    }
}

BOOST_AUTO_TEST_CASE(a_right_password_clears_its_name_and_not_the_address) {
    BanList bans{strict};
    for (int i = 0; i < 4; ++i) {
        BOOST_TEST(!guess(bans, peer(1), "mine", 2, start));
        bans.on_success(peer(1), "mine", start);
    }
    BOOST_TEST(!bans.is_banned(peer(1), start));
    const auto ban = guess(bans, peer(1), "yours", 2, start);
    BOOST_TEST_REQUIRE(ban.has_value());
    BOOST_TEST(ban->name.empty());
}

BOOST_AUTO_TEST_CASE(what_was_asked_before_a_ban_and_fails_after_it_does_not_lengthen_it) {
    BanList bans{strict};
    const auto ban = guess(bans, peer(1), "a", 3, start);
    BOOST_TEST(!guess(bans, peer(1), "a", 3, start + Seconds{1}));
    BOOST_TEST_REQUIRE(bans.list(start + Seconds{1}).size() == 1U);
    BOOST_TEST((bans.list(start + Seconds{1}).front().until == ban->until));
    bans.on_success(peer(1), "a", start + Seconds{1});
    BOOST_TEST(bans.is_banned(peer(1), "a", start + Seconds{1}));
}

BOOST_AUTO_TEST_CASE(this_machine_is_exempt_unless_it_is_not) {
    BanList bans{strict};
    BOOST_TEST(!guess(bans, peer(1, 127), "a", 100, start));
    BOOST_TEST(!bans.is_banned(peer(1, 127), "a", start));
    Limits limits = strict;
    limits.ban_loopback = true;
    BanList all{limits};
    BOOST_TEST(guess(all, peer(1, 127), "a", 3, start).has_value());
    BOOST_TEST(all.is_banned(peer(1, 127), "a", start));
}

BOOST_AUTO_TEST_CASE(the_addresses_of_an_ipv6_network_are_one) {
    BanList bans{strict};
    PeerAddress from{.address = {0x20, 0x01, 0x0D, 0xB8}, .port = 1};
    for (std::uint8_t host = 0; host < 3; ++host) {
        from.address[15] = host;
        static_cast<void>(bans.on_failure(from, "a", start));
    }
    from.address[15] = 99;
    BOOST_TEST(bans.is_banned(from, "a", start));
    from.address[7] = 1;
    BOOST_TEST(!bans.is_banned(from, "a", start));
}

BOOST_AUTO_TEST_CASE(bans_are_listed_and_lifted) {
    BanList bans{strict};
    guess(bans, peer(1), "a", 3, start);
    guess(bans, peer(2), "b", 3, start + Seconds{30});
    const auto list = bans.list(start + Seconds{30});
    BOOST_TEST_REQUIRE(list.size() == 2U);
    BOOST_TEST(list.front().network.address_text() == "10.0.0.1");
    BOOST_TEST(list.back().name == "b");
    BOOST_TEST(list.back().times == 1U);
    BOOST_TEST(list.back().failures == 3U);
    BOOST_TEST(bans.count(start + Seconds{60}) == 1U);
    BOOST_TEST(!bans.lift(list.front().number, start + Seconds{60}));  // it is over
    BOOST_TEST(bans.lift(list.back().number, start + Seconds{60}));
    BOOST_TEST(!bans.is_banned(peer(2), "b", start + Seconds{60}));
    BOOST_TEST(!bans.lift(list.back().number, start + Seconds{60}));
    // What led to it is forgotten: the next ban is a first one.
    BOOST_TEST(guess(bans, peer(2), "b", 3, start + Seconds{61})->times == 1U);
}

BOOST_AUTO_TEST_CASE(an_attacker_with_many_names_and_addresses_does_not_push_out_bans) {
    Limits limits = strict;
    limits.watched_entries_max = 64;
    BanList bans{limits};
    guess(bans, peer(1), "a", 3, start);
    for (int i = 0; i < 10'000; ++i) {
        static_cast<void>(bans.on_failure(peer(static_cast<std::uint8_t>(i % 200 + 2),
                                               static_cast<std::uint8_t>(20 + i / 200)),
                                          "name " + std::to_string(i), start));
    }
    BOOST_TEST(bans.is_banned(peer(1), "a", start));
}

BOOST_AUTO_TEST_CASE(passwords_that_are_looked_at_side_by_side_count_like_others) {
    BanList bans{strict};
    for (int i = 0; i < 3; ++i) BOOST_TEST(bans.begin_attempt(peer(1), "a", start));
    BOOST_TEST(!bans.begin_attempt(peer(1), "a", start));
    BOOST_TEST(bans.begin_attempt(peer(1), "b", start));
    BOOST_TEST(!bans.is_banned(peer(1), "a", start));
    // One was right: the name has all its tries again, but for the two that are under way.
    bans.on_success(peer(1), "a", start);
    BOOST_TEST(bans.begin_attempt(peer(1), "a", start));
    BOOST_TEST(!bans.begin_attempt(peer(1), "a", start));
    for (int i = 0; i < 3; ++i) {
        static_cast<void>(bans.on_failure(peer(1), "a", start));
        BOOST_TEST(!bans.begin_attempt(peer(1), "a", start));
    }
    BOOST_TEST(bans.is_banned(peer(1), "a", start));
    BOOST_TEST(!bans.begin_attempt(peer(1), "a", start));
    BOOST_TEST(bans.begin_attempt(peer(1), "a", start + Seconds{61}));
}

BOOST_AUTO_TEST_CASE(an_attempt_that_ends_unjudged_leaves_nothing_behind) {
    BanList bans{strict};
    for (int i = 0; i < 100; ++i) {
        BOOST_TEST(bans.begin_attempt(peer(1), "a", start));
        bans.end_attempt(peer(1), "a", start);
        bans.end_attempt(peer(1), "a", start);
    }
}

BOOST_AUTO_TEST_CASE(of_long_names_only_the_beginning_is_kept) {
    BanList bans{strict};
    const std::string beginning(BanList::name_bytes_max, 'x');
    const auto ban = guess(bans, peer(1), beginning + std::string(60'000, 'y'), 3, start);
    BOOST_TEST_REQUIRE(ban.has_value());
    BOOST_TEST(ban->name == beginning);
}

BOOST_AUTO_TEST_CASE(without_maxima_nobody_is_banned) {
    BanList bans{{.login_failures_max = unlimited, .login_failures_per_address_max = unlimited}};
    BOOST_TEST(!guess(bans, peer(1), "a", 10'000, start));
}

BOOST_AUTO_TEST_SUITE_END()
