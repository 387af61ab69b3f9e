#include "delivery/device_deadlines.hpp"

namespace holdfast::delivery {

void DeviceDeadlines::set(std::uint64_t device_number, Instant old, Instant at) {
    const std::scoped_lock lock{mutex_};
    if (old != never) entries_.erase({old, device_number});
    if (at != never) entries_.emplace(at, device_number);
    publish_next();
}

std::vector<std::uint64_t> DeviceDeadlines::take_due(Instant now) {
    std::vector<std::uint64_t> due;
    if (next() > now) return due;
    const std::scoped_lock lock{mutex_};
    while (!entries_.empty() && entries_.begin()->first <= now) {
        due.push_back(entries_.begin()->second);
        entries_.erase(entries_.begin());
    }
    publish_next();
    return due;
}

void DeviceDeadlines::publish_next() {
    const Instant next = entries_.empty() ? never : entries_.begin()->first;
    next_.store(next.time_since_epoch().count(), relaxed);
}

}  // namespace holdfast::delivery
