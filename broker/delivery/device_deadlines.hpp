#pragma once
// DeviceDeadlines: when each device queue next wants to be asked: the first ttl that ends, the first post
// that has waited long enough, the next try after the store failed. One entry per queue.
// Owns references to nothing: a queue is removed before it goes. Threads: any; one short mutex, taken
// with a queue's mutex held, takes none itself.

#include "base/time.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

namespace holdfast::delivery {

class DeviceDeadlines {
public:
    /// Replaces what was set before (`old`; `never`: nothing). `at` may be `never`.
    void set(std::uint64_t device_number, Instant old, Instant at);
    /// Devices whose instant has come, the earliest first; they are removed.
    [[nodiscard]] std::vector<std::uint64_t> take_due(Instant now);
    [[nodiscard]] Instant next() const { return Instant{Milliseconds{next_.load(relaxed)}}; }

private:
    static constexpr auto relaxed = std::memory_order_relaxed;
    void publish_next();

    std::mutex mutex_;
    std::set<std::pair<Instant, std::uint64_t>> entries_;
    std::atomic<std::int64_t> next_{never.time_since_epoch().count()};
};

}  // namespace holdfast::delivery
