#include "net/timer_wheel.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

using namespace holdfast;
using net::TimerHook;
using net::TimerWheel;

namespace {

constexpr Instant start{Seconds{5'000}};
constexpr Milliseconds tick = TimerWheel::tick;

struct Entry : TimerHook {
    explicit Entry(int the_number = 0) : number(the_number) {}
    int number;
    Instant deadline = never;
    int visits = 0;
    Instant visited_at{};
};

Entry& entry_of(TimerHook& hook) { return static_cast<Entry&>(hook); }

/// Advances tick by tick; counts visits and notes when they were.
void run(TimerWheel& wheel, Instant& now, Milliseconds by) {
    const Instant end = now + by;
    while (now < end) {
        now += std::min(tick, std::chrono::duration_cast<Milliseconds>(end - now));
        wheel.advance(now, [&](TimerHook& hook) {
            ++entry_of(hook).visits;
            entry_of(hook).visited_at = now;
        });
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(timer_wheel)

BOOST_AUTO_TEST_CASE(a_deadline_is_seen_never_early_and_at_most_one_tick_late) {
    for (const int milliseconds : {1, 249, 250, 251, 1'000, 1'001, 59'999, 60'000, 127'000}) {
        BOOST_TEST_CONTEXT(milliseconds) {
            TimerWheel wheel{start};
            Entry entry;
            const Instant deadline = start + Milliseconds{milliseconds};
            wheel.schedule(entry, deadline);
            Instant now = start;
            run(wheel, now, Seconds{200});
            BOOST_TEST(entry.visits == 1);
            BOOST_TEST((entry.visited_at >= deadline));
            BOOST_TEST((entry.visited_at < deadline + tick));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_deadline_that_has_passed_is_seen_at_the_next_tick) {
    TimerWheel wheel{start};
    Entry entry;
    wheel.schedule(entry, start - Seconds{100});
    Instant now = start;
    run(wheel, now, tick);
    BOOST_TEST(entry.visits == 1);
}

BOOST_AUTO_TEST_CASE(a_deadline_beyond_the_horizon_is_looked_at_on_the_way) {
    TimerWheel wheel{start};
    Entry entry;
    entry.deadline = start + Seconds{500};
    wheel.schedule(entry, entry.deadline);
    Instant seen = never;
    int looks = 0;
    for (Instant now = start; now < start + Seconds{600} && seen == never; now += tick) {
        wheel.advance(now, [&](TimerHook& hook) {
            ++looks;
            if (entry_of(hook).deadline <= now) {
                seen = now;
            } else {
                wheel.schedule(hook, entry_of(hook).deadline);
            }
        });
    }
    BOOST_TEST((seen >= entry.deadline));
    BOOST_TEST((seen < entry.deadline + tick));
    BOOST_TEST(looks <= 5);
}

BOOST_AUTO_TEST_CASE(an_entry_without_deadline_is_known_and_not_visited) {
    TimerWheel wheel{start};
    Entry entry;
    BOOST_TEST(wheel.empty());
    wheel.schedule(entry, never);
    BOOST_TEST(!wheel.empty());
    Instant now = start;
    run(wheel, now, Seconds{300});
    BOOST_TEST(entry.visits == 0);
    int known = 0;
    wheel.for_each([&](TimerHook&) { ++known; });
    BOOST_TEST(known == 1);
    entry.unlink();
    BOOST_TEST(wheel.empty());
}

BOOST_AUTO_TEST_CASE(scheduling_again_moves_the_entry) {
    TimerWheel wheel{start};
    Entry entry;
    wheel.schedule(entry, start + Seconds{1});
    wheel.schedule(entry, start + Seconds{10});
    Instant now = start;
    run(wheel, now, Seconds{9});
    BOOST_TEST(entry.visits == 0);
    run(wheel, now, Seconds{2});
    BOOST_TEST(entry.visits == 1);
    wheel.schedule(entry, now + Seconds{10});
    wheel.schedule(entry, now + Seconds{1});
    run(wheel, now, Seconds{1} + tick);
    BOOST_TEST(entry.visits == 2);
}

BOOST_AUTO_TEST_CASE(a_visited_entry_is_parked_until_it_is_scheduled_again) {
    TimerWheel wheel{start};
    Entry entry;
    wheel.schedule(entry, start + Seconds{1});
    Instant now = start;
    run(wheel, now, Seconds{300});
    BOOST_TEST(entry.visits == 1);
    BOOST_TEST(!wheel.empty());
}

BOOST_AUTO_TEST_CASE(an_entry_that_is_destroyed_leaves_the_wheel) {
    TimerWheel wheel{start};
    auto entry = std::make_unique<Entry>();
    wheel.schedule(*entry, start + Seconds{1});
    entry.reset();
    BOOST_TEST(wheel.empty());
    Instant now = start;
    run(wheel, now, Seconds{2});
}

BOOST_AUTO_TEST_CASE(a_visit_may_unlink_or_schedule_any_entry) {
    TimerWheel wheel{start};
    Entry first{1};
    Entry second{2};
    Entry third{3};
    for (Entry* entry : {&first, &second, &third}) wheel.schedule(*entry, start + Seconds{1});
    std::vector<int> visited;
    const auto visit = [&](TimerHook& hook) {
        visited.push_back(entry_of(hook).number);
        if (visited.size() > 1) return;
        second.unlink();
        wheel.schedule(third, start + Seconds{3});
        wheel.schedule(first, start + Seconds{2});
    };
    for (Instant now = start; now <= start + Seconds{4}; now += tick) wheel.advance(now, visit);
    const std::vector<int> expected{1, 1, 3};
    BOOST_TEST(visited == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_entry_is_visited_once_by_for_each_which_may_unlink_it) {
    TimerWheel wheel{start};
    std::vector<std::unique_ptr<Entry>> entries;
    for (int i = 0; i < 100; ++i) {
        entries.push_back(std::make_unique<Entry>());
        wheel.schedule(*entries.back(), i % 3 == 0 ? never : start + Seconds{i * 2});
    }
    wheel.for_each([](TimerHook& hook) {
        ++entry_of(hook).visits;
        hook.unlink();
    });
    BOOST_TEST(wheel.empty());
    BOOST_TEST(std::ranges::all_of(entries, [](const auto& entry) { return entry->visits == 1; }));
}

BOOST_AUTO_TEST_CASE(a_long_pause_of_the_loop_is_made_up_for) {
    TimerWheel wheel{start};
    std::vector<std::unique_ptr<Entry>> entries;
    for (int i = 1; i <= 100; ++i) {
        entries.push_back(std::make_unique<Entry>());
        wheel.schedule(*entries.back(), start + Seconds{i});
    }
    wheel.advance(start + Seconds{50}, [](TimerHook& hook) { ++entry_of(hook).visits; });
    for (int i = 1; i <= 100; ++i) {
        BOOST_TEST(entries[static_cast<std::size_t>(i) - 1]->visits == (i <= 50 ? 1 : 0));
    }
    // Longer than the wheel is round.
    wheel.advance(start + Seconds{5'000}, [](TimerHook& hook) { ++entry_of(hook).visits; });
    BOOST_TEST(std::ranges::all_of(entries, [](const auto& entry) { return entry->visits == 1; }));
}

BOOST_AUTO_TEST_CASE(random_deadlines_that_move_are_all_met_in_time) {
    std::mt19937 random{11};
    const auto some_time = [&] { return Milliseconds{random() % 300'000}; };
    TimerWheel wheel{start};
    std::vector<std::unique_ptr<Entry>> entries;
    for (int i = 0; i < 200; ++i) {
        entries.push_back(std::make_unique<Entry>());
        entries.back()->deadline = start + some_time();
        wheel.schedule(*entries.back(), entries.back()->deadline);
    }
    Instant now = start;
    std::size_t met = 0;
    while (now < start + Seconds{1'000}) {
        now += Milliseconds{random() % 500};
        wheel.advance(now, [&](TimerHook& hook) {
            Entry& entry = entry_of(hook);
            if (entry.deadline <= now) {
                ++met;
                BOOST_TEST_REQUIRE((now - entry.deadline < tick + Milliseconds{500}));
                entry.deadline = now + some_time();
            }
            wheel.schedule(entry, entry.deadline);
        });
        // One that moves later is found when the old one comes: nothing is scheduled anew.
        entries[random() % entries.size()]->deadline += Milliseconds{random() % 10'000};
    }
    BOOST_TEST(met > 500U);
    for (const auto& entry : entries) BOOST_TEST((entry->deadline > now - tick));
}

BOOST_AUTO_TEST_SUITE_END()
