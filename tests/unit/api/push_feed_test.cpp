#include "api/push_feed.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::api;
using store::Position;

namespace {

struct Fixture {
    void add(std::uint64_t position, const std::string& device, Seconds lives = Seconds{3600}) {
        feed.add({.position = Position{position},
                  .order = device,
                  .text = device + std::to_string(position),
                  .expires_at = now + lives});
    }
    /// What goes now, separated by spaces.
    std::string sent() {
        std::string text;
        while (const PushFeed::Entry* const entry = feed.next(host, now)) text += entry->text + " ";
        return text;
    }
    void succeed(std::uint64_t position) {
        feed.on_success(Position{position});
        host.on_success();
    }
    void fail(std::uint64_t position, unsigned jitter = 0) {
        feed.on_failure(Position{position}, now, jitter);
        host.on_failure(now, settings);
    }
    [[nodiscard]] std::uint64_t cursor() const { return static_cast<std::uint64_t>(feed.cursor()); }

    PushSettings settings;
    Instant now{Seconds{1000}};
    PushHost host;
    PushFeed feed{settings, Position{4}, now};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(push_feed, Fixture)

BOOST_AUTO_TEST_CASE(of_one_device_one_goes_at_a_time_and_of_others_at_once) {
    add(5, "a");
    add(6, "a");
    add(7, "b");
    BOOST_TEST(sent() == "a5 b7 ");
    succeed(7);
    BOOST_TEST(cursor() == 4U);
    succeed(5);
    BOOST_TEST(cursor() == 5U);
    BOOST_TEST(sent() == "a6 ");
    succeed(6);
    BOOST_TEST(cursor() == 7U);
    BOOST_TEST(feed.totals().pushed == 3U);
}

BOOST_AUTO_TEST_CASE(the_cursor_follows_what_does_not_match) {
    feed.set_read_through(Position{9});
    BOOST_TEST(cursor() == 9U);
    add(10, "a");
    feed.set_read_through(Position{12});
    BOOST_TEST(cursor() == 9U);
    BOOST_TEST(sent() == "a10 ");
    succeed(10);
    BOOST_TEST(cursor() == 12U);
}

BOOST_AUTO_TEST_CASE(what_fails_goes_again_later_each_time) {
    add(5, "a");
    add(6, "a");
    for (const int milliseconds : {500, 1000, 2000, 4000, 8000, 16'000, 30'000, 30'000}) {
        const Milliseconds delay{milliseconds};
        BOOST_TEST(sent() == "a5 ");
        fail(5);
        host = {};
        now += delay - Milliseconds{1};
        BOOST_TEST(sent() == "");
        now += Milliseconds{1};
    }
    BOOST_TEST(sent() == "a5 ");
    fail(5, 999);
    host = {};
    now += Milliseconds{89'939};
    BOOST_TEST(sent() == "");
    now += Milliseconds{1};
    BOOST_TEST(sent() == "a5 ");
    BOOST_TEST(cursor() == 4U);
    BOOST_TEST(feed.totals().failed == 9U);
}

BOOST_AUTO_TEST_CASE(what_is_too_old_expires) {
    add(5, "a", Seconds{10});
    add(6, "a", Seconds{20});
    BOOST_TEST(sent() == "a5 ");
    now += Seconds{10};
    BOOST_TEST(sent() == "");  // it is on its way
    fail(5);
    BOOST_TEST(sent() == "a6 ");
    BOOST_TEST(feed.totals().expired == 1U);
    BOOST_TEST(cursor() == 5U);
}

BOOST_AUTO_TEST_CASE(without_retry_a_failure_is_the_end) {
    settings.retry = false;
    add(5, "a");
    add(6, "a");
    BOOST_TEST(sent() == "a5 ");
    fail(5);
    BOOST_TEST(sent() == "a6 ");
    BOOST_TEST(feed.totals().dropped == 1U);
    BOOST_TEST(cursor() == 5U);
}

BOOST_AUTO_TEST_CASE(a_host_that_fails_ten_times_is_left_alone_but_for_a_trial) {
    for (std::uint64_t i = 0; i < 12; ++i) add(5 + i, std::string(1, static_cast<char>('a' + i)));
    BOOST_TEST(sent() == "a5 b6 c7 d8 e9 f10 g11 h12 i13 j14 k15 l16 ");
    for (std::uint64_t i = 0; i < 9; ++i) fail(5 + i);
    BOOST_TEST(!host.is_blocked());
    for (std::uint64_t i = 9; i < 12; ++i) fail(5 + i);
    BOOST_TEST(host.is_blocked());
    now += settings.probe_interval - Milliseconds{1};
    BOOST_TEST(sent() == "");
    now += Milliseconds{1};
    BOOST_TEST(sent() == "a5 ");
    fail(5);
    now += settings.probe_interval;
    BOOST_TEST(sent() == "a5 ");
    succeed(5);
    BOOST_TEST(sent() == "b6 c7 d8 e9 f10 g11 h12 i13 j14 k15 l16 ");
}

BOOST_AUTO_TEST_CASE(no_more_go_at_once_and_in_a_second_than_may) {
    for (std::uint64_t i = 0; i < push_in_flight_max + 1; ++i) add(5 + i, std::to_string(i) + "-");
    sent();
    BOOST_TEST(sent() == "");
    succeed(5);
    BOOST_TEST(sent() == "16-21 ");
    settings.events_per_second = 2;
    PushFeed slow{settings, Position{0}, now};
    for (std::uint64_t i = 1; i < 5; ++i) {
        slow.add(
            {.position = Position{i}, .order = std::to_string(i), .text = "", .expires_at = never});
    }
    int count = 0;
    while (slow.next(host, now) != nullptr) ++count;
    BOOST_TEST(count == 2);
    now += Milliseconds{500};
    while (slow.next(host, now) != nullptr) ++count;
    BOOST_TEST(count == 3);
}

BOOST_AUTO_TEST_CASE(there_is_room_for_so_many) {
    for (std::uint64_t i = 0; i < push_window_max; ++i) {
        BOOST_TEST_REQUIRE(feed.has_room());
        add(5 + i, "a");
    }
    BOOST_TEST(!feed.has_room());
}

BOOST_AUTO_TEST_SUITE_END()
