#include "delivery/device_queue.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::delivery {

namespace {

constexpr unsigned tag_shift = 48;
constexpr std::uint64_t position_bits = (std::uint64_t{1} << tag_shift) - 1;

store::Position with_tag(store::Position position, std::uint16_t tag) {
    return store::Position{static_cast<std::uint64_t>(position) | std::uint64_t{tag} << tag_shift};
}
store::Position without_tag(store::Position position) {
    return store::Position{static_cast<std::uint64_t>(position) & position_bits};
}
std::uint16_t tag_of(store::Position position) {
    return static_cast<std::uint16_t>(static_cast<std::uint64_t>(position) >> tag_shift);
}
}  // namespace

// Each member may hold the session's lock: what follows for others is posted, never called here.

// --- The session

void DeviceQueue::attach(LiveSession& session, std::vector<FeedSubscription> subscriptions,
                         Turn& turn) {
    Effects effects{core_};
    {
        const std::scoped_lock lock{mutex_};
        const bool is_ready = is_loaded(turn);
        if (!session_) tell_presence(true, turn);
        effects.let_go(std::exchange(session_, LiveSessionPtr{&session}));
        pause_.reset();
        topics_.set_subscriptions(std::move(subscriptions));
        if (std::exchange(last_session_, &session) != &session) take_all_back(turn);
        end_only_now(turn);  // meant for the connection before, which perhaps never said it went
        rewind(store::before_first);
        if (is_ready) refill(turn);
    }
    effects.post(turn);
}

void DeviceQueue::tell_presence(bool is_online, const Turn& turn) {
    if (core_->presence == nullptr) return;
    core_->presence->on_presence(number_, device_id_, is_online, wall(turn));
}

/// The session has another successor than itself: what it did not get acknowledged is the new one's.
void DeviceQueue::take_all_back(Turn& turn) {
    ++session_tag_;
    for (WaitingMessage& entry : waiting_) {
        if (entry.is_in_flight) take_back(entry, turn);
    }
}

void DeviceQueue::take_back(WaitingMessage& entry, const Turn& turn) {
    entry.is_in_flight = false;
    in_flight_.erase(entry.position);
    note(entry.position, TraceEvent::Step::connection_lost, Cause::offline, turn);
}

void DeviceQueue::detach(LiveSession& session, Turn& turn) {
    Effects effects{core_};
    {
        const std::scoped_lock lock{mutex_};
        if (session_.get() != &session) return;
        effects.let_go(std::exchange(session_, nullptr));
        tell_presence(false, turn);
        pause_.reset();
        rewind(store::before_first);
        end_only_now(turn);
        make_marks_exact(turn);
        answer_some(std::nullopt, turn.now, effects);
    }
    effects.post(turn);
}

/// Messages of ttl 0 end with the connection that they were meant for.
void DeviceQueue::end_only_now(Turn& turn) {
    std::vector<Position> over;
    for (const WaitingMessage& entry : waiting_) {
        if (entry.is_only_now) over.push_back(entry.position);
    }
    if (over.empty()) return;
    QueueCommit commit;
    for (const Position position : over) {
        begin_finish(position, Cause::device_offline, 0, turn, commit);
    }
    this->commit(std::move(commit), turn);
}

void DeviceQueue::on_subscribed(const FeedSubscription& subscription, Turn& turn) {
    Effects effects{core_};
    {
        const std::scoped_lock lock{mutex_};
        topics_.subscribe(subscription);
        rewind(store::before_first);
        refill(turn);
    }
    effects.post(turn);
}

void DeviceQueue::on_unsubscribed(std::string_view filter, Turn& turn) {
    Effects effects{core_};
    {
        const std::scoped_lock lock{mutex_};
        topics_.unsubscribe(filter);
        rewind(store::before_first);
        refill(turn);
        answer_some(std::nullopt, turn.now, effects);
    }
    effects.post(turn);
}

QoS DeviceQueue::subscribed_qos(std::string_view topic) {
    const std::scoped_lock lock{mutex_};
    return topics_.find_subscribed(topic).value_or(QoS::at_most_once);
}

// --- Messages

