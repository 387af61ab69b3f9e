#include "api/push_feed.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <optional>
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
                  .bytes = 100,
                  .happened_at = now,
                  .expires_at = now + lives});
    }
    /// What goes now, separated by spaces.
    std::string sent() {
        std::string text;
        while (const PushFeed::Entry* const entry = feed.next(host, flow, now)) {
            text += entry->text + " ";
        }
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
    PushFlow flow;
    PushFeed feed{settings, Position{4}};
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
    BOOST_TEST(feed.totals().of(PushDrop::expired) == 1U);
    BOOST_TEST(cursor() == 5U);
}

BOOST_AUTO_TEST_CASE(without_retry_a_failure_is_the_end) {
    settings.retry = false;
    add(5, "a");
    add(6, "a");
    BOOST_TEST(sent() == "a5 ");
    fail(5);
    BOOST_TEST(sent() == "a6 ");
    BOOST_TEST(feed.totals().of(PushDrop::not_retried) == 1U);
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
}

BOOST_AUTO_TEST_CASE(no_more_go_in_a_second_than_its_limits_let) {
    flow = PushFlow{{std::make_shared<FlowLimit>(FlowLimit{2, TokenBucket{2, now}})}};
    for (std::uint64_t i = 1; i < 5; ++i) add(4 + i, std::string(1, static_cast<char>('a' + i)));
    BOOST_TEST(sent() == "b5 c6 ");
    now += Milliseconds{499};
    BOOST_TEST(sent() == "");
    now += Milliseconds{1};
    BOOST_TEST(sent() == "d7 ");
}

BOOST_AUTO_TEST_CASE(a_limit_that_is_met_does_not_cost_the_trial_of_a_blocked_host) {
    flow = PushFlow{{std::make_shared<FlowLimit>(FlowLimit{1, TokenBucket{1, now}})}};
    add(5, "a");
    BOOST_TEST(sent() == "a5 ");
    for (unsigned i = 0; i < push_failures_max; ++i) host.on_failure(now, settings);
    feed.on_failure(Position{5}, now, 0);
    now += settings.probe_interval;
    flow.take(now);
    BOOST_TEST(sent() == "");
    now += Seconds{1};
    BOOST_TEST(sent() == "a5 ");
}

BOOST_AUTO_TEST_CASE(what_waits_is_counted_also_behind_the_window) {
    add(5, "a");
    feed.look_at(Position{7}, 40);
    feed.look_at(Position{9}, 60);
    feed.set_looked_through(Position{11});
    BOOST_TEST(feed.waiting() == 3U);
    BOOST_TEST(feed.waiting_bytes() == 200U);
    feed.look_at(Position{9}, 60);  // once is enough
    add(7, "b");                    // read into the window
    BOOST_TEST(feed.waiting() == 3U);
    now += Seconds{3};
    BOOST_TEST((feed.oldest_age(now) == Milliseconds{3000}));
    BOOST_TEST(sent() == "a5 b7 ");
    succeed(5);
    BOOST_TEST(feed.waiting() == 2U);
    // What the log let go is not there to wait, and what is behind is looked at anew.
    feed.skip_to(Position{8}, 1);
    BOOST_TEST(feed.waiting() == 1U);
    BOOST_TEST((feed.looked_through() == Position{8}));
    BOOST_TEST(feed.totals().of(PushDrop::gone_from_log) == 1U);
    succeed(7);
    BOOST_TEST(feed.waiting() == 0U);
    BOOST_TEST(feed.waiting_bytes() == 0U);
}

BOOST_AUTO_TEST_CASE(more_than_the_backlog_allows_discards_the_oldest_that_are_not_on_their_way) {
    feed.set_backlog(PushBacklog{.bytes_max = 300, .age_max = Seconds{3600}});
    add(5, "a");
    BOOST_TEST(sent() == "a5 ");
    add(6, "a");
    add(7, "b");
    host.probe_at = never;
    for (unsigned i = 0; i < push_failures_max; ++i) host.on_failure(now, settings);
    BOOST_TEST(sent() == "");
    BOOST_TEST(feed.waiting() == 3U);  // met
    add(8, "c");
    BOOST_TEST(sent() == "");
    BOOST_TEST(feed.waiting() == 3U);
    BOOST_TEST(feed.totals().of(PushDrop::backlog_size) == 1U);
    BOOST_TEST(cursor() == 4U);      // 5 is on its way
    feed.look_at(Position{9}, 250);  // behind the window
    feed.discard(now);
    BOOST_TEST(feed.totals().of(PushDrop::backlog_size) == 3U);
    succeed(5);
    feed.discard(now);
    BOOST_TEST(feed.waiting() == 1U);
    BOOST_TEST(feed.totals().pushed == 1U);
    BOOST_TEST(feed.totals().all_dropped() == 3U);
}

BOOST_AUTO_TEST_CASE(what_waited_longer_than_the_backlog_allows_is_discarded) {
    feed.set_backlog(PushBacklog{.bytes_max = 1000, .age_max = Seconds{10}});
    for (unsigned i = 0; i < push_failures_max; ++i) host.on_failure(now, settings);
    add(5, "a");
    now += Seconds{5};
    add(6, "a");
    now += Milliseconds{4999};
    BOOST_TEST(sent() == "");
    BOOST_TEST(feed.waiting() == 2U);
    now += Milliseconds{1};
    BOOST_TEST(sent() == "");
    BOOST_TEST(feed.waiting() == 1U);
    BOOST_TEST(feed.totals().of(PushDrop::backlog_time) == 1U);
    feed.set_backlog(std::nullopt);
    now += Seconds{60};
    BOOST_TEST(sent() == "");
    BOOST_TEST(feed.waiting() == 1U);
}

BOOST_AUTO_TEST_CASE(a_backlog_of_nothing_gives_each_event_its_one_attempt) {
    for (const PushBacklog& none : {PushBacklog{.bytes_max = 0, .age_max = Seconds{10}},
                                    PushBacklog{.bytes_max = 10, .age_max = Seconds{0}}}) {
        PushFeed bare{settings, Position{4}};
        bare.set_backlog(none);
        for (std::uint64_t i = 5; i < 8; ++i) {
            bare.add({.position = Position{i}, .order = "a", .bytes = 100, .happened_at = now});
        }
        BOOST_TEST_REQUIRE(bare.next(host, flow, now) != nullptr);
        bare.on_failure(Position{5}, now, 0);
        BOOST_TEST(bare.totals().of(PushDrop::not_retried) == 1U);
        BOOST_TEST_REQUIRE(bare.next(host, flow, now) != nullptr);
        BOOST_TEST(bare.waiting() == 2U);
        bare.discard(now + push_grace);  // 6 is on its way, 7 had to wait for it too long
        const auto why = none.bytes_max == 0 ? PushDrop::backlog_size : PushDrop::backlog_time;
        BOOST_TEST(bare.totals().of(why) == 1U);
        bare.on_success(Position{6});
        BOOST_TEST(bare.waiting() == 0U);
    }
}

BOOST_AUTO_TEST_CASE(there_is_room_for_so_many) {
    for (std::uint64_t i = 0; i < push_window_max; ++i) {
        BOOST_TEST_REQUIRE(feed.has_room());
        add(5 + i, "a");
    }
    BOOST_TEST(!feed.has_room());
}

BOOST_AUTO_TEST_SUITE_END()
