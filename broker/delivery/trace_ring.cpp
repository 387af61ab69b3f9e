#include "delivery/trace_ring.hpp"

namespace holdfast::delivery {

void TraceRing::add(const TraceStep& step) {
    if (ring_.size() < trace_steps_max) {
        ring_.push_back(step);
        return;
    }
    ring_[next_] = step;
    next_ = (next_ + 1) % trace_steps_max;
}

std::vector<TraceEvent> TraceRing::events_of(store::Position position, WallOffset offset) const {
    std::vector<TraceEvent> events;
    for (std::size_t i = 0; i < ring_.size(); ++i) {
        const TraceStep& step = ring_[(next_ + i) % ring_.size()];
        if (step.position != position) continue;
        events.push_back({.at = offset.to_wall(step.at),
                          .step = step.step,
                          .cause = step.cause,
                          .reason_code = step.reason_code});
    }
    if (events.size() > trace_steps_of_message_max) {
        events.erase(events.begin(), events.end() - trace_steps_of_message_max);
    }
    return events;
}

}  // namespace holdfast::delivery
