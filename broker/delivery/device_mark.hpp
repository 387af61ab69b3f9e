#pragma once
// DeviceMark: the state of a message for a device, as the 64 bits that the store keeps beside its record.
// A change of state is a remark of a few bytes, never a second record; a finished message keeps its
// record and mark until it is forgotten, and so is found again after a restart.
//
//   bits   pending                               finished
//   0-41   expires at, milliseconds since 1970   finished at, likewise
//   42-49  times it was sent, at most 255        likewise
//   50     sent: see device_queue.hpp            50-57 reason code of a refusal
//   58-62  0                                     58-62 what ended it (stored_causes)
//   63     0                                     1
//
// Values; 42 bits last until the year 2109, and later instants are stored as that.

#include "base/time.hpp"
#include "delivery/device_message.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <optional>
#include <variant>

namespace holdfast::delivery {

inline constexpr std::uint32_t stored_attempts_max = 255;
inline constexpr WallTime mark_time_max{Milliseconds{(std::int64_t{1} << 42) - 1}};

struct PendingMark {
    WallTime expires_at{};
    std::uint8_t attempts = 0;
    bool is_sent = false;
    friend bool operator==(const PendingMark&, const PendingMark&) = default;
};
struct FinishedMark {
    Cause cause = Cause::acknowledged;
    std::uint8_t refusal_code = 0;
    std::uint8_t attempts = 0;
    WallTime finished_at{};
    friend bool operator==(const FinishedMark&, const FinishedMark&) = default;
};
using DeviceMark = std::variant<PendingMark, FinishedMark>;

[[nodiscard]] store::Mark encode_mark(const PendingMark& mark);
[[nodiscard]] store::Mark encode_mark(const FinishedMark& mark);
/// Empty: no mark that this program wrote.
[[nodiscard]] std::optional<DeviceMark> decode_mark(store::Mark mark);

/// What a message is that ended so, or that waits for that cause.
[[nodiscard]] MessageStatus status_of(Cause cause);
/// The last step of a message that ended so.
[[nodiscard]] TraceEvent::Step step_of(Cause cause);

}  // namespace holdfast::delivery