std::optional<FeedItem> DeviceQueue::next(Turn& turn) {
    const std::scoped_lock lock{mutex_};
    if (!session_) return std::nullopt;
    std::optional<FeedItem> item;
    while (!item && !window_.empty()) {
        WaitingMessage& entry = *waiting_.find(window_.front().position);
        if (entry.expires_at() <= turn.now) {
            finish(entry.position, cause_of_expiry(entry), 0, turn);  // leaves the window, too
            continue;
        }
        item = send_first(entry, turn);
    }
    has_next_.store(!window_.empty(), std::memory_order_relaxed);
    refill(turn);
    return item;
}

FeedItem DeviceQueue::send_first(WaitingMessage& entry, Turn& turn) {
    ReadyMessage& ready = window_.front();
    const QoS qos = *topics_.granted(entry.topic);
    FeedItem item{.message = ready.message,
                  .position = with_tag(entry.position, session_tag_),
                  .qos = qos,
                  .dup = entry.is_perhaps_sent && qos != QoS::at_most_once};
    window_bytes_ -= ready.message->footprint();
    in_flight_[entry.position] = {.name = std::move(ready.name),
                                  .sent_at = turn.now,
                                  .qos = qos,
                                  .was_perhaps_sent = entry.is_perhaps_sent != 0};
    window_.pop_front();
    entry.is_in_flight = true;
    entry.is_perhaps_sent = true;
    entry.count_attempt();
    pause_.reset();
    note(entry.position, TraceEvent::Step::sent, Cause::awaiting_acknowledgement, turn);
    turn.counters.add(Counter::device_messages_sent);
    if (item.dup) turn.counters.add(Counter::device_messages_redelivered);
    return item;
}

void DeviceQueue::on_paused(Cause why) {
    const std::scoped_lock lock{mutex_};
    pause_ = why;
}

void DeviceQueue::on_acknowledged(Position position, std::uint8_t reason_code, Turn& turn) {
    const std::scoped_lock lock{mutex_};
    const bool is_refusal = reason_code >= 0x80;
    finish(without_tag(position), is_refusal ? Cause::refused_by_device : Cause::acknowledged,
           is_refusal ? reason_code : std::uint8_t{0}, turn);
}

void DeviceQueue::on_handed_over(Position position, Turn& turn) {
    const std::scoped_lock lock{mutex_};
    const auto sent = in_flight_.find(without_tag(position));
    if (sent == in_flight_.end() || tag_of(position) != session_tag_) return;
    const bool is_delivered =
        sent->second.qos == QoS::at_most_once || core_->settings.delivered_at == DeliveredAt::sent;
    if (is_delivered) finish(without_tag(position), Cause::handed_over, 0, turn);
}

void DeviceQueue::on_too_large(Position position, Turn& turn) {
    const std::scoped_lock lock{mutex_};
    if (tag_of(position) != session_tag_) return;
    finish(without_tag(position), Cause::packet_too_large, 0, turn);
}

void DeviceQueue::on_lost(Position position, Turn& turn) {
    Effects effects{core_};
    {
        const std::scoped_lock lock{mutex_};
        const auto sent = in_flight_.find(without_tag(position));
        if (sent == in_flight_.end() || tag_of(position) != session_tag_) return;
        WaitingMessage& entry = *waiting_.find(without_tag(position));
        // QoS 0: it was not written, or the session would have handed it over.
        if (sent->second.qos == QoS::at_most_once) {
            entry.is_perhaps_sent = sent->second.was_perhaps_sent;
        }
        take_back(entry, turn);
        rewind(before_position(entry.position));
        if (entry.is_only_now && !session_) {
            finish(entry.position, Cause::device_offline, 0, turn);
        }
        refill(turn);
        answer_some(std::nullopt, turn.now, effects);
    }
    effects.post(turn);
}

bool DeviceQueue::wants_again(Position position, Turn& turn) {
    const std::scoped_lock lock{mutex_};
    const auto sent = in_flight_.find(without_tag(position));
    if (sent == in_flight_.end() || tag_of(position) != session_tag_) return false;
    WaitingMessage& entry = *waiting_.find(without_tag(position));
    if (entry.expires_at() <= turn.now && !entry.is_only_now) {
        finish(entry.position, Cause::expired, 0, turn);
        return false;
    }
    sent->second.sent_at = turn.now;
    entry.count_attempt();
    note(entry.position, TraceEvent::Step::sent, Cause::awaiting_acknowledgement, turn);
    turn.counters.add(Counter::device_messages_sent);
    turn.counters.add(Counter::device_messages_redelivered);
    return true;
}

}  // namespace holdfast::delivery
