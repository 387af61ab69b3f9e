#include "delivery/effects.hpp"

#include "delivery/device_mark.hpp"

#include <memory>
#include <utility>

namespace holdfast::delivery {

Severity severity_of(Cause cause) {
    switch (cause) {
        case Cause::refused_by_device:
        case Cause::expired:
        case Cause::device_deleted:
        case Cause::cancelled: return Severity::info;
        case Cause::packet_too_large:
        case Cause::queue_full: return Severity::warning;
        default: return Severity::debug;
    }
}

void Effects::announce(const StatusChange& change) const {
    std::string detail = change.message_id + ": " + std::string{to_string(change.from)} + " to " +
                         std::string{to_string(status_of(change.cause))};
    if (change.reason_code != 0) {
        detail += ", reason code " + std::to_string(change.reason_code);
    }
    core_->events.on_event({.severity = severity_of(change.cause),
                            .name = "message_status",
                            .client_id = change.device_id,
                            .address = {},
                            .reason = to_string(change.cause),
                            .clause = {},
                            .detail = detail,
                            .topic = change.topic,
                            .count = 1});
}

void Effects::run(Turn& turn) {
    if (core_->is_closed.load(std::memory_order_acquire)) return;
    if (ready_) ready_->on_feed_ready(turn);
    for (const StatusChange& change : changes_) announce(change);
    for (Answer& answer : answers_) {
        if (answer.turn == &turn) {
            answer.give();
        } else {
            answer.turn->executor->post(std::move(answer.give));
        }
    }
}

void Effects::post(Turn& turn) {
    if (!ready_ && changes_.empty() && answers_.empty() && gone_.empty()) return;
    turn.executor->post(
        [effects = std::make_shared<Effects>(std::move(*this)), &turn] { effects->run(turn); });
}

}  // namespace holdfast::delivery
