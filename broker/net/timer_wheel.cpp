#include "net/timer_wheel.hpp"

#include <algorithm>

namespace holdfast::net {

TimerWheel::~TimerWheel() {
    for (List& slot : slots_) slot.clear();
    parked_.clear();
}

void TimerWheel::schedule(TimerHook& entry, Instant deadline) {
    entry.unlink();
    if (deadline == never) {
        parked_.push_back(entry);
        return;
    }
    const auto ticks = std::max<std::int64_t>(1, (deadline - last_tick_ + tick - Milliseconds{1}) / tick);
    // Beyond the horizon it is looked at on the way and placed again.
    const auto ahead = std::min<std::size_t>(static_cast<std::size_t>(ticks), slots_.size() - 1);
    slots_[(position_ + ahead) % slots_.size()].push_back(entry);
}

bool TimerWheel::empty() const {
    return parked_.empty() &&
           std::all_of(slots_.begin(), slots_.end(), [](const List& slot) { return slot.empty(); });
}

}  // namespace holdfast::net
