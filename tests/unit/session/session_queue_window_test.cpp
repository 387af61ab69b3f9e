// The queue as a container: what of it is in memory, and how pages of the store come back into it.

#include "session/session_queue.hpp"

#include <boost/test/unit_test.hpp>

#include <numeric>
#include <string>
#include <vector>

using namespace holdfast;
using namespace holdfast::session;

namespace {

constexpr Instant now{Seconds{1'000}};
constexpr Seconds for_ever = Seconds::max();
constexpr auto connected = SessionQueue::Client::connected;
constexpr auto away = SessionQueue::Client::away;

Waiting waiting(std::uint64_t position, std::string_view payload = "", Instant expires_at = never) {
    OutboundMessage outbound{
        ApplicationMessage::create(
            {.topic = "t", .payload = as_bytes(payload), .expires_at = expires_at}),
        {.qos = position == 0 ? QoS::at_most_once : QoS::at_least_once}};
    outbound.position = store::Position{position};
    return {std::move(outbound), now};
}

std::uint64_t position_of(const OutboundMessage& outbound) {
    return static_cast<std::uint64_t>(outbound.position);
}

/// Gives the queue what the store has from its line on, up to `count` records of these.
void give_page(SessionQueue& queue, const std::vector<std::uint64_t>& stored, std::size_t count,
               std::uint64_t through, std::vector<std::uint64_t>& lost) {
    const store::Position after = queue.page_after();
    const auto tell = [&](const StoredLine& line) {
        lost.push_back(static_cast<std::uint64_t>(line.position));
    };
    for (const std::uint64_t position : stored) {
        if (store::Position{position} <= after || count == 0) continue;
        --count;
        if (!queue.seek(store::Position{position}, store::Position{through}, tell)) continue;
        static_cast<void>(queue.take_line());
        queue.load(waiting(position));
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(session_queue_window)

BOOST_AUTO_TEST_CASE(only_a_window_of_stored_messages_is_in_memory) {
    SessionQueue queue;
    for (std::uint64_t position = 1; position <= 10'000; ++position) {
        queue.push_back(waiting(position), for_ever, connected);
    }
    BOOST_TEST(queue.size() == 10'000U);
    BOOST_TEST(queue.stored_count() == 10'000U);
    BOOST_TEST(queue.loaded_count() == SessionQueue::window_messages_max);
    BOOST_TEST(sizeof(StoredLine) == 16U);
}

BOOST_AUTO_TEST_CASE(a_client_that_is_away_has_hardly_any_in_memory) {
    SessionQueue queue;
    for (std::uint64_t position = 1; position <= 100; ++position) {
        queue.push_back(waiting(position), for_ever, away);
    }
    BOOST_TEST(queue.loaded_count() == SessionQueue::away_messages_max);
    // Behind what only the store has, none is put into memory, although the client is back.
    queue.push_back(waiting(101), for_ever, connected);
    BOOST_TEST(queue.loaded_count() == SessionQueue::away_messages_max);
    std::vector<std::uint64_t> stored(101);
    std::iota(stored.begin(), stored.end(), 1U);
    std::vector<std::uint64_t> lost;
    for (std::uint64_t expected = 1; expected <= 101; ++expected) {
        if (queue.wants_page()) give_page(queue, stored, 50, 101, lost);
        BOOST_TEST_REQUIRE(queue.front() != nullptr);
        BOOST_TEST(position_of(queue.take_front()) == expected);
    }
    BOOST_TEST(queue.empty());
    BOOST_TEST(lost.empty());
}

BOOST_AUTO_TEST_CASE(a_large_one_for_a_client_that_is_away_is_the_last_in_memory) {
    SessionQueue queue;
    const std::string large(SessionQueue::away_bytes_max, 'x');
    for (std::uint64_t position = 1; position <= 3; ++position) {
        queue.push_back(waiting(position, large), for_ever, away);
    }
    BOOST_TEST(queue.loaded_count() == 1U);
}

BOOST_AUTO_TEST_CASE(the_window_is_bounded_in_bytes_too) {
    SessionQueue queue;
    const std::string large(SessionQueue::window_bytes_max, 'x');
    queue.push_back(waiting(1, large), for_ever, connected);
    queue.push_back(waiting(2, large), for_ever, connected);
    BOOST_TEST(queue.loaded_count() == 1U);
    BOOST_TEST(queue.bytes() > 2 * large.size());
}

BOOST_AUTO_TEST_CASE(what_the_store_does_not_have_stays_in_memory) {
    SessionQueue queue;
    for (int i = 0; i < 200; ++i) queue.push_back(waiting(0), for_ever, connected);
    BOOST_TEST(queue.loaded_count() == 200U);
    BOOST_TEST(queue.stored_count() == 0U);
    BOOST_TEST(!queue.wants_page());
}

BOOST_AUTO_TEST_CASE(pages_come_back_in_order_with_what_was_kept_between) {
    SessionQueue queue;
    std::vector<std::uint64_t> stored;
    for (std::uint64_t i = 1; i <= 300; ++i) {
        const bool is_stored = i % 7 != 0;
        if (is_stored) stored.push_back(i);
        Waiting next = waiting(is_stored ? i : 0, std::to_string(i));
        queue.push_back(std::move(next), for_ever, connected);
    }
    std::vector<std::uint64_t> lost;
    std::uint64_t expected = 1;
    while (!queue.empty()) {
        if (queue.wants_page()) give_page(queue, stored, 50, 300, lost);
        BOOST_TEST_REQUIRE(queue.front() != nullptr);
        const OutboundMessage outbound = queue.take_front();
        if (expected % 7 != 0) {
            BOOST_TEST_REQUIRE(position_of(outbound) == expected);
        } else {
            BOOST_TEST_REQUIRE(as_text(outbound.message->payload()) == std::to_string(expected));
        }
        ++expected;
    }
    BOOST_TEST(expected == 301U);
    BOOST_TEST(lost.empty());
    BOOST_TEST(queue.bytes() == 0U);
}

BOOST_AUTO_TEST_CASE(a_line_the_store_has_nothing_for_is_lost_once_it_must_have_been_committed) {
    SessionQueue queue;
    for (std::uint64_t position = 1; position <= 5; ++position) {
        queue.push_back_stored(store::Position{position}, 100, false);
    }
    std::vector<std::uint64_t> lost;
    give_page(queue, {1, 3, 5}, 10, 2, lost);  // 2 must be there; 4 is perhaps on its way
    BOOST_TEST(lost == std::vector<std::uint64_t>{2}, boost::test_tools::per_element());
    BOOST_TEST(position_of(queue.take_front()) == 1U);
    BOOST_TEST(position_of(queue.take_front()) == 3U);
    BOOST_TEST(queue.size() == 2U);
    give_page(queue, {4, 5}, 10, 5, lost);
    BOOST_TEST(position_of(queue.take_front()) == 4U);
    BOOST_TEST(lost.size() == 1U);
}

BOOST_AUTO_TEST_CASE(one_can_be_removed_wherever_it_is) {
    SessionQueue queue;
    for (std::uint64_t position = 1; position <= 100; ++position) {
        queue.push_back(waiting(position), for_ever, connected);
    }
    const auto loaded = queue.remove(store::Position{3});
    BOOST_TEST_REQUIRE(loaded.has_value());
    BOOST_TEST(loaded->outbound.has_value());
    const auto line = queue.remove(store::Position{100});
    BOOST_TEST_REQUIRE(line.has_value());
    BOOST_TEST(!line->outbound.has_value());
    BOOST_TEST(line->bytes == loaded->bytes);
    BOOST_TEST(!queue.remove(store::Position{100}).has_value());
    BOOST_TEST(queue.size() == 98U);
}

BOOST_AUTO_TEST_CASE(a_line_knows_when_it_ends_and_why) {
    SessionQueue queue;
    for (std::uint64_t position = 1; position <= SessionQueue::window_messages_max; ++position) {
        queue.push_back(waiting(position), for_ever, connected);
    }
    queue.push_back(waiting(100, "", now + Milliseconds{1'500}), Seconds{60}, connected);
    queue.push_back(waiting(101), Seconds{60}, connected);
    queue.push_back(waiting(102), for_ever, connected);
    std::vector<StoredLine> lines;
    queue.remove_lines_if([&](const StoredLine& line) {
        lines.push_back(line);
        return true;
    });
    BOOST_TEST_REQUIRE(lines.size() == 3U);
    BOOST_TEST(lines[0].ends_at_seconds == 1'002U);  // not before the message itself does
    BOOST_TEST((lines[0].ends_by_age == 0U));
    BOOST_TEST(lines[1].ends_at_seconds == 1'060U);
    BOOST_TEST((lines[1].ends_by_age == 1U));
    BOOST_TEST(lines[2].ends_at_seconds == StoredLine::no_end);
}

BOOST_AUTO_TEST_SUITE_END()
