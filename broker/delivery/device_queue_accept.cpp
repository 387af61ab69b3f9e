#include "delivery/device_message_record.hpp"
#include "delivery/device_queue.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::delivery {

void DeviceQueue::accept(DeviceMessage message, Turn& turn,
                         std::function<void(AcceptOutcome)> done) {
    auto post = std::make_shared<Post>(Post{std::move(message), std::move(done), &turn, {}, {}});
    Effects effects{core_};
    {
        const std::scoped_lock lock{mutex_};
        if (is_loaded(turn)) {
            consider(post, effects);
        } else {
            deferred_.emplace_back(&turn, [self = Self{this}, post](std::error_code error) {
                self->accept_loaded(post, error);
            });
        }
    }
    effects.run(turn);
}

void DeviceQueue::accept_loaded(const PostPtr& post, std::error_code error) {
    Effects effects{core_};
    {
        const std::scoped_lock lock{mutex_};
        if (error) {
            refuse(post, StoreFailed{error}, effects);
        } else {
            consider(post, effects);
        }
    }
    effects.run(*post->turn);
}

void DeviceQueue::refuse(const PostPtr& post, AcceptOutcome outcome, Effects& effects) {
    post->outcome = std::move(outcome);
    effects.answer(*post->turn, [post] { post->done(std::move(post->outcome)); });
}

/// Duplicate, room, then kept: the order of the contract.
void DeviceQueue::consider(const PostPtr& post, Effects& effects) {
    if (is_removed_) {
        refuse(post, StoreFailed{std::make_error_code(std::errc::no_such_device)}, effects);
    } else if (const std::optional<Position> twin = find_twin(*post)) {
        read_twin(post, *twin);
    } else if (auto victims = unnamed_victims(post->message); !victims.empty()) {
        learn_names(std::move(victims), *post->turn,
                    [self = Self{this}, post](std::error_code error, Effects& later) {
                        if (error) return refuse(post, StoreFailed{error}, later);
                        self->consider(post, later);
                    });
    } else {
        keep(post, effects);
    }
}

// --- The same identifier again

/// A message whose identifier is perhaps the same, the latest first.
std::optional<store::Position> DeviceQueue::find_twin(const Post& post) {
    std::vector<Position> same = positions_with(hash_of_id(post.message.message_id));
    std::erase_if(same, [&post](Position position) {
        return std::ranges::find(post.told_apart, position) != post.told_apart.end();
    });
    return same.empty() ? std::nullopt : std::optional{std::ranges::max(same)};
}

void DeviceQueue::read_twin(const PostPtr& post, Position twin) {
    read_records(
        {twin}, *post->turn,
        [self = Self{this}, post, twin](std::error_code error, std::vector<FoundRecord> found) {
            self->on_twin_read(post, twin, error, std::move(found));
        });
}

void DeviceQueue::on_twin_read(const PostPtr& post, Position twin, std::error_code error,
                               std::vector<FoundRecord> found) {
    Effects effects{core_};
    {
        const std::scoped_lock lock{mutex_};
        const bool is_same =
            !found.empty() && found.front().message.message_id == post->message.message_id;
        if (error) {
            refuse(post, StoreFailed{error}, effects);
        } else if (!is_same) {  // another identifier with the same hash, or gone meanwhile
            post->told_apart.push_back(twin);
            consider(post, effects);
        } else if (found.front().message != post->message) {
            refuse(post, DuplicateMessageId{}, effects);
        } else {
            answer_with_twin(post, found.front(), effects);
        }
    }
    effects.run(*post->turn);
}

/// The same post once more: what became of the first one, once that is durable.
void DeviceQueue::answer_with_twin(const PostPtr& post, FoundRecord& twin, Effects& effects) {
    MessageView view;
    if (!fill_state(twin.position, core_->offset(), view)) {  // forgotten meanwhile
        post->told_apart.push_back(twin.position);
        consider(post, effects);
        return;
    }
    const bool is_finished = view.status != MessageStatus::pending;
    if (!is_finished && !is_append_durable(twin.position)) {
        add_waiter(twin.position, post, twin.accepted_at, twin.expires_at);
        return;
    }
    view.message = std::move(twin.message);
    view.accepted_at = twin.accepted_at;
    view.expires_at = twin.expires_at;
    refuse(post, std::move(view), effects);
}

