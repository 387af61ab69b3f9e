#include "delivery/device_queue_tables.hpp"

#include "delivery/delivery_core.hpp"

#include <algorithm>

namespace holdfast::delivery {

EndingMessage* DeviceQueueTables::find_ending(Position position) {
    const auto found = ending_.find(position);
    return found == ending_.end() ? nullptr : &found->second;
}

std::vector<store::Position> DeviceQueueTables::positions_with(std::uint32_t id_hash) {
    std::vector<Position> found;
    waiting_.find_all(id_hash, found);
    for (const auto& [position, ending] : ending_) {
        if (ending.entry.id_hash == id_hash) found.push_back(position);
    }
    for (const FinishedMessage& message : finished_) {
        if (message.id_hash == id_hash) found.push_back(message.position);
    }
    return found;
}

std::vector<store::Position> DeviceQueueTables::positions_of(std::optional<MessageStatus> status) {
    std::vector<Position> positions;
    if (!status || *status == MessageStatus::pending) {
        for (const WaitingMessage& entry : waiting_) positions.push_back(entry.position);
        for (const auto& [position, ending] : ending_) positions.push_back(position);
    }
    for (const FinishedMessage& message : finished_) {
        if (!status || *status == status_of(message.mark.cause)) {
            positions.push_back(message.position);
        }
    }
    std::ranges::sort(positions);
    return positions;
}

Cause DeviceQueueTables::cause_of(const WaitingMessage& entry) {
    if (entry.is_in_flight) return Cause::awaiting_acknowledgement;
    if (!session_) return Cause::offline;
    if (!topics_.granted(entry.topic)) return Cause::not_subscribed;
    const WaitingMessage* const first = first_to_send(store::before_first);
    const bool is_first = first != nullptr && first->position == entry.position;
    return is_first ? pause_.value_or(Cause::queued_behind) : Cause::queued_behind;
}

bool DeviceQueueTables::fill_state(Position position, WallOffset offset, MessageView& view) {
    if (const WaitingMessage* const entry = waiting_.find(position)) {
        view.cause = cause_of(*entry);
        view.attempts = static_cast<std::uint32_t>(entry->attempts);
        view.place = static_cast<std::uint32_t>(waiting_.place_of(position));
        const auto sent = in_flight_.find(position);
        if (sent != in_flight_.end()) view.sent_at = offset.to_wall(sent->second.sent_at);
        return true;
    }
    if (const EndingMessage* const ending = find_ending(position)) {
        view.cause = ending->before;
        view.attempts = ending->mark.attempts;
        view.place = 0;
        return true;
    }
    const auto finished = std::ranges::find(finished_, position, &FinishedMessage::position);
    if (finished == finished_.end()) return false;
    view.cause = finished->mark.cause;
    view.status = status_of(view.cause);
    view.refusal_code = finished->mark.refusal_code;
    view.attempts = finished->mark.attempts;
    view.finished_at = finished->mark.finished_at;
    return true;
}

bool DeviceQueueTables::is_append_durable(Position position) {
    if (const WaitingMessage* entry = waiting_.find(position)) return entry->is_durable;
    const EndingMessage* ending = find_ending(position);
    return ending != nullptr && ending->entry.is_durable;
}

bool DeviceQueueTables::is_answerable(Position position, const Waiter& waiter, Instant now) {
    const bool is_late = waiter.answer_by <= now;
    if (const EndingMessage* ending = find_ending(position)) {
        // Its end will be the answer, unless the store cannot keep it.
        return is_late && ending->entry.is_durable && ending->has_failed;
    }
    const WaitingMessage* entry = waiting_.find(position);
    if (entry == nullptr || !entry->is_durable) return false;
    return is_late || !session_ || (!entry->is_in_flight && !can_be_sent(*entry));
}

bool DeviceQueueTables::can_be_sent(const WaitingMessage& entry) const {
    return session_ && !is_removed_ && topics_.granted(entry.topic).has_value();
}

WaitingMessage* DeviceQueueTables::first_to_send(Position behind) {
    for (auto entry = waiting_.behind(behind); entry != waiting_.end(); ++entry) {
        if (!entry->is_in_flight && can_be_sent(*entry)) return &*entry;
    }
    return nullptr;
}

bool DeviceQueueTables::has_direct_way() {
    return session_ && !is_reading_ && window_.size() < window_messages_max &&
           window_bytes_ < window_bytes_max && first_to_send(cursor_) == nullptr;
}

std::optional<Cause> DeviceQueueTables::failure_of_only_now(const WaitingMessage& entry) const {
    if (!entry.is_only_now) return std::nullopt;
    if (!session_) return Cause::device_offline;
    if (!topics_.granted(entry.topic)) return Cause::topic_not_subscribed;
    return std::nullopt;
}

Cause DeviceQueueTables::cause_of_expiry(const WaitingMessage& entry) const {
    if (!entry.is_only_now) return Cause::expired;
    const bool is_unsubscribed = session_ && !topics_.granted(entry.topic);
    return is_unsubscribed ? Cause::topic_not_subscribed : Cause::device_offline;
}

}  // namespace holdfast::delivery
