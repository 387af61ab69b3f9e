#include "base/error.hpp"
#include "delivery/device_message_record.hpp"
#include "delivery/device_queue.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::delivery {

namespace {

Counter counter_of(Cause cause) {
    switch (cause) {
        case Cause::acknowledged:
        case Cause::handed_over: return Counter::device_messages_delivered;
        case Cause::refused_by_device: return Counter::device_messages_refused;
        case Cause::expired: return Counter::device_messages_expired;
        case Cause::device_offline: return Counter::device_messages_dropped_device_offline;
        case Cause::topic_not_subscribed: return Counter::device_messages_dropped_not_subscribed;
        case Cause::packet_too_large: return Counter::device_messages_dropped_packet_too_large;
        case Cause::queue_full: return Counter::device_messages_dropped_queue_full;
        case Cause::cancelled: return Counter::device_messages_cancelled;
        case Cause::device_deleted: return Counter::device_messages_dropped_device_deleted;
        default: UNREACHABLE();
    }
}

}  // namespace

// --- The end is decided

/// Adds to `commit` that a message has ended. It leaves the waiting ones at once; others see that when
/// it is durable. Precondition: it waits.
EndingMessage& DeviceQueue::begin_finish(Position position, Cause cause, std::uint8_t reason_code,
                                         Turn& turn, QueueCommit& commit) {
    EndingMessage ending;
    ending.before = cause_of(*waiting_.find(position));
    ending.name = take_name(position);
    ending.entry = waiting_.take(position);
    ending.mark = {.cause = cause,
                   .refusal_code = reason_code,
                   .attempts = static_cast<std::uint8_t>(ending.entry.attempts),
                   .finished_at = wall(turn)};
    commit.batch.remark(id(), position, encode_mark(ending.mark));
    commit.finished.push_back(position);
    record_end(ending, commit);
    move_sent_mark(ending.entry, commit.batch);
    forget_overflow(turn, commit.batch, 1);
    return ending_.emplace(position, std::move(ending)).first->second;
}

void DeviceQueue::finish(Position position, Cause cause, std::uint8_t reason_code, Turn& turn) {
    if (waiting_.find(position) == nullptr) return;  // it ended before, in another way
    if (auto nameless = unnamed({position}); !nameless.empty()) {
        return learn_names(std::move(nameless), turn,
                           [self = Self{this}, position, cause, reason_code, &turn](
                               std::error_code, Effects&) {
                               // If it cannot be read, nothing can be told of it, but it has ended.
                               if (self->waiting_.find(position) == nullptr) return;
                               self->names_.try_emplace(position);
                               self->finish(position, cause, reason_code, turn);
                           });
    }
    QueueCommit finished;
    begin_finish(position, cause, reason_code, turn, finished);
    commit(std::move(finished), turn);
}

/// The bearer of the bit `sent` ends: the nearest earlier message bears it from now on. With a session, it
/// may have been released although it was not sent; without one, only what was sent counts.
void DeviceQueue::move_sent_mark(const WaitingMessage& entry, store::Batch& batch) {
    if (!entry.is_marked_sent && !has_marks_failed_) return;
    auto earlier = waiting_.behind(entry.position);
    while (earlier != waiting_.begin()) {
        --earlier;
        if (!session_ && !earlier->is_perhaps_sent) continue;
        if (earlier->is_marked_sent && !has_marks_failed_) return;
        earlier->is_marked_sent = true;
        batch.remark(id(), earlier->position, pending_mark_of(*earlier));
        return;
    }
}

/// Makes room in the history for `more`: the oldest end goes first.
void DeviceQueue::forget_overflow(Turn& turn, store::Batch& batch, std::size_t more) {
    const std::size_t finished_max = core_->settings.finished_messages_max;
    while (!finished_.empty() && finished_.size() + ending_.size() + more > finished_max) {
        batch.settle(id(), finished_.front().position);
        finished_.pop_front();
        turn.counters.add(Counter::device_messages_forgotten);
    }
}

