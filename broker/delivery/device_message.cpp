#include "delivery/device_message.hpp"

#include "base/error.hpp"

namespace holdfast::delivery {

std::string_view to_string(MessageStatus status) {
    switch (status) {
        case MessageStatus::pending: return "PENDING";
        case MessageStatus::delivered: return "DELIVERED";
        case MessageStatus::failed: return "FAILED";
        case MessageStatus::timeout: return "TIMEOUT";
    }
    UNREACHABLE();
}

std::string_view to_string(Cause cause) {
    switch (cause) {
        case Cause::offline: return "offline";
        case Cause::queued_behind: return "queued_behind";
        case Cause::not_subscribed: return "not_subscribed";
        case Cause::send_quota_exhausted: return "send_quota_exhausted";
        case Cause::socket_full: return "socket_full";
        case Cause::awaiting_acknowledgement: return "awaiting_acknowledgement";
        case Cause::acknowledged: return "acknowledged";
        case Cause::handed_over: return "handed_over";
        case Cause::refused_by_device: return "refused_by_device";
        case Cause::expired: return "expired";
        case Cause::device_offline: return "device_offline";
        case Cause::topic_not_subscribed: return "topic_not_subscribed";
        case Cause::packet_too_large: return "packet_too_large";
        case Cause::queue_full: return "queue_full";
        case Cause::cancelled: return "cancelled";
        case Cause::device_deleted: return "device_deleted";
        case Cause::count_: break;
    }
    UNREACHABLE();
}

std::string_view to_string(TraceEvent::Step step) {
    switch (step) {
        case TraceEvent::Step::accepted: return "accepted";
        case TraceEvent::Step::durable: return "durable";
        case TraceEvent::Step::queued: return "queued";
        case TraceEvent::Step::paused: return "paused";
        case TraceEvent::Step::sent: return "sent";
        case TraceEvent::Step::connection_lost: return "connection_lost";
        case TraceEvent::Step::acknowledged: return "acknowledged";
        case TraceEvent::Step::expired: return "expired";
        case TraceEvent::Step::dropped: return "dropped";
        case TraceEvent::Step::cancelled: return "cancelled";
    }
    UNREACHABLE();
}

}  // namespace holdfast::delivery
