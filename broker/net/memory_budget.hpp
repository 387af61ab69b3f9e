#pragma once
// MemoryBudget: whether the process may take more. Exhausted from the moment a measurement reaches the
// maximum until one lies a sixteenth below it. Measures nothing itself: the owner tells it, at each tick.
// Threads: on_measured() one at a time; the rest on any.

#include "base/limits.hpp"

#include <atomic>
#include <cstddef>

namespace holdfast::net {

class MemoryBudget {
public:
    /// `unlimited`: never exhausted.
    explicit MemoryBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    /// True: it is exhausted and was not before, or the other way round.
    bool on_measured(std::size_t bytes) {
        used_.store(bytes, std::memory_order_relaxed);
        if (bytes_max_ == unlimited) return false;
        const bool before = is_exhausted();
        const std::size_t threshold = before ? bytes_max_ - bytes_max_ / 16 : bytes_max_;
        const bool is_over = bytes >= threshold;
        is_exhausted_.store(is_over, std::memory_order_relaxed);
        return is_over != before;
    }
    [[nodiscard]] bool is_exhausted() const { return is_exhausted_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::size_t used() const { return used_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::size_t bytes_max() const { return bytes_max_; }

private:
    const std::size_t bytes_max_;
    std::atomic<std::size_t> used_{0};
    std::atomic<bool> is_exhausted_{false};
};

}  // namespace holdfast::net
