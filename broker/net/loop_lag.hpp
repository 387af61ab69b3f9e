#pragma once
// LoopLag: how late an event loop runs what is due, and what may be let in meanwhile. Each tick of the
// loop says by how much it was late; the longest turn since the last tick counts as well, since whatever
// came during it waited for its end. Smoothed over a second, so that one hiccup turns nobody away, and
// with two thresholds for each step, so that the steps do not flicker.
// Threads: on_turn() and on_tick() on the loop's; the rest on any.

#include "base/time.hpp"

#include <atomic>
#include <cstdint>

namespace holdfast::net {

class LoopLag {
public:
    /// What a lagging loop does with new connections.
    enum class Pressure : std::uint8_t {
        none,
        slow,    ///< above the maximum: it accepts a few at a time, the others wait in the backlog
        refuse,  ///< above twice the maximum: their CONNECTs are refused
    };

    /// Milliseconds::max(): it is measured, and nobody waits.
    explicit LoopLag(Milliseconds lag_max) : lag_max_(lag_max) {}

    void on_turn(Milliseconds took);
    /// The tick came so much later than it was due. True: the pressure is another one now.
    bool on_tick(Milliseconds late);

    [[nodiscard]] Milliseconds lag() const { return Milliseconds{lag_.load(std::memory_order_relaxed)}; }
    /// The longest turn between the last two ticks.
    [[nodiscard]] Milliseconds turn() const {
        return Milliseconds{turn_.load(std::memory_order_relaxed)};
    }
    [[nodiscard]] Pressure pressure() const { return pressure_.load(std::memory_order_relaxed); }

private:
    [[nodiscard]] Pressure judge(Milliseconds lag) const;

    const Milliseconds lag_max_;
    Milliseconds longest_turn_{0};
    std::atomic<std::int64_t> lag_{0};
    std::atomic<std::int64_t> turn_{0};
    std::atomic<Pressure> pressure_{Pressure::none};
};

}  // namespace holdfast::net
