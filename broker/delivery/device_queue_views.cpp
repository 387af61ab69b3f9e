#include "delivery/device_queue.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::delivery {

/// Why a message waits.
Cause DeviceQueue::cause_of(const WaitingMessage& entry) {
    if (entry.is_in_flight) return Cause::awaiting_acknowledgement;
    if (!session_) return Cause::offline;
    if (!topics_.granted(entry.topic)) return Cause::not_subscribed;
    const WaitingMessage* const first = first_to_send(store::before_first);
    const bool is_first = first != nullptr && first->position == entry.position;
    return is_first ? pause_.value_or(Cause::queued_behind) : Cause::queued_behind;
}

/// What is known besides the record. False: the message is forgotten.
bool DeviceQueue::fill_state(Position position, MessageView& view) {
    if (const WaitingMessage* const entry = waiting_.find(position)) {
        view.cause = cause_of(*entry);
        view.attempts = static_cast<std::uint32_t>(entry->attempts);
        view.place = static_cast<std::uint32_t>(waiting_.place_of(position));
        const auto sent = in_flight_.find(position);
        if (sent != in_flight_.end()) view.sent_at = core_->offset().to_wall(sent->second.sent_at);
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

std::vector<store::Position> DeviceQueue::positions_with(std::uint32_t id_hash) {
    std::vector<Position> found;
    for (const WaitingMessage& entry : waiting_) {
        if (entry.id_hash == id_hash) found.push_back(entry.position);
    }
    for (const auto& [position, ending] : ending_) {
        if (ending.entry.id_hash == id_hash) found.push_back(position);
    }
    for (const FinishedMessage& message : finished_) {
        if (message.id_hash == id_hash) found.push_back(message.position);
    }
    return found;
}

void DeviceQueue::find(std::string message_id, Turn& turn, FindDone done) {
    resolve(std::move(message_id), turn,
            [self = Self{this}, done = std::move(done)](std::error_code error,
                                                        std::optional<FoundRecord> found) {
                if (error || !found) return done(error, std::nullopt);
                done({}, self->view_of(*found));
            });
}

std::optional<MessageView> DeviceQueue::view_of(FoundRecord& found) {
    MessageView view;
    {
        const std::scoped_lock lock{mutex_};
        if (!fill_state(found.position, view)) return std::nullopt;
    }
    view.message = std::move(found.message);
    view.accepted_at = found.accepted_at;
    view.expires_at = found.expires_at;
    return view;
}

// --- List

void DeviceQueue::list(ListQuery query, Turn& turn, ListDone done) {
    if (query.after_message_id.empty()) {
        when_loaded(turn, [self = Self{this}, query, done, &turn](std::error_code error) {
            if (error) return done(error, {});
            self->list_before(query, std::nullopt, turn, done);
        });
        return;
    }
    resolve(query.after_message_id, turn,
            [self = Self{this}, query, done, &turn](std::error_code error,
                                                    const std::optional<FoundRecord>& marker) {
                if (error || !marker) return done(error, {});  // forgotten: no page behind it
                self->list_before(query, marker->position, turn, done);
            });
}

/// The newest that match, older than the marker.
void DeviceQueue::list_before(const ListQuery& query, std::optional<Position> marker, Turn& turn,
                              const ListDone& done) {
    std::vector<Position> wanted;
    ListPage page;
    {
        const std::scoped_lock lock{mutex_};
        wanted = positions_of(query.status);
        if (marker) std::erase_if(wanted, [&](Position position) { return position >= *marker; });
        const std::size_t count =
            std::min(wanted.size(), std::max<std::size_t>(query.count_max, 1));
        page.is_last = count == wanted.size();
        wanted.erase(wanted.begin(), wanted.end() - static_cast<std::ptrdiff_t>(count));
        if (!wanted.empty()) {
            read_records(std::move(wanted), turn,
                         [self = Self{this}, status = query.status, is_last = page.is_last, done](
                             std::error_code error, std::vector<FoundRecord> found) {
                             if (error) return done(error, {});
                             done({}, self->page_of(std::move(found), status, is_last));
                         });
            return;
        }
    }
    done({}, std::move(page));
}

/// Newest first. What has changed its status while it was read is left out.
ListPage DeviceQueue::page_of(std::vector<FoundRecord> found, std::optional<MessageStatus> status,
                              bool is_last) {
    ListPage page{.messages = {}, .is_last = is_last};
    for (auto record = found.rbegin(); record != found.rend(); ++record) {
        auto view = view_of(*record);
        if (!view || (status && *status != view->status)) continue;
        page.messages.push_back(std::move(*view));
    }
    return page;
}

/// In their order; all of them without a status.
std::vector<store::Position> DeviceQueue::positions_of(std::optional<MessageStatus> status) {
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

// --- Trace

void DeviceQueue::trace(std::string message_id, Turn& turn, TraceDone done) {
    resolve(std::move(message_id), turn,
            [self = Self{this}, done = std::move(done)](std::error_code error,
                                                        const std::optional<FoundRecord>& found) {
                if (error || !found) return done(error, std::nullopt);
                done({}, self->trace_of(*found));
            });
}

/// What is remembered, completed by what the record and the mark prove.
std::vector<TraceEvent> DeviceQueue::trace_of(const FoundRecord& found) {
    const std::scoped_lock lock{mutex_};
    using Step = TraceEvent::Step;
    std::vector<TraceEvent> events = trace_.events_of(found.position, core_->offset());
    if (events.empty() || events.front().step != Step::accepted) {
        events.insert(events.begin(), {.at = found.accepted_at,
                                       .step = Step::accepted,
                                       .cause = Cause::queued_behind,
                                       .reason_code = 0});
    }
    const auto end = std::ranges::find(finished_, found.position, &FinishedMessage::position);
    if (end != finished_.end() && events.back().step != step_of(end->mark.cause)) {
        events.push_back({.at = end->mark.finished_at,
                          .step = step_of(end->mark.cause),
                          .cause = end->mark.cause,
                          .reason_code = end->mark.refusal_code});
    }
    return events;
}

}  // namespace holdfast::delivery
