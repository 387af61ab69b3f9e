#pragma once
// WallOffset: how UTC relates to the steady timeline, from one reading of both clocks. An Instant means
// nothing after a restart, so what is stored is wall time; what is kept is an Instant.
// Wall times are clamped to the years 1970 to 9999, which is what stored records may contain.

#include "base/time.hpp"

#include <algorithm>
#include <limits>

namespace holdfast {

inline constexpr WallTime wall_time_min{Milliseconds{0}};
/// 9999-12-31T23:59:59.999Z
inline constexpr WallTime wall_time_max{Milliseconds{253'402'300'799'999}};

class WallOffset {
public:
    constexpr WallOffset(Instant now, WallTime wall_now)
        : offset_(subtract(wall_now.time_since_epoch().count(), now.time_since_epoch().count())) {}

    /// Precondition: not `never`, which has no wall time.
    [[nodiscard]] constexpr WallTime to_wall(Instant instant) const {
        const std::int64_t wall = add(instant.time_since_epoch().count(), offset_);
        return std::clamp(WallTime{Milliseconds{wall}}, wall_time_min, wall_time_max);
    }
    [[nodiscard]] constexpr Instant to_instant(WallTime wall) const {
        return Instant{Milliseconds{subtract(wall.time_since_epoch().count(), offset_)}};
    }

private:
    using Count = std::int64_t;
    using CountLimits = std::numeric_limits<Count>;

    // The nearest value where the true one does not fit.
    static constexpr Count add(Count a, Count b) {
        Count sum = 0;
        if (!__builtin_add_overflow(a, b, &sum)) return sum;
        return b > 0 ? CountLimits::max() : CountLimits::min();
    }
    static constexpr Count subtract(Count a, Count b) {
        Count difference = 0;
        if (!__builtin_sub_overflow(a, b, &difference)) return difference;
        return b < 0 ? CountLimits::max() : CountLimits::min();
    }

    Count offset_;  ///< milliseconds
};

}  // namespace holdfast
