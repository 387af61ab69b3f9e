#include "net/loop_lag.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using net::LoopLag;
using Pressure = LoopLag::Pressure;

namespace {

constexpr Milliseconds lag_max{500};

/// So many ticks, all late by as much.
void run_late(LoopLag& loop, Milliseconds late, int ticks) {
    for (int i = 0; i < ticks; ++i) static_cast<void>(loop.on_tick(late));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(loop_lag)

BOOST_AUTO_TEST_CASE(one_hiccup_turns_nobody_away) {
    LoopLag loop{lag_max};
    BOOST_TEST(!loop.on_tick(Milliseconds{1'900}));
    BOOST_TEST((loop.pressure() == Pressure::none));
    run_late(loop, Milliseconds{0}, 3);
    BOOST_TEST((loop.lag() < Milliseconds{250}));
}

BOOST_AUTO_TEST_CASE(a_loop_that_stays_late_slows_down_and_then_refuses) {
    LoopLag loop{lag_max};
    run_late(loop, Milliseconds{800}, 3);
    BOOST_TEST((loop.pressure() == Pressure::none));
    BOOST_TEST(loop.on_tick(Milliseconds{800}));
    BOOST_TEST((loop.pressure() == Pressure::slow));
    run_late(loop, Milliseconds{2'000}, 4);
    BOOST_TEST((loop.pressure() == Pressure::refuse));
}

BOOST_AUTO_TEST_CASE(each_step_ends_at_half_of_its_lag) {
    LoopLag loop{lag_max};
    run_late(loop, Milliseconds{3'000}, 20);
    BOOST_TEST((loop.pressure() == Pressure::refuse));
    run_late(loop, Milliseconds{600}, 40);
    BOOST_TEST((loop.pressure() == Pressure::refuse));
    run_late(loop, Milliseconds{400}, 40);
    BOOST_TEST((loop.pressure() == Pressure::slow));
    run_late(loop, Milliseconds{260}, 40);
    BOOST_TEST((loop.pressure() == Pressure::slow));
    run_late(loop, Milliseconds{100}, 40);
    BOOST_TEST((loop.pressure() == Pressure::none));
}

BOOST_AUTO_TEST_CASE(a_loop_in_time_comes_back_to_nothing) {
    LoopLag loop{lag_max};
    run_late(loop, Milliseconds{900}, 10);
    run_late(loop, Milliseconds{0}, 60);
    BOOST_TEST((loop.lag() == Milliseconds{0}));
}

BOOST_AUTO_TEST_CASE(a_long_turn_counts_as_lag_and_is_shown) {
    LoopLag loop{lag_max};
    for (int i = 0; i < 8; ++i) {
        loop.on_turn(Milliseconds{700});
        loop.on_turn(Milliseconds{20});
        static_cast<void>(loop.on_tick(Milliseconds{0}));
    }
    BOOST_TEST((loop.turn() == Milliseconds{700}));
    BOOST_TEST((loop.pressure() == Pressure::slow));
    static_cast<void>(loop.on_tick(Milliseconds{0}));
    BOOST_TEST((loop.turn() == Milliseconds{0}));
}

BOOST_AUTO_TEST_CASE(a_machine_that_slept_for_a_day_is_awake_in_seconds) {
    LoopLag loop{lag_max};
    static_cast<void>(loop.on_tick(std::chrono::hours{24}));
    run_late(loop, Milliseconds{0}, 20);
    BOOST_TEST((loop.pressure() == Pressure::none));
    BOOST_TEST(!loop.on_tick(Milliseconds{-5'000}));
}

BOOST_AUTO_TEST_CASE(without_a_maximum_it_is_only_measured) {
    LoopLag loop{Milliseconds::max()};
    run_late(loop, Milliseconds{5'000}, 40);
    BOOST_TEST((loop.pressure() == Pressure::none));
    BOOST_TEST((loop.lag() > Milliseconds{4'900}));
}

BOOST_AUTO_TEST_SUITE_END()