/// Makes it durable. Called with the lock held, so that the store sees the order of the changes.
void DeviceQueue::commit(QueueCommit commit, Turn& turn) {
    ++open_calls_;
    core_->store.commit(
        std::move(commit.batch), *turn.executor,
        [self = Self{this}, appended = commit.appended, finished = std::move(commit.finished),
         recorded = std::move(commit.recorded), &turn](std::error_code error) {
            if (!recorded.empty()) self->core_->recorder->on_settled(recorded);
            self->on_committed(appended, finished, error, turn);
        });
}

// --- It is durable, or is not

void DeviceQueue::on_committed(std::optional<Position> appended, const Positions& finished,
                               std::error_code error, Turn& turn) {
    Effects effects{core_};
    {
        const std::scoped_lock lock{mutex_};
        if (!begin_completion()) return;
        if (error) {
            has_marks_failed_ = true;
            if (appended) undo_append(*appended, error, effects);
            for (const Position position : finished) undo_finish(position, error, turn, effects);
            refill(turn);
        } else {
            if (appended) on_append_durable(*appended, turn, effects);
            for (const Position position : finished) on_end_durable(position, turn, effects);
        }
        count_loaded();
        schedule();
    }
    effects.run(turn);
}

void DeviceQueue::on_append_durable(Position position, Turn& turn, Effects& effects) {
    EndingMessage* const ending = find_ending(position);
    WaitingMessage* const entry = ending != nullptr ? &ending->entry : waiting_.find(position);
    if (entry == nullptr) return;  // its device is deleted
    entry->is_durable = true;
    count_level(1, entry->bytes);
    turn.counters.add(Counter::device_messages_accepted);
    note(position, TraceEvent::Step::durable, Cause::queued_behind, turn);
    if (ending != nullptr) {
        complete(position, turn, effects);
        return;
    }
    if (entry->is_marked_sent) sent_bound_ = std::max(sent_bound_, position);
    answer_some(position, turn.now, effects);
}

void DeviceQueue::on_end_durable(Position position, Turn& turn, Effects& effects) {
    EndingMessage* const ending = find_ending(position);
    if (ending == nullptr) return;  // its append failed
    ending->is_mark_durable = true;
    complete(position, turn, effects);
}

/// Once append and end are durable, in whichever order this queue is told, the end is everybody's.
void DeviceQueue::complete(Position position, Turn& turn, Effects& effects) {
    const EndingMessage* const found = find_ending(position);
    if (!found->is_mark_durable || !found->entry.is_durable) return;
    const EndingMessage ending = std::move(ending_.extract(position).mapped());
    count_level(-1, -std::int64_t{ending.entry.bytes});
    turn.counters.add(counter_of(ending.mark.cause));
    note(position, step_of(ending.mark.cause), ending.mark.cause, turn, ending.mark.refusal_code);
    finished_.push_back({position, ending.mark, ending.entry.id_hash});
    answer_waiters(position, effects);
    tell_end(ending, turn, effects);
    topics_.remove(ending.entry.topic);
    store::Batch forgotten;
    if (!ending.cancellers.empty()) {
        finished_.pop_back();
        forgotten.settle(id(), position);
        if (ending.mark.cause != Cause::cancelled) {
            turn.counters.add(Counter::device_messages_forgotten);
        }
    }
    forget_overflow(turn, forgotten, 0);
    if (forgotten.empty()) return;
    ++open_calls_;
    core_->store.commit(
        std::move(forgotten), *turn.executor,
        [self = Self{this}, cancellers = ending.cancellers, &turn](std::error_code error) {
            self->on_forgotten(cancellers, error, turn);
        });
}

void DeviceQueue::on_forgotten(const std::vector<EndingMessage::Canceller>& cancellers,
                               std::error_code error, Turn& turn) {
    Effects effects{core_};
    {
        const std::scoped_lock lock{mutex_};
        if (!begin_completion()) return;
        for (const auto& [caller, done] : cancellers) {
            effects.answer(*caller, [done = done, error] { done(error, !error); });
        }
    }
    effects.run(turn);
}