// --- Keeping it

void DeviceQueue::keep(const PostPtr& post, Effects& effects) {
    const DeviceMessage& message = post->message;
    Turn& turn = *post->turn;
    const WallOffset offset = core_->offset();
    const WallTime accepted_at = offset.to_wall(turn.now);
    WaitingMessage entry;
    entry.is_only_now = message.ttl == Seconds{0};
    const Instant expires_at = entry.is_only_now ? turn.now + core_->settings.acknowledgement_wait
                                                 : deadline_after(turn.now, message.ttl);
    const WallTime expires_at_wall =
        expires_at == never ? mark_time_max : offset.to_wall(expires_at);
    entry.set_expires_at(expires_at);
    auto value = std::make_shared<const store::BytesValue>(
        encode_device_message_record(device_id_, message, accepted_at, expires_at_wall));
    entry.bytes = static_cast<std::uint32_t>(value->size());
    entry.id_hash = hash_of_id(message.message_id);
    entry.accepted_at_seconds = seconds_of(accepted_at);
    entry.topic = topics_.add(message.topic, message.topic_kind == TopicKind::system);

    QueueCommit commit;
    const std::optional<Cause> failure = failure_of_only_now(entry);
    if (!failure) {
        if (const std::optional<QueueFull> full = make_room(entry.bytes, turn, commit)) {
            topics_.remove(entry.topic);
            refuse(post, *full, effects);
            return;
        }
    }
    entry.position = next_position_;
    next_position_ = after_position(next_position_);
    commit.appended = entry.position;
    add_waiter(entry.position, post, accepted_at, expires_at_wall);
    note(entry.position, TraceEvent::Step::accepted, Cause::queued_behind, turn);
    if (failure) {
        append_failed(entry, *failure, std::move(value), *post, commit);
    } else {
        append_waiting(entry, expires_at_wall, std::move(value), *post, commit, effects);
    }
    count_loaded();
    this->commit(std::move(commit), turn);
    schedule();
}

void DeviceQueue::append_waiting(WaitingMessage& entry, WallTime expires_at, store::ValuePtr value,
                                 const Post& post, QueueCommit& commit, Effects& effects) {
    const bool goes_directly = has_direct_way() && can_be_sent(entry);
    entry.is_marked_sent = goes_directly;
    commit.batch.append(id(), entry.position, std::move(value),
                        encode_mark(PendingMark{
                            .expires_at = expires_at, .attempts = 0, .is_sent = goes_directly}));
    waiting_.add(entry);
    earliest_expiry_ = std::min(earliest_expiry_, entry.expires_at());
    if (core_->wants_status()) {
        if (entry.is_only_now) names_[entry.position] = name_of(post.message);
        if (!goes_directly) {
            const FinishedMark waits{.cause = cause_of(entry), .finished_at = wall(*post.turn)};
            record(name_of(post.message), post.message.topic, waits, commit);
        }
    }
    if (!goes_directly) return;
    push_directly(entry, post, post.turn->now);
    update_has_next(effects);
}

/// It ends in the batch that begins it: history, nothing that waits.
void DeviceQueue::append_failed(const WaitingMessage& entry, Cause cause, store::ValuePtr value,
                                const Post& post, QueueCommit& commit) {
    Turn& turn = *post.turn;
    EndingMessage ending;
    ending.entry = entry;
    ending.mark = {.cause = cause, .refusal_code = 0, .attempts = 0, .finished_at = wall(turn)};
    ending.name = name_of(post.message);
    ending.before = session_ ? Cause::not_subscribed : Cause::offline;
    commit.batch.append(id(), entry.position, std::move(value), encode_mark(ending.mark));
    commit.finished.push_back(entry.position);
    record_end(ending, commit);
    forget_overflow(turn, commit.batch, 1);
    ending_.emplace(entry.position, std::move(ending));
}

