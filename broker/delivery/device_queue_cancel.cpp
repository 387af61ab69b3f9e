#include "delivery/device_queue.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::delivery {

// --- A message by its identifier

void DeviceQueue::read_records(std::vector<Position> wanted, Turn& turn, RecordsRead done) {
    ++open_calls_;
    read_device_records(core_->store, id(), std::move(wanted), turn,
                        [self = Self{this}, done = std::move(done)](
                            std::error_code error, std::vector<FoundRecord> found) {
                            if (self->core_->is_closed.load(std::memory_order_acquire)) return;
                            done(error, std::move(found));
                            self->end_call();
                        });
}

/// Answers without a lock; empty: there is none.
void DeviceQueue::resolve(std::string message_id, Turn& turn, Resolved done) {
    when_loaded(turn, [self = Self{this}, message_id = std::move(message_id),
                       done = std::move(done), &turn](std::error_code error) {
        if (error) return done(error, std::nullopt);
        self->resolve_loaded(message_id, turn, done);
    });
}

void DeviceQueue::resolve_loaded(const std::string& message_id, Turn& turn, const Resolved& done) {
    {
        const std::scoped_lock lock{mutex_};
        std::vector<Position> candidates = positions_with(hash_of_id(message_id));
        if (!candidates.empty()) {
            read_records(std::move(candidates), turn,
                         [message_id, done](std::error_code error, std::vector<FoundRecord> found) {
                             std::erase_if(found, [&](const FoundRecord& record) {
                                 return record.message.message_id != message_id;
                             });
                             if (found.empty()) return done(error, std::nullopt);
                             done(error, std::move(found.back()));
                         });
            return;
        }
    }
    done({}, std::nullopt);
}

// --- Cancelling

void DeviceQueue::cancel(std::string message_id, Turn& turn, CancelDone done) {
    resolve(std::move(message_id), turn,
            [self = Self{this}, done = std::move(done), &turn](
                std::error_code error, const std::optional<FoundRecord>& found) {
                if (error || !found) return done(error, false);
                self->cancel_found(*found, turn, done);
            });
}

void DeviceQueue::cancel_found(const FoundRecord& found, Turn& turn, const CancelDone& done) {
    const Position position = found.position;
    {
        const std::scoped_lock lock{mutex_};
        if (waiting_.find(position) != nullptr) {
            QueueCommit cancelled;
            names_[position] = name_of(found.message);
            EndingMessage& ending = begin_finish(position, Cause::cancelled, 0, turn, cancelled);
            ending.on_failure = OnFailure::put_back;
            ending.cancellers.push_back({&turn, done});
            commit(std::move(cancelled), turn);
            return;
        }
        if (EndingMessage* const ending = find_ending(position)) {
            ending->cancellers.push_back({&turn, done});
            return;
        }
        const auto finished = std::ranges::find(finished_, position, &FinishedMessage::position);
        if (finished != finished_.end()) {
            const FinishedMessage forgotten = *finished;
            finished_.erase(finished);
            count_loaded();
            forget(forgotten, turn, done);
            return;
        }
    }
    done({}, false);
}

/// Takes a finished message out of the history.
void DeviceQueue::forget(const FinishedMessage& message, Turn& turn, const CancelDone& done) {
    store::Batch batch;
    batch.settle(id(), message.position);
    ++open_calls_;
    core_->store.commit(std::move(batch), *turn.executor,
                        [self = Self{this}, message, done, &turn](std::error_code error) {
                            {
                                const std::scoped_lock lock{self->mutex_};
                                if (!self->begin_completion()) return;
                                if (error) {
                                    self->finished_.push_front(message);
                                    self->count_loaded();
                                } else {
                                    turn.counters.add(Counter::device_messages_forgotten);
                                }
                            }
                            done(error, !error);
                        });
}

// --- The device is deleted

