#include "delivery/device_mark.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <array>

namespace holdfast::delivery {

namespace {

/// The place of a cause is its number in the store: append only.
constexpr std::array stored_causes{
    Cause::acknowledged,   Cause::handed_over,          Cause::refused_by_device, Cause::expired,
    Cause::device_offline, Cause::topic_not_subscribed, Cause::packet_too_large,  Cause::queue_full,
    Cause::cancelled,      Cause::device_deleted,
};
static_assert(stored_causes.size() <= 32);

constexpr unsigned attempts_shift = 42;
constexpr unsigned sent_shift = 50;
constexpr unsigned refusal_shift = 50;
constexpr unsigned cause_shift = 58;
constexpr std::uint64_t time_bits = (std::uint64_t{1} << attempts_shift) - 1;
constexpr std::uint64_t finished_bit = std::uint64_t{1} << 63;
constexpr std::uint64_t pending_bits = (std::uint64_t{1} << (sent_shift + 1)) - 1;

std::uint64_t number_of(WallTime time) {
    const WallTime kept = std::clamp(time, WallTime{}, mark_time_max);
    return static_cast<std::uint64_t>(kept.time_since_epoch().count());
}

WallTime time_of(std::uint64_t bits) {
    return WallTime{Milliseconds{static_cast<std::int64_t>(bits & time_bits)}};
}

std::uint8_t byte_of(std::uint64_t bits, unsigned shift) {
    return static_cast<std::uint8_t>(bits >> shift);
}

}  // namespace

store::Mark encode_mark(const PendingMark& mark) {
    return store::Mark{number_of(mark.expires_at) | std::uint64_t{mark.attempts} << attempts_shift |
                       std::uint64_t{mark.is_sent} << sent_shift};
}

store::Mark encode_mark(const FinishedMark& mark) {
    const auto found = std::ranges::find(stored_causes, mark.cause);
    CHECK(found != stored_causes.end());
    const auto cause = static_cast<std::uint64_t>(found - stored_causes.begin());
    return store::Mark{
        finished_bit | cause << cause_shift | std::uint64_t{mark.refusal_code} << refusal_shift |
        std::uint64_t{mark.attempts} << attempts_shift | number_of(mark.finished_at)};
}

std::optional<DeviceMark> decode_mark(store::Mark mark) {
    const auto bits = static_cast<std::uint64_t>(mark);
    if ((bits & finished_bit) == 0) {
        if ((bits & ~pending_bits) != 0) return std::nullopt;
        return PendingMark{.expires_at = time_of(bits),
                           .attempts = byte_of(bits, attempts_shift),
                           .is_sent = (bits >> sent_shift & 1U) != 0};
    }
    const std::size_t cause = (bits & ~finished_bit) >> cause_shift;
    if (cause >= stored_causes.size()) return std::nullopt;
    return FinishedMark{.cause = stored_causes[cause],
                        .refusal_code = byte_of(bits, refusal_shift),
                        .attempts = byte_of(bits, attempts_shift),
                        .finished_at = time_of(bits)};
}

MessageStatus status_of(Cause cause) {
    switch (cause) {
        case Cause::offline:
        case Cause::queued_behind:
        case Cause::not_subscribed:
        case Cause::send_quota_exhausted:
        case Cause::socket_full:
        case Cause::awaiting_acknowledgement: return MessageStatus::pending;
        case Cause::acknowledged:
        case Cause::handed_over: return MessageStatus::delivered;
        case Cause::expired: return MessageStatus::timeout;
        case Cause::refused_by_device:
        case Cause::device_offline:
        case Cause::topic_not_subscribed:
        case Cause::packet_too_large:
        case Cause::queue_full:
        case Cause::cancelled:
        case Cause::device_deleted: return MessageStatus::failed;
        case Cause::count_: break;
    }
    UNREACHABLE();
}

TraceEvent::Step step_of(Cause cause) {
    switch (cause) {
        case Cause::acknowledged:
        case Cause::handed_over:
        case Cause::refused_by_device: return TraceEvent::Step::acknowledged;
        case Cause::expired: return TraceEvent::Step::expired;
        case Cause::cancelled: return TraceEvent::Step::cancelled;
        default: return TraceEvent::Step::dropped;
    }
}

}  // namespace holdfast::delivery
