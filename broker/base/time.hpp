#pragma once
// Time as values. The core never reads a clock: `now` is an argument, and tests choose it.
// Instant counts milliseconds of a steady clock whose start means nothing; WallTime is UTC and is
// used for stamps only, never for deadlines (clocks jump).

#include <chrono>
#include <cstdint>

namespace holdfast {

using Milliseconds = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

/// A steady clock without now(): only base/environment.cpp can make an Instant from the machine.
struct SteadyTimeline {
    using rep = std::int64_t;
    using period = std::milli;
    using duration = Milliseconds;
    using time_point = std::chrono::time_point<SteadyTimeline>;
    static constexpr bool is_steady = true;
};

using Instant = SteadyTimeline::time_point;
using WallTime = std::chrono::sys_time<Milliseconds>;

/// "Never" as a deadline: later than every instant.
inline constexpr Instant never = Instant::max();

/// `start + delay` without overflow; `Seconds::max()` and beyond the timeline mean never.
constexpr Instant deadline_after(Instant start, Seconds delay) {
    constexpr auto longest = Seconds{std::int64_t{1} << 40};
    return delay > longest ? never : start + delay;
}

/// Whole seconds left until `deadline`, rounded up, 0 when it has passed.
constexpr std::uint32_t seconds_left(Instant now, Instant deadline) {
    if (deadline <= now) return 0;
    const auto left = std::chrono::ceil<Seconds>(deadline - now).count();
    return left > 0xFFFFFFFFLL ? 0xFFFFFFFFU : static_cast<std::uint32_t>(left);
}

}  // namespace holdfast
