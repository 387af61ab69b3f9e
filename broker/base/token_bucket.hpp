#pragma once
// TokenBucket: so many of something in a second, on the average. Holds what one second gives, so that a
// burst of that size passes at once. A value of 16 bytes: its rate is an argument, the same for many.
// The rate is below 2^40 in a second; a clock that steps back gives nothing and takes nothing.

#include "base/time.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace holdfast {

class TokenBucket {
public:
    /// A full one.
    TokenBucket(std::size_t per_second, Instant now)
        : thousandths_(capacity(per_second)), filled_at_(now) {}

    /// Takes one; false: there is none.
    [[nodiscard]] bool try_take(std::size_t per_second, Instant now) {
        fill(per_second, now);
        if (thousandths_ < one) return false;
        thousandths_ -= one;
        return true;
    }
    /// Takes `count`, which has happened already: the bucket may owe some.
    void take(std::size_t count, std::size_t per_second, Instant now) {
        fill(per_second, now);
        thousandths_ -= static_cast<std::int64_t>(std::min(count, count_max)) * one;
    }
    /// When there will be one to take; `now` if there is.
    [[nodiscard]] Instant room_at(std::size_t per_second, Instant now) {
        fill(per_second, now);
        if (thousandths_ >= one) return now;
        const auto rate = static_cast<std::int64_t>(per_second);
        return now + Milliseconds{(one - thousandths_ + rate - 1) / rate};
    }

private:
    static constexpr std::int64_t one = 1000;
    static constexpr std::size_t count_max = std::size_t{1} << 40;
    /// Longer pauses fill no more than this; what is owed is never more than one such time gives.
    static constexpr Milliseconds fill_max{1'000'000};

    static std::int64_t capacity(std::size_t per_second) {
        return static_cast<std::int64_t>(per_second) * one;
    }
    void fill(std::size_t per_second, Instant now) {
        if (now <= filled_at_) return;
        const Milliseconds passed = std::min(now - filled_at_, fill_max);
        // In a millisecond a rate of n gives n thousandths.
        const std::int64_t given = passed.count() * static_cast<std::int64_t>(per_second);
        thousandths_ = std::min(capacity(per_second), thousandths_ + given);
        filled_at_ = now;
    }

    std::int64_t thousandths_;
    Instant filled_at_;
};

}  // namespace holdfast