/// The event. Whose identifier is not in memory is looked up, if somebody listens.
void DeviceQueue::tell_end(const EndingMessage& ending, Turn& turn, Effects& effects) {
    if (!core_->events.wants(severity_of(ending.mark.cause))) return;
    StatusChange change{.device_id = device_id_,
                        .message_id = ending.name.message_id,
                        .topic = std::string{topics_.name(ending.entry.topic)},
                        .from = MessageStatus::pending,
                        .cause = ending.mark.cause,
                        .reason_code = ending.mark.refusal_code};
    if (!change.message_id.empty()) {
        effects.tell(std::move(change));
        return;
    }
    read_records({ending.entry.position}, turn,
                 [self = Self{this}, change = std::move(change), &turn](
                     std::error_code, const std::vector<FoundRecord>& found) mutable {
                     if (!found.empty()) change.message_id = found.front().message.message_id;
                     Effects later{self->core_};
                     later.tell(std::move(change));
                     later.run(turn);
                 });
}

// --- The store failed

/// It was never accepted. If the device has it already, nobody promised anything: its PUBACK will find
/// nothing here.
void DeviceQueue::undo_append(Position position, std::error_code error, Effects& effects) {
    DeviceTopics::Index topic = 0;
    if (const EndingMessage* const ending = find_ending(position)) {
        topic = ending->entry.topic;
        for (const auto& [caller, done] : ending->cancellers) {
            effects.answer(*caller, [done = done, error] { done(error, false); });
        }
        ending_.erase(position);
    } else if (waiting_.find(position) != nullptr) {
        static_cast<void>(take_name(position));
        topic = waiting_.take(position).topic;
    } else {
        return;
    }
    topics_.remove(topic);
    fail_waiters(position, error, effects);
}

/// What has ended for others is tried again; what was ended by us goes on waiting.
void DeviceQueue::undo_finish(Position position, std::error_code error, Turn& turn,
                              Effects& effects) {
    EndingMessage* const ending = find_ending(position);
    if (ending == nullptr) return;
    if (ending->on_failure == OnFailure::retry) {
        ending->has_failed = true;
        retry_later(turn);
        return;
    }
    for (const auto& [caller, done] : ending->cancellers) {
        effects.answer(*caller, [done = done, error] { done(error, false); });
    }
    WaitingMessage entry = ending->entry;
    entry.is_in_flight = false;
    if (core_->wants_status()) names_[position] = std::move(ending->name);
    ending_.erase(position);
    waiting_.put_back(entry);
    earliest_expiry_ = std::min(earliest_expiry_, entry.expires_at());
    rewind(before_position(position));
}

void DeviceQueue::retry_endings(Turn& turn) {
    QueueCommit again;
    for (auto& [position, ending] : ending_) {
        if (!std::exchange(ending.has_failed, false)) continue;
        again.batch.remark(id(), position, encode_mark(ending.mark));
        again.finished.push_back(position);
        record_end(ending, again);
        move_sent_mark(ending.entry, again.batch);
    }
    if (!again.batch.empty()) commit(std::move(again), turn);
}

// --- Time

void DeviceQueue::expire(Turn& turn) {
    earliest_expiry_ = never;
    std::vector<Position> over;
    for (const WaitingMessage& entry : waiting_) {
        // Of ttl 0 and sent in time: it has as long as the connection.
        if (entry.is_only_now && entry.is_in_flight) continue;
        if (entry.expires_at() <= turn.now) {
            over.push_back(entry.position);
        } else {
            earliest_expiry_ = std::min(earliest_expiry_, entry.expires_at());
        }
    }
    if (over.empty()) return;
    if (auto nameless = unnamed(over); !nameless.empty()) {
        return learn_names(std::move(nameless), turn,
                           [self = Self{this}, &turn](std::error_code error, Effects&) {
                               if (!error) return self->expire(turn);
                               self->earliest_expiry_ = turn.now;
                               self->retry_later(turn);
                           });
    }
    QueueCommit expired;
    for (const Position position : over) {
        begin_finish(position, cause_of_expiry(*waiting_.find(position)), 0, turn, expired);
    }
    commit(std::move(expired), turn);
}

}  // namespace holdfast::delivery
