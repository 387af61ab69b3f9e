#include "delivery/device_queue.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::delivery {

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
        if (!fill_state(found.position, core_->offset(), view)) return std::nullopt;
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
