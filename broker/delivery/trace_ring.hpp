#pragma once
// TraceRing: the latest steps in the lives of one device's messages, in memory only. What is older, or was
// before a restart, is told from record and mark. Owned and guarded by a DeviceQueue.

#include "base/wall_offset.hpp"
#include "delivery/device_message.hpp"
#include "store/store.hpp"

#include <cstddef>
#include <vector>

namespace holdfast::delivery {

inline constexpr std::size_t trace_steps_max = 64;  ///< of one device
inline constexpr std::size_t trace_steps_of_message_max = 16;

struct TraceStep {
    store::Position position{};
    Instant at{};
    TraceEvent::Step step = TraceEvent::Step::accepted;
    Cause cause = Cause::offline;
    std::uint8_t reason_code = 0;
};

class TraceRing {
public:
    void add(const TraceStep& step);
    [[nodiscard]] std::size_t count() const { return ring_.size(); }
    /// The latest of the message, oldest first.
    [[nodiscard]] std::vector<TraceEvent> events_of(store::Position position,
                                                    WallOffset offset) const;

private:
    std::vector<TraceStep> ring_;
    std::size_t next_ = 0;  ///< where the oldest is once the ring is full
};

}  // namespace holdfast::delivery
