#include "delivery/waiting_messages.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using delivery::WaitingMessage;
using delivery::WaitingMessages;
using store::Position;

namespace {

WaitingMessage at(std::uint64_t position, std::uint32_t bytes = 10) {
    WaitingMessage message;
    message.position = Position{position};
    message.bytes = bytes;
    return message;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(waiting_messages)

BOOST_AUTO_TEST_CASE(messages_are_found_by_their_position) {
    WaitingMessages waiting;
    BOOST_TEST(waiting.find(Position{1}) == nullptr);
    for (const std::uint64_t position : {2, 3, 5}) waiting.add(at(position));
    BOOST_TEST(waiting.find(Position{4}) == nullptr);
    BOOST_REQUIRE(waiting.find(Position{5}) != nullptr);
    BOOST_TEST(waiting.place_of(Position{5}) == 2U);
    BOOST_TEST((waiting.behind(Position{3})->position == Position{5}));
    BOOST_TEST((waiting.behind(Position{5}) == waiting.end()));
    BOOST_TEST(waiting.bytes() == 30U);
}

BOOST_AUTO_TEST_CASE(messages_are_found_with_and_without_gaps_between_them) {
    WaitingMessages waiting;
    for (std::uint64_t position = 10; position < 300; ++position) waiting.add(at(position));
    for (std::uint64_t gone = 10; gone < 300; gone += 7) waiting.take(Position{gone});
    std::size_t place = 0;
    for (std::uint64_t position = 1; position < 310; ++position) {
        const bool is_there = position > 10 && position < 300 && (position - 10) % 7 != 0;
        const WaitingMessage* const found = waiting.find(Position{position});
        BOOST_TEST((found != nullptr) == is_there, position);
        BOOST_TEST(static_cast<std::size_t>(waiting.behind(Position{position}) - waiting.begin()) ==
                   place + (is_there ? 1U : 0U), position);
        if (is_there) BOOST_TEST(waiting.place_of(Position{position}) == place++, position);
    }
}

BOOST_AUTO_TEST_CASE(messages_leave_from_anywhere_and_may_come_back) {
    WaitingMessages waiting;
    for (const std::uint64_t position : {1, 2, 3}) waiting.add(at(position));
    const WaitingMessage second = waiting.take(Position{2});
    BOOST_TEST((second.position == Position{2}));
    BOOST_TEST(waiting.count() == 2U);
    BOOST_TEST(waiting.bytes() == 20U);
    waiting.put_back(second);
    BOOST_TEST(waiting.place_of(Position{2}) == 1U);
    BOOST_TEST(waiting.bytes() == 30U);
}

BOOST_AUTO_TEST_CASE(the_same_identifiers_are_found_among_few_and_among_many) {
    WaitingMessages waiting;
    constexpr std::uint32_t hashes = 50;
    const auto check = [&] {
        for (std::uint32_t hash = 0; hash <= hashes; ++hash) {
            std::vector<Position> expected;
            for (const WaitingMessage& message : waiting) {
                if (message.id_hash == hash) expected.push_back(message.position);
            }
            std::vector<Position> found;
            waiting.find_all(hash, found);
            BOOST_TEST((found == expected));
        }
    };
    for (std::uint64_t position = 1; position <= 300; ++position) {
        WaitingMessage message = at(position);
        message.id_hash = static_cast<std::uint32_t>(position * position % hashes);
        waiting.add(message);
        if (position % 20 == 0) check();
    }
    for (std::uint64_t position = 300; position > 0; --position) {
        const WaitingMessage taken = waiting.take(Position{position});
        if (position % 7 == 0) {
            waiting.put_back(taken);
            check();
            BOOST_TEST((waiting.take(Position{position}).id_hash == taken.id_hash));
        }
        if (position % 20 == 0 || position < 10) check();
    }
}

BOOST_AUTO_TEST_CASE(instants_before_the_clock_began_are_its_beginning) {
    WaitingMessage message;
    message.set_expires_at(Instant{Milliseconds{-5}});
    BOOST_TEST((message.expires_at() == Instant{}));
    message.set_expires_at(Instant{Milliseconds{5}});
    BOOST_TEST((message.expires_at() == Instant{Milliseconds{5}}));
    message.set_expires_at(never);
    BOOST_TEST((message.expires_at() == Instant{Milliseconds{(std::int64_t{1} << 42) - 1}}));
}

BOOST_AUTO_TEST_CASE(attempts_are_counted_up_to_255) {
    WaitingMessage message;
    for (int i = 0; i < 300; ++i) message.count_attempt();
    BOOST_TEST((message.attempts == 255U));
}

BOOST_AUTO_TEST_SUITE_END()
