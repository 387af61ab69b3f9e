#include "base/error.hpp"
#include "delivery/device_message_record.hpp"
#include "delivery/device_publication.hpp"
#include "delivery/device_queue.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::delivery {

namespace {

constexpr store::PageLimits window_page{.records_max = window_messages_max,
                                        .bytes_max = window_bytes_max};

std::size_t bytes_of(const ReadyMessage& ready) { return ready.message->footprint(); }

}  // namespace

void DeviceQueue::push_directly(const WaitingMessage& entry, const Post& post, Instant now) {
    const Instant expires_at = entry.is_only_now ? never : entry.expires_at();
    window_.push_back({entry.position, name_of(post.message),
                       make_publication(post.message, core_->composer, now, expires_at)});
    window_bytes_ += bytes_of(window_.back());
    cursor_ = entry.position;
}

// --- The window

/// Nothing behind `to` has been looked at any more: what can be sent there changed.
void DeviceQueue::rewind(Position to) {
    ++reading_;
    cursor_ = std::min(cursor_, to);
    while (!window_.empty() && window_.back().position > cursor_) {
        window_bytes_ -= bytes_of(window_.back());
        window_.pop_back();
    }
    has_next_.store(session_ && !window_.empty(), std::memory_order_relaxed);
}

/// Reads the next page once half of the window is used up.
void DeviceQueue::refill(Turn& turn) {
    if (load_ != Load::loaded || !session_ || is_reading_ || is_removed_) return;
    if (window_.size() > window_messages_max / 2 || retry_at_ != never) return;
    const WaitingMessage* first = first_to_send(cursor_);
    if (first == nullptr) return;
    is_reading_ = true;
    ++open_calls_;
    core_->store.read_queue(id(), before_position(first->position), window_page, *turn.executor,
                            [self = Self{this}, number = reading_, asked = first->position, &turn](
                                std::error_code error, const store::QueuePage& page) {
                                self->on_window_page(number, asked, error, page, turn);
                            });
}

void DeviceQueue::on_window_page(std::uint64_t number, Position asked, std::error_code error,
                                 const store::QueuePage& page, Turn& turn) {
    Effects effects{core_};
    {
        const std::scoped_lock lock{mutex_};
        if (!begin_completion()) return;
        is_reading_ = false;
        if (number != reading_) {
            refill(turn);
        } else if (error) {
            retry_later(turn);
        } else {
            take_window_page(asked, page, turn, effects);
        }
    }
    effects.run(turn);
}

/// The page begins with `asked`, unless the store lost it: then it is not asked for again and again.
void DeviceQueue::take_window_page(Position asked, const store::QueuePage& page, Turn& turn,
                                   Effects& effects) {
    if (page.records.empty() || page.records.front().position != asked) {
        give_up(asked, "the store has no record of it any more", turn, effects);
    }
    std::vector<ReadyMessage> ready = compose_page(page, turn, effects);
    cursor_ = std::max(cursor_, page.records.empty() ? asked : page.records.back().position);
    if (ready.empty() || ready.back().position <= sent_bound_) {
        publish(std::move(ready), effects);
        refill(turn);
        return;
    }
    WaitingMessage& last = *waiting_.find(ready.back().position);
    last.is_marked_sent = true;
    store::Batch batch;
    batch.remark(id(), last.position, pending_mark_of(last));
    is_reading_ = true;
    ++open_calls_;
    core_->store.commit(std::move(batch), *turn.executor,
                        [self = Self{this}, number = reading_, ready = std::move(ready),
                         &turn](std::error_code error) mutable {
                            self->on_window_marked(number, error, std::move(ready), turn);
                        });
}

std::vector<ReadyMessage> DeviceQueue::compose_page(const store::QueuePage& page, Turn& turn,
                                                    Effects& effects) {
    std::vector<ReadyMessage> ready;
    const WallOffset offset = core_->offset();
    for (const store::QueuedRecord& queued : page.records) {
        const WaitingMessage* entry = waiting_.find(queued.position);
        if (entry == nullptr || entry->is_in_flight || !can_be_sent(*entry)) continue;
        if (queued.position <= cursor_) continue;
        const auto record = decode_device_message_record(queued.bytes);
        if (record.has_error()) {  // it could be read when the queue was loaded, or is our own
            give_up(queued.position, to_string(record.error()), turn, effects);
            continue;
        }
        const Instant expires_at = entry->is_only_now ? never : entry->expires_at();
        ready.push_back({queued.position, name_of(record->message),
                         make_publication(record->message, core_->composer,
                                          offset.to_instant(record->accepted_at), expires_at)});
    }
    return ready;
}

