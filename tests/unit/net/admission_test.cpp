#include "net/admission.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using net::Admission;

namespace {

constexpr std::size_t many_descriptors = 1'000'000;

PeerAddress peer(std::uint8_t host, std::uint16_t port = 1) {
    PeerAddress address{.address = {}, .port = port};
    address.address[10] = address.address[11] = 0xFF;
    address.address[15] = host;
    return address;
}

/// Lets so many in and says how many of them were not refused.
std::size_t let_in(Admission& admission, std::size_t count) {
    std::size_t welcome = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const auto port = static_cast<std::uint16_t>(i);
        const Admission::Verdict verdict = admission.enter(peer(1, port));
        if (verdict.may_stay && !verdict.refusal) ++welcome;
    }
    return welcome;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(admission)

BOOST_AUTO_TEST_CASE(without_a_maximum_everyone_is_welcome) {
    Admission admission{{}, many_descriptors};
    BOOST_TEST(let_in(admission, 10'000) == 10'000U);
    BOOST_TEST(admission.count() == 10'000U);
}

BOOST_AUTO_TEST_CASE(as_many_as_the_maximum_are_welcome_and_the_next_are_told_why_not) {
    Admission admission{{.connections_max = 3}, many_descriptors};
    BOOST_TEST(let_in(admission, 3) == 3U);
    const Admission::Verdict verdict = admission.enter(peer(9));
    BOOST_TEST(verdict.may_stay);
    BOOST_TEST((verdict.refusal == CloseReason::too_many_connections));
}

BOOST_AUTO_TEST_CASE(far_over_the_maximum_nobody_gets_an_answer) {
    Admission admission{{.connections_max = 3}, many_descriptors};
    let_in(admission, 3 + 64);
    const Admission::Verdict verdict = admission.enter(peer(9));
    BOOST_TEST(!verdict.may_stay);
    BOOST_TEST((verdict.refusal == CloseReason::too_many_connections));
}

BOOST_AUTO_TEST_CASE(who_leaves_makes_room) {
    Admission admission{{.connections_max = 2}, many_descriptors};
    static_cast<void>(admission.enter(peer(1)));
    static_cast<void>(admission.enter(peer(2)));
    BOOST_TEST(admission.enter(peer(3)).refusal.has_value());
    admission.leave(peer(3), true);
    admission.leave(peer(1), false);
    BOOST_TEST(!admission.enter(peer(4)).refusal.has_value());
    BOOST_TEST(admission.count() == 2U);
}

BOOST_AUTO_TEST_CASE(connections_of_one_address_are_counted_together_whatever_their_port) {
    Admission admission{{.connections_per_address_max = 2}, many_descriptors};
    BOOST_TEST(!admission.enter(peer(1, 10)).refusal);
    BOOST_TEST(!admission.enter(peer(1, 11)).refusal);
    const Admission::Verdict third = admission.enter(peer(1, 12));
    BOOST_TEST(third.may_stay);
    BOOST_TEST((third.refusal == CloseReason::too_many_connections_from_address));
    BOOST_TEST(!admission.enter(peer(2, 10)).refusal);
    // The refused one counts until it has gone.
    admission.leave(peer(1, 10), false);
    BOOST_TEST(admission.enter(peer(1, 13)).refusal.has_value());
    admission.leave(peer(1, 12), true);
    admission.leave(peer(1, 13), true);
    BOOST_TEST(!admission.enter(peer(1, 14)).refusal);
}

BOOST_AUTO_TEST_CASE(an_ipv6_network_of_64_bits_is_one_address) {
    Admission admission{{.connections_per_address_max = 1}, many_descriptors};
    PeerAddress one{.address = {0x20, 0x01, 0x0D, 0xB8}, .port = 1};
    PeerAddress neighbour = one;
    neighbour.address[15] = 7;
    PeerAddress stranger = one;
    stranger.address[7] = 1;
    BOOST_TEST(!admission.enter(one).refusal);
    BOOST_TEST(admission.enter(neighbour).refusal.has_value());
    BOOST_TEST(!admission.enter(stranger).refusal);
}

BOOST_AUTO_TEST_CASE(who_is_refused_anyhow_is_told_why_and_takes_nobodys_place) {
    Admission admission{{.connections_max = 1}, many_descriptors};
    for (int i = 0; i < 64; ++i) {
        const Admission::Verdict verdict = admission.enter(peer(1), CloseReason::banned);
        BOOST_TEST(verdict.may_stay);
        BOOST_TEST((verdict.refusal == CloseReason::banned));
    }
    const Admission::Verdict too_many = admission.enter(peer(1), CloseReason::banned);
    BOOST_TEST(!too_many.may_stay);
    BOOST_TEST((too_many.refusal == CloseReason::banned));
    BOOST_TEST(!admission.enter(peer(2)).refusal);
    admission.leave(peer(1), true);
    BOOST_TEST(admission.enter(peer(1), CloseReason::banned).may_stay);
    BOOST_TEST(admission.count() == 65U);
}

BOOST_AUTO_TEST_CASE(connections_that_come_too_fast_are_not_answered) {
    Admission admission{{}, many_descriptors};
    const Admission::Verdict verdict =
        admission.enter(peer(1), CloseReason::connection_rate_exceeded);
    BOOST_TEST(!verdict.may_stay);
    BOOST_TEST(admission.count() == 0U);
}

BOOST_AUTO_TEST_CASE(an_address_is_forgotten_when_its_last_connection_leaves) {
    Admission admission{{.connections_per_address_max = 1}, many_descriptors};
    for (int round = 0; round < 3; ++round) {
        for (std::uint8_t host = 0; host < 200; ++host) {
            BOOST_TEST(!admission.enter(peer(host)).refusal);
        }
        for (std::uint8_t host = 0; host < 200; ++host) admission.leave(peer(host), false);
    }
    BOOST_TEST(admission.count() == 0U);
}

BOOST_AUTO_TEST_CASE(descriptors_for_other_things_are_kept_back) {
    BOOST_TEST(Admission({}, 10'192).connections_max() == 10'000U);
    BOOST_TEST(Admission({.connections_max = 500}, 10'192).connections_max() == 500U);
    // A process with few descriptors gives half of them to connections.
    BOOST_TEST(Admission({}, 384).connections_max() == 192U);
    BOOST_TEST(Admission({}, 385).connections_max() == 193U);
    BOOST_TEST(Admission({}, 100).connections_max() == 50U);
}

BOOST_AUTO_TEST_CASE(the_process_never_runs_out_of_descriptors) {
    for (const std::size_t descriptors : {256U, 384U, 385U, 1'024U, 65'536U}) {
        Admission admission{{}, descriptors};
        std::size_t open = 0;
        for (std::size_t i = 0; i < 2 * descriptors; ++i) {
            if (!admission.enter(peer(1)).may_stay) break;
            ++open;
        }
        BOOST_TEST(open < descriptors - 32, "of " << descriptors << " descriptors " << open);
    }
}

BOOST_AUTO_TEST_SUITE_END()