void DeviceQueue::remove(Turn& turn, std::function<void(std::error_code)> done) {
    when_loaded(turn, [self = Self{this}, done = std::move(done), &turn](std::error_code error) {
        if (error) return done(error);
        self->remove_loaded(turn, done);
    });
}

void DeviceQueue::remove_loaded(Turn& turn, const RemoveDone& done) {
    const std::scoped_lock lock{mutex_};
    is_removed_ = true;
    rewind(store::before_first);
    std::vector<Position> waiting;
    for (const WaitingMessage& entry : waiting_) waiting.push_back(entry.position);
    const bool is_heard =
        core_->wants_status() || core_->events.wants(severity_of(Cause::device_deleted));
    if (waiting.empty() || !is_heard) return drop({}, turn, done);
    read_records(
        std::move(waiting), turn,
        [self = Self{this}, done, &turn](std::error_code error, std::vector<FoundRecord> found) {
            // Without the identifiers the events say less; the device goes all the same.
            if (error) found.clear();
            const std::scoped_lock again{self->mutex_};
            self->drop(std::move(found), turn, done);
        });
}

void DeviceQueue::drop(std::vector<FoundRecord> found, Turn& turn, const RemoveDone& done) {
    QueueCommit dropped;
    dropped.batch.drop_queue(id());
    const FinishedMark mark{.cause = Cause::device_deleted, .finished_at = wall(turn)};
    for (const FoundRecord& each : found) {
        if (waiting_.find(each.position) == nullptr) continue;
        record(name_of(each.message), each.message.topic, mark, dropped);
    }
    ++open_calls_;
    core_->store.commit(
        std::move(dropped.batch), *turn.executor,
        [self = Self{this}, found = std::move(found), recorded = std::move(dropped.recorded), done,
         &turn](std::error_code error) {
            if (!recorded.empty()) self->core_->recorder->on_settled(recorded);
            self->on_dropped(found, error, turn);
            done(error);
        });
}

void DeviceQueue::on_dropped(const std::vector<FoundRecord>& found, std::error_code error,
                             Turn& turn) {
    Effects effects{core_};
    {
        const std::scoped_lock lock{mutex_};
        if (!begin_completion()) return;
        if (error) {
            is_removed_ = false;
            refill(turn);
        } else {
            for (const FoundRecord& record : found) {
                if (waiting_.find(record.position) == nullptr) continue;
                effects.tell({.device_id = device_id_,
                              .message_id = record.message.message_id,
                              .topic = record.message.topic,
                              .from = MessageStatus::pending,
                              .cause = Cause::device_deleted,
                              .reason_code = 0});
            }
            forget_everything(turn, effects);
        }
    }
    effects.run(turn);
}

void DeviceQueue::forget_everything(Turn& turn, Effects& effects) {
    while (!waiting_.empty()) {
        const WaitingMessage entry = waiting_.take(waiting_.begin()->position);
        topics_.remove(entry.topic);
        answer_deleted(entry.position, turn, effects);
        if (!entry.is_durable) continue;  // never counted
        count_level(-1, -std::int64_t{entry.bytes});
        turn.counters.add(Counter::device_messages_dropped_device_deleted);
    }
    turn.counters.add(Counter::device_messages_forgotten, finished_.size());
    finished_.clear();
    in_flight_.clear();
    names_.clear();
    earliest_expiry_ = never;
    trace_ = {};
    count_loaded();
}

void DeviceQueue::answer_deleted(Position position, Turn& turn, Effects& effects) {
    const auto [first, last] = waiters_.equal_range(position);
    for (auto waiter = first; waiter != last; ++waiter) {
        MessageView view;
        view.message = std::move(waiter->second.post->message);
        view.status = MessageStatus::failed;
        view.cause = Cause::device_deleted;
        view.accepted_at = waiter->second.accepted_at;
        view.expires_at = waiter->second.expires_at;
        view.finished_at = wall(turn);
        refuse(waiter->second.post, std::move(view), effects);
    }
    waiters_.erase(first, last);
}

}  // namespace holdfast::delivery
