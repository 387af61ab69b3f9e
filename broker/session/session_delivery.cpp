// Messages towards the client: what goes out at once, what waits, what is dropped and why.

#include "base/error.hpp"
#include "codec/codec.hpp"
#include "session/connection.hpp"
#include "session/journal.hpp"
#include "session/queue_record.hpp"
#include "session/session.hpp"

#include <boost/container/small_vector.hpp>

namespace holdfast::session {

namespace {

codec::PublishOptions options_of(const OutboundMessage& outbound, PacketId packet_id, bool dup,
                                 Instant now) {
    codec::PublishOptions options{
        .qos = outbound.qos, .dup = dup, .retain = outbound.retain, .packet_id = packet_id};
    const Instant expires_at = outbound.message->expires_at();
    if (expires_at != never) {
        options.message_expiry_interval = seconds_left(now, expires_at);  // [MQTT5-3.3.2-6]
    }
    return options;
}

/// Room to spare for everything a PUBLISH has besides what its message holds.
bool is_far_below(std::size_t packet_bytes_max, const OutboundMessage& outbound) {
    return outbound.message->footprint() + 256 < packet_bytes_max && !outbound.extra;
}

/// The identifiers of one message side by side, as the encoder wants them.
class Identifiers {
public:
    explicit Identifiers(const OutboundMessage& outbound) {
        if (outbound.subscription_identifier == 0) return;
        all_.push_back(outbound.subscription_identifier);
        if (!outbound.extra) return;
        const auto& more = outbound.extra->more_identifiers;
        all_.insert(all_.end(), more.begin(), more.end());
    }
    [[nodiscard]] std::span<const std::uint32_t> view() const { return {all_.data(), all_.size()}; }

private:
    boost::container::small_vector<std::uint32_t, 4> all_;
};

}  // namespace

router::DeliveryOutcome Session::deliver(const MessagePtr& message,
                                         const router::Delivery& delivery, Turn& turn) {
    Actions& actions = static_cast<Actions&>(turn);
    const std::scoped_lock lock{mutex_};
    actions.counters.add(Counter::messages_accepted);
    OutboundMessage outbound{message, delivery};
    if (ended_) {
        drop(outbound, DropReason::session_ended, actions);
        return router::DeliveryOutcome::dropped;
    }
    if (!may_receive(message)) {
        drop(outbound, DropReason::not_authorized, actions);
        return router::DeliveryOutcome::dropped;
    }
    if (!connection_ && outbound.qos == QoS::at_most_once) {
        drop(outbound, DropReason::offline_qos_0, actions);
        return router::DeliveryOutcome::dropped;
    }
    if (store_side_ && outbound.qos != QoS::at_most_once) {
        return deliver_stored(std::move(outbound), actions);
    }
    if (nothing_waits() && can_send_new(outbound.qos)) {
        send(std::move(outbound), actions);
        return router::DeliveryOutcome::accepted;
    }
    return enqueue(std::move(outbound), actions);
}

void Session::deliver_retained(const Connection& connection, RetainedWalk walk, Actions& actions) {
    const std::scoped_lock lock{mutex_};
    if (!is_attached(connection)) return;
    if (!walks_) walks_ = std::make_unique<RetainedWalks>();
    // Subscribing again while the walk goes on starts it afresh: there is one for each filter.
    std::erase_if(*walks_, [&](const RetainedWalk& other) {
        return other.cursor.filter == walk.cursor.filter;
    });
    walks_->push_back(std::move(walk));
    pump(actions);
}

void Session::forget_retained(std::string_view filter) {
    const std::scoped_lock lock{mutex_};
    if (!walks_) return;
    std::erase_if(*walks_, [&](const RetainedWalk& walk) { return walk.cursor.filter == filter; });
    if (walks_->empty()) walks_.reset();
}

bool Session::can_send(QoS qos) const {
    if (!connection_) return false;
    const Link& link = connection_->link();
    if (link.closed || link.outbox.size() >= limits_.outbound_buffer_bytes_max) return false;
    return qos == QoS::at_most_once || link.send_quota > 0;
}

/// One that was not sent before also needs a free Packet Identifier.
bool Session::can_send_new(QoS qos) const {
    return can_send(qos) && (qos == QoS::at_most_once || !inflight_.full());
}

void Session::pump(Actions& actions) {
    if (!connection_) return;
    while (pump_resend(actions)) {}
    if (resend_) return;
    if (walks_) {
        while (pump_retained(actions)) {}
        // Before anybody can flush what they put into the outbox: the mutex is held.
        if (store_side_) store_side_->journal().commit_collected(actions);
        if (walks_) return;
    }
    while (pump_queue(actions)) {}
    while (pump_feed(actions)) {}
}

bool Session::pump_resend(Actions& actions) {
    if (!resend_) return false;
    InflightEntry* entry = inflight_.find(resend_->back());
    if (entry != nullptr) {
        // It has its identifier: that none is free does not stop it.
        const bool needs_quota = entry->state == InflightState::published;
        const bool has_quota = !needs_quota || connection_->link().send_quota > 0;
        if (!has_quota || !can_send(QoS::at_most_once)) return false;
        send_again(*entry, actions);
    }
    resend_->pop_back();
    if (resend_->empty()) resend_.reset();
    return true;
}

void Session::send_again(InflightEntry& entry, Actions& actions) {
    Link& link = connection_->link();
    if (entry.state == InflightState::released) return send_pubrel(entry, actions);
    const bool is_from_feed = entry.outbound.is_from_feed;
    const store::Position position = entry.outbound.position;
    if (is_from_feed && !feed_->wants_again(position, actions)) {
        inflight_.erase(entry);
        return;
    }
    if (!is_from_feed && !may_receive(entry.outbound.message)) {
        drop(entry.outbound, DropReason::not_authorized, actions);
        inflight_.erase(entry);
        return;
    }
    if (!fits(entry.outbound, actions.now)) {
        if (is_from_feed) {
            feed_->on_too_large(position, actions);
        } else {
            drop(entry.outbound, DropReason::packet_too_large, actions);
        }
        inflight_.erase(entry);
        return;
    }
    entry.holds_quota = true;
    --link.send_quota;
    encode(entry.outbound, entry.packet_id, true, actions);
    if (is_from_feed) link.note_unsent(position, entry.outbound.qos);
    actions.counters.add(Counter::messages_redelivered);
}

bool Session::pump_retained(Actions& actions) {
    if (!walks_) return false;
    RetainedWalk& walk = walks_->front();
    if (!can_send_new(walk.options.maximum_qos)) return false;
    const MessagePtr message = walk.retained->next(walk.cursor, actions.now);
    if (!message) {
        walks_->pop_front();
        if (walks_->empty()) walks_.reset();
        return true;
    }
    if (walk.options.no_local && message->publisher() == number_) return true;  // [MQTT5-3.8.3-3]
    router::Delivery delivery{.qos = lower_of(message->qos(), walk.options.maximum_qos),
                              .retain = true};  // [MQTT5-3.3.1-8]
    if (walk.subscription_identifier != 0) {
        delivery.subscription_identifiers = {&walk.subscription_identifier, 1};
    }
    actions.counters.add(Counter::messages_accepted);
    OutboundMessage outbound{message, delivery};
    if (!may_receive(message)) {
        drop(outbound, DropReason::not_authorized, actions);
        return true;
    }
    if (store_side_ && outbound.qos != QoS::at_most_once) store_side_->append(outbound, actions);
    send(std::move(outbound), actions);
    return true;
}

bool Session::pump_queue(Actions& actions) {
    if (!has_queue()) return false;
    if (store_side_) {
        read_ahead(actions);
        if (!store_side_->is_known_connected()) return false;
    }
    Waiting* const front = queue_->front();
    if (front == nullptr || !can_send_new(front->outbound.qos)) return false;
    if (!may_receive(front->outbound.message)) {
        // It was let in by other rules, or before it was known who would connect.
        if (!can_settle(front->outbound.position)) return false;
        drop(take_front(actions), DropReason::not_authorized, actions);
        return true;
    }
    if (store_side_ && !has_identifier(*front, actions)) return false;
    send(take_front(actions), actions);
    return true;
}

OutboundMessage Session::take_front(Actions& actions) {
    OutboundMessage outbound = queue_->take_front();
    count_out(outbound.message->footprint(), actions);
    // A stored session's messages all pass through the queue: it stays until the next sweep.
    if (queue_->empty() && !store_side_) queue_.reset();
    return outbound;
}

void Session::count_in(std::size_t bytes, Actions& actions) {
    actions.counters.add(Counter::queue_messages_in);
    actions.counters.add(Counter::queue_bytes_in, bytes);
}

void Session::count_out(std::size_t bytes, Actions& actions) {
    actions.counters.add(Counter::queue_messages_out);
    actions.counters.add(Counter::queue_bytes_out, bytes);
}

bool Session::fits(const OutboundMessage& outbound, Instant now) const {
    const Link& link = connection_->link();
    if (is_far_below(link.packet_bytes_max, outbound)) return true;
    const Identifiers identifiers{outbound};
    codec::PublishOptions options = options_of(outbound, 1, false, now);
    options.subscription_identifiers = identifiers.view();
    const auto size = [&] { return codec::publish_size(link.version, *outbound.message, options); };
    if (size() <= link.packet_bytes_max) return true;
    const auto alias = link.alias_of(outbound.message->topic());
    if (!alias.is_known) return false;
    options.topic_alias = alias.alias;
    options.omit_topic = true;
    return size() <= link.packet_bytes_max;
}

void Session::send(OutboundMessage outbound, Actions& actions) {
    // Whose delivery has perhaps begun goes on, as what is in flight does.
    const bool is_expired = outbound.message->is_expired(actions.now);
    if (is_expired && !outbound.is_perhaps_sent) {
        drop(outbound, DropReason::expired, actions);  // [MQTT5-3.3.2-5]
        return;
    }
    if (!fits(outbound, actions.now)) {
        drop(outbound, DropReason::packet_too_large, actions);  // [MQTT5-3.1.2-25]
        return;
    }
    Link& link = connection_->link();
    if (outbound.qos == QoS::at_most_once) {
        encode(outbound, 0, false, actions);
        ++link.qos0_unsent;
        return;
    }
    const PacketId packet_id = packet_id_of(outbound);
    InflightEntry& entry = inflight_.insert(std::move(outbound), packet_id);
    entry.holds_quota = true;
    --link.send_quota;  // [MQTT5-4.9.0-1]
    const bool is_again = entry.outbound.is_perhaps_sent;
    if (is_again) actions.counters.add(Counter::messages_redelivered);
    encode(entry.outbound, entry.packet_id, is_again, actions);
}

void Session::encode(const OutboundMessage& outbound, PacketId packet_id, bool dup,
                     Actions& actions) {
    Link& link = connection_->link();
    codec::PublishOptions options = options_of(outbound, packet_id, dup, actions.now);
    const Identifiers identifiers{outbound};
    options.subscription_identifiers = identifiers.view();
    const ApplicationMessage& message = *outbound.message;
    if (const auto alias = link.alias_of(message.topic()); alias.alias != 0) {
        options.topic_alias = alias.alias;
        options.omit_topic = alias.is_known;
        const bool is_too_large = !is_far_below(link.packet_bytes_max, outbound) &&
                                  codec::publish_size(link.version, message, options) >
                                      link.packet_bytes_max;
        if (is_too_large) {
            options.topic_alias = 0;
            options.omit_topic = false;
        } else if (!alias.is_known) {
            link.aliases->assign(message.topic());
        }
    }
    if (message.payload().size() >= Outbox::reference_from) {
        codec::encode_publish_header(link.outbox.buffer(), link.version, message, options);
        link.outbox.append_payload(outbound.message);
    } else {
        codec::encode_publish(link.outbox.buffer(), link.version, message, options);
    }
    actions.counters.add(Counter::publish_sent);
    actions.counters.add(Counter::packets_sent);
    connection_->schedule_flush(actions);
}

bool Session::has_room_for(const OutboundMessage& outbound) const {
    const std::size_t messages = queue_ ? queue_->size() : 0;
    const std::size_t bytes = queue_ ? queue_->bytes() : 0;
    return messages < limits_.queue_messages_max &&
           bytes + outbound.message->footprint() <= limits_.queue_bytes_max;
}

router::DeliveryOutcome Session::enqueue(OutboundMessage outbound, Actions& actions) {
    if (const auto dropped = make_room(outbound, actions)) return *dropped;
    push_back(std::move(outbound), actions);
    return router::DeliveryOutcome::accepted;
}

std::optional<router::DeliveryOutcome> Session::make_room(const OutboundMessage& outbound,
                                                          Actions& actions) {
    if (has_room_for(outbound)) return std::nullopt;
    const DropReason reason = queue_ && queue_->size() >= limits_.queue_messages_max
                                  ? DropReason::queue_full_messages
                                  : DropReason::queue_full_bytes;
    // One that is larger than the whole queue pushes nothing out: it would not fit even then.
    const bool can_fit = outbound.message->footprint() <= limits_.queue_bytes_max;
    if (limits_.queue_policy == QueuePolicy::drop_oldest && can_fit) {
        while (!has_room_for(outbound) && drop_oldest(reason, actions)) {}
    }
    if (has_room_for(outbound)) return std::nullopt;
    drop(outbound, reason, actions);
    return limits_.queue_policy == QueuePolicy::reject ? router::DeliveryOutcome::refused
                                                       : router::DeliveryOutcome::dropped;
}

void Session::push_back(OutboundMessage outbound, Actions& actions) {
    if (!queue_) queue_ = std::make_unique<SessionQueue>();
    count_in(outbound.message->footprint(), actions);
    const auto client = connection_ ? SessionQueue::Client::connected : SessionQueue::Client::away;
    queue_->push_back({std::move(outbound), actions.now}, limits_.queue_age_max, client);
}

/// False: there is none that can be dropped.
bool Session::drop_oldest(DropReason reason, Actions& actions) {
    if (!has_queue()) return false;
    Waiting* const front = queue_->front();
    // A settlement must not overtake the commit that another thread is about to make.
    const store::Position oldest =
        front != nullptr ? front->outbound.position : queue_->front_line().position;
    if (!can_settle(oldest)) return false;
    if (front != nullptr) {
        drop(take_front(actions), reason, actions);
    } else {
        drop_line(queue_->take_line(), reason, actions);
    }
    return true;
}

void Session::drop_expired(Actions& actions) {
    const std::scoped_lock lock{mutex_};
    drops_.announce_due(client_id_, actions);
    if (resend_) pump(actions);
    if (!queue_) return;
    queue_->take_if(
        [&](const Waiting& waiting) {
            return reason_to_drop(waiting, actions.now) && can_settle(waiting.outbound.position);
        },
        [&](Waiting waiting) {
            count_out(waiting.outbound.message->footprint(), actions);
            drop(waiting.outbound, *reason_to_drop(waiting, actions.now), actions);
        });
    if (store_side_) drop_expired_lines(actions);
    if (queue_->empty()) queue_.reset();
}

std::optional<DropReason> Session::reason_to_drop(const Waiting& waiting, Instant now) const {
    if (waiting.outbound.is_perhaps_sent) return std::nullopt;
    if (waiting.outbound.message->is_expired(now)) return DropReason::expired;
    if (deadline_after(waiting.since, limits_.queue_age_max) <= now) return DropReason::queue_age;
    return std::nullopt;
}

void Session::drop(const OutboundMessage& outbound, DropReason reason, Actions& actions) {
    settle(outbound, actions);
    drops_.tell(client_id_, outbound.message->topic(), reason, actions);
}

}  // namespace holdfast::session
