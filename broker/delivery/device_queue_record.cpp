#include "delivery/device_queue.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::delivery {

namespace {

/// What a record can have besides its content: more than properties, topic and names together.
constexpr std::size_t record_overhead_max = 32 * 1024;

}  // namespace

/// Those whose end cannot be recorded, since nobody knows what they are called. None while nobody records.
std::vector<store::Position> DeviceQueue::unnamed(const std::vector<Position>& positions) {
    std::vector<Position> missing;
    if (!core_->wants_status()) return missing;
    for (const Position position : positions) {
        if (in_flight_.contains(position) || names_.contains(position)) continue;
        const auto ready = std::ranges::lower_bound(window_, position, {}, &ReadyMessage::position);
        if (ready != window_.end() && ready->position == position) continue;
        missing.push_back(position);
    }
    return missing;
}

/// Of those that would have to go for a new message, and perhaps some more: make_room() knows exactly.
std::vector<store::Position> DeviceQueue::unnamed_victims(const DeviceMessage& message) {
    const DeliverySettings& settings = core_->settings;
    if (settings.full_device_queue != FullDeviceQueue::drop_oldest || !core_->wants_status())
        return {};
    std::size_t count = waiting_.count();
    std::size_t bytes = waiting_.bytes() + message.content.size() + record_overhead_max;
    std::vector<Position> victims;
    for (const WaitingMessage& entry : waiting_) {
        const bool is_enough =
            count < settings.device_queue_messages_max && bytes <= settings.device_queue_bytes_max;
        if (is_enough) break;
        victims.push_back(entry.position);
        if (entry.is_in_flight) continue;  // it goes last
        count -= 1;
        bytes -= std::min<std::size_t>(bytes, entry.bytes);
    }
    return unnamed(victims);
}

/// `then` runs with the lock held.
void DeviceQueue::learn_names(std::vector<Position> positions, Turn& turn, NamesLearned then) {
    read_records(positions, turn,
                 [self = Self{this}, positions, then = std::move(then), &turn](
                     std::error_code error, const std::vector<FoundRecord>& found) {
                     Effects effects{self->core_};
                     {
                         const std::scoped_lock lock{self->mutex_};
                         // What cannot be read is not asked for again.
                         for (const Position position : positions) {
                             const bool waits = self->waiting_.find(position) != nullptr;
                             if (!error && waits) self->names_.try_emplace(position);
                         }
                         for (const FoundRecord& each : found) {
                             const auto wanted = self->names_.find(each.position);
                             if (wanted != self->names_.end())
                                 wanted->second = name_of(each.message);
                         }
                         then(error, effects);
                     }
                     effects.run(turn);
                 });
}

/// What it is called, which is not needed here any more: it leaves the window and what is in flight.
MessageName DeviceQueue::take_name(Position position) {
    MessageName name;
    const auto sent = in_flight_.find(position);
    const auto ready = std::ranges::lower_bound(window_, position, {}, &ReadyMessage::position);
    const auto known = names_.find(position);
    if (known != names_.end()) {
        name = std::move(known->second);
        names_.erase(known);
    }
    if (sent != in_flight_.end()) {
        name = std::move(sent->second.name);
        in_flight_.erase(sent);
    } else if (ready != window_.end() && ready->position == position) {
        name = std::move(ready->name);
        drop_from_window(position);
    }
    return name;
}

void DeviceQueue::record(const MessageName& name, std::string_view topic, const FinishedMark& mark,
                         QueueCommit& commit) {
    if (!core_->wants_status() || name.message_id.empty()) return;
    const StatusRecord told{.device_id = device_id_,
                            .message_id = name.message_id,
                            .name = name.name,
                            .topic = topic,
                            .cause = mark.cause,
                            .reason_code = mark.refusal_code,
                            .at = mark.finished_at};
    commit.recorded.push_back(core_->recorder->record(told, commit.batch));
}

void DeviceQueue::record_end(const EndingMessage& ending, QueueCommit& commit) {
    if (!core_->wants_status()) return;
    record(ending.name, topics_.name(ending.entry.topic), ending.mark, commit);
}

}  // namespace holdfast::delivery
