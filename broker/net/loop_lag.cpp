#include "net/loop_lag.hpp"

#include <algorithm>

namespace holdfast::net {

namespace {

/// The share of a new measurement: after four ticks, a second, two thirds of the lag are its own.
constexpr std::int64_t share = 4;
/// A machine that slept was not slow all that time.
constexpr Milliseconds measured_max{10'000};

}  // namespace

void LoopLag::on_turn(Milliseconds took) { longest_turn_ = std::max(longest_turn_, took); }

bool LoopLag::on_tick(Milliseconds late) {
    const Milliseconds sample =
        std::clamp(std::max(late, longest_turn_), Milliseconds{0}, measured_max);
    turn_.store(longest_turn_.count(), std::memory_order_relaxed);
    longest_turn_ = Milliseconds{0};
    const std::int64_t before = lag_.load(std::memory_order_relaxed);
    const std::int64_t now = before + (sample.count() - before) / share;
    // Below `share` the quotient is 0 and would never come down.
    const std::int64_t smoothed = now == before && sample.count() < before ? before - 1 : now;
    lag_.store(smoothed, std::memory_order_relaxed);
    const Pressure pressure = judge(Milliseconds{smoothed});
    return pressure_.exchange(pressure, std::memory_order_relaxed) != pressure;
}

/// A step ends at half of what it begins at.
LoopLag::Pressure LoopLag::judge(Milliseconds lag) const {
    if (lag_max_ == Milliseconds::max()) return Pressure::none;
    const Pressure before = pressure();
    const Milliseconds refuse_above = before == Pressure::refuse ? lag_max_ : lag_max_ * 2;
    if (lag > refuse_above) return Pressure::refuse;
    const Milliseconds slow_above = before == Pressure::none ? lag_max_ : lag_max_ / 2;
    return lag > slow_above ? Pressure::slow : Pressure::none;
}

}  // namespace holdfast::net