/// What was kept of a message is lost: it waits no more, so that it holds up no other. What the store
/// has of it is left alone.
void DeviceQueue::give_up(Position position, std::string_view why, Turn& turn, Effects& effects) {
    const WaitingMessage* const found = waiting_.find(position);
    if (found == nullptr) return;    // it ended meanwhile
    if (!found->is_durable) return;  // its commit failed; we shall be told
    const WaitingMessage entry = waiting_.take(position);
    topics_.remove(entry.topic);
    count_level(-1, -std::int64_t{entry.bytes});
    count_loaded();
    turn.counters.add(Counter::device_messages_unreadable);
    tell_unreadable(why);
    fail_waiters(position, std::make_error_code(std::errc::io_error), effects);
    QueueCommit moved;
    move_sent_mark(entry, moved.batch);
    if (!moved.batch.empty()) commit(std::move(moved), turn);
}

/// The store can say now, after any crash, that these were perhaps sent: so they may be.
void DeviceQueue::on_window_marked(std::uint64_t number, std::error_code error,
                                   std::vector<ReadyMessage> ready, Turn& turn) {
    Effects effects{core_};
    {
        const std::scoped_lock lock{mutex_};
        if (!begin_completion()) return;
        is_reading_ = false;
        if (error) {
            has_marks_failed_ = true;
            rewind(before_position(ready.front().position));
            retry_later(turn);
        } else if (number != reading_) {
            refill(turn);
        } else {
            sent_bound_ = std::max(sent_bound_, ready.back().position);
            publish(std::move(ready), effects);
            refill(turn);
        }
    }
    effects.run(turn);
}

void DeviceQueue::publish(std::vector<ReadyMessage> ready, Effects& effects) {
    for (ReadyMessage& message : ready) {
        if (waiting_.find(message.position) == nullptr) continue;  // ended meanwhile
        window_bytes_ += bytes_of(message);
        window_.push_back(std::move(message));
    }
    update_has_next(effects);
}

void DeviceQueue::update_has_next(Effects& effects) {
    const bool has_next = session_ && !window_.empty();
    if (has_next_.exchange(has_next, std::memory_order_relaxed) || !has_next) return;
    effects.make_ready(session_);
}

void DeviceQueue::drop_from_window(Position position) {
    const auto found = std::ranges::lower_bound(window_, position, {}, &ReadyMessage::position);
    if (found == window_.end() || found->position != position) return;
    window_bytes_ -= bytes_of(*found);
    window_.erase(found);
    has_next_.store(session_ && !window_.empty(), std::memory_order_relaxed);
}

void DeviceQueue::retry_later(const Turn& turn) {
    retry_at_ = turn.now + store_retry_delay;
    schedule();
}

// --- What the marks say

store::Mark DeviceQueue::pending_mark_of(const WaitingMessage& entry) const {
    return encode_mark(PendingMark{.expires_at = core_->offset().to_wall(entry.expires_at()),
                                   .attempts = static_cast<std::uint8_t>(entry.attempts),
                                   .is_sent = entry.is_marked_sent != 0});
}

/// The connection is gone: marks say of each message whether it was sent, and how often.
void DeviceQueue::make_marks_exact(Turn& turn) {
    QueueCommit exact;
    for (WaitingMessage& entry : waiting_) {
        const bool is_news = entry.is_in_flight || entry.is_perhaps_sent != entry.is_marked_sent;
        if (!is_news) continue;
        entry.is_marked_sent = entry.is_perhaps_sent;
        exact.batch.remark(id(), entry.position, pending_mark_of(entry));
    }
    sent_bound_ = store::before_first;
    if (!exact.batch.empty()) commit(std::move(exact), turn);
}

}  // namespace holdfast::delivery