/// Empty: there is room for a record of so many bytes, perhaps since the oldest ones go.
std::optional<QueueFull> DeviceQueue::make_room(std::size_t bytes, Turn& turn,
                                                QueueCommit& commit) {
    const DeliverySettings& settings = core_->settings;
    const auto is_full = [&] { return waiting_.count() >= settings.device_queue_messages_max; };
    const auto is_too_large = [&] {
        return waiting_.bytes() + bytes > settings.device_queue_bytes_max;
    };
    const bool can_drop = settings.full_device_queue == FullDeviceQueue::drop_oldest &&
                          bytes <= settings.device_queue_bytes_max &&
                          settings.device_queue_messages_max > 0;
    while (is_full() || is_too_large()) {
        if (!can_drop) {
            QueueFull full{.depth = waiting_.count(),
                           .bytes = waiting_.bytes(),
                           .oldest_age = Seconds{0},
                           .by_bytes = !is_full()};
            if (!waiting_.empty()) {
                full.oldest_age = Seconds{seconds_of(wall(turn))} -
                                  Seconds{waiting_.begin()->accepted_at_seconds};
            }
            return full;
        }
        // What the device has in its hands goes last.
        const auto oldest =
            std::ranges::find_if(waiting_.begin(), waiting_.end(),
                                 [](const WaitingMessage& entry) { return !entry.is_in_flight; });
        const auto victim = oldest == waiting_.end() ? waiting_.begin() : oldest;
        begin_finish(victim->position, Cause::queue_full, 0, turn, commit).on_failure =
            OnFailure::put_back;
    }
    return std::nullopt;
}

// --- Answers

void DeviceQueue::add_waiter(Position position, const PostPtr& post, WallTime accepted_at,
                             WallTime expires_at) {
    const Instant answer_by = post->turn->now + core_->settings.acknowledgement_wait;
    waiters_.emplace(position, Waiter{post, accepted_at, expires_at, answer_by});
    earliest_answer_ = std::min(earliest_answer_, answer_by);
    schedule();
}

void DeviceQueue::answer(const Waiter& waiter, Position position, Effects& effects) {
    MessageView view;
    static_cast<void>(fill_state(position, core_->offset(), view));
    view.message = std::move(waiter.post->message);
    view.accepted_at = waiter.accepted_at;
    view.expires_at = waiter.expires_at;
    refuse(waiter.post, std::move(view), effects);
}

void DeviceQueue::answer_waiters(Position position, Effects& effects) {
    const auto [first, last] = waiters_.equal_range(position);
    for (auto waiter = first; waiter != last; ++waiter) {
        answer(waiter->second, position, effects);
    }
    waiters_.erase(first, last);
}

void DeviceQueue::fail_waiters(Position position, std::error_code error, Effects& effects) {
    const auto [first, last] = waiters_.equal_range(position);
    for (auto waiter = first; waiter != last; ++waiter) {
        refuse(waiter->second.post, StoreFailed{error}, effects);
    }
    waiters_.erase(first, last);
}

/// Of one message, or of all.
void DeviceQueue::answer_some(std::optional<Position> position, Instant now, Effects& effects) {
    const auto last = position ? waiters_.upper_bound(*position) : waiters_.end();
    auto waiter = position ? waiters_.lower_bound(*position) : waiters_.begin();
    while (waiter != last) {
        if (!is_answerable(waiter->first, waiter->second, now)) {
            ++waiter;
            continue;
        }
        answer(waiter->second, waiter->first, effects);
        waiter = waiters_.erase(waiter);
    }
}

/// Posts that have waited for the acknowledgement long enough. What is late and not durable is answered
/// when it is.
void DeviceQueue::answer_late(Turn& turn, Effects& effects) {
    answer_some(std::nullopt, turn.now, effects);
    earliest_answer_ = never;
    for (const auto& [position, waiter] : waiters_) {
        if (waiter.answer_by <= turn.now) continue;
        earliest_answer_ = std::min(earliest_answer_, waiter.answer_by);
    }
}

}  // namespace holdfast::delivery
