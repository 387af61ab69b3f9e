// Messages of a device's queue: pulled from its feed when there is room, behind what was routed here.
// What became of them is told to the feed; the session's own counters know nothing of them.

#include "session/connection.hpp"
#include "session/session.hpp"

namespace holdfast::session {

void Session::on_feed_ready(Turn& turn) {
    const std::scoped_lock lock{mutex_};
    pump(static_cast<Actions&>(turn));
}

void Session::on_subscribed(const delivery::FeedSubscription& subscription, Actions& actions) {
    const std::scoped_lock lock{mutex_};
    if (feed_) feed_->on_subscribed(subscription, actions);
}

void Session::on_unsubscribed(std::string_view filter, Actions& actions) {
    const std::scoped_lock lock{mutex_};
    if (feed_) feed_->on_unsubscribed(filter, actions);
}

bool Session::pump_feed(Actions& actions) {
    if (!feed_ || has_queue() || !feed_->has_next()) return false;
    const Link& link = connection_->link();
    if (!can_send_new(QoS::at_least_once)) {
        const bool is_full =
            link.closed || link.outbox.size() >= limits_.outbound_buffer_bytes_max;
        feed_->on_paused(is_full ? delivery::Cause::socket_full
                                 : delivery::Cause::send_quota_exhausted);
        return false;
    }
    std::optional<delivery::FeedItem> item = feed_->next(actions);
    if (!item) return false;
    send_from_feed(std::move(*item), actions);
    return true;
}

void Session::send_from_feed(delivery::FeedItem item, Actions& actions) {
    OutboundMessage outbound{std::move(item.message), {.qos = item.qos}};
    outbound.is_from_feed = true;
    outbound.position = item.position;
    if (!fits(outbound, actions.now)) {
        feed_->on_too_large(item.position, actions);  // [MQTT5-3.1.2-24]
        return;
    }
    if (item.qos == QoS::at_most_once) {
        encode(outbound, 0, false, actions);
        connection_->link().note_unsent(item.position, item.qos);
        return;
    }
    InflightEntry& entry = inflight_.insert(std::move(outbound));
    entry.holds_quota = true;
    --connection_->link().send_quota;  // [MQTT5-4.9.0-1]
    encode(entry.outbound, entry.packet_id, item.dup, actions);
    connection_->link().note_unsent(item.position, item.qos);
}

delivery::DirectSend Session::send_directly(const delivery::DirectMessage& message,
                                            Actions& actions) {
    using delivery::DirectSend;
    const std::scoped_lock lock{mutex_};
    if (!connection_ || !feed_) return DirectSend::offline;
    const QoS qos = feed_->subscribed_qos(message.topic);
    if (!can_send_new(qos)) return DirectSend::blocked;
    OutboundMessage outbound{ApplicationMessage::create({.topic = message.topic,
                                                         .payload = message.payload,
                                                         .properties = {},
                                                         .qos = qos,
                                                         .accepted_at = actions.now,
                                                         .expires_at = message.expires_at}),
                             {.qos = qos}};
    outbound.is_direct = true;
    if (!fits(outbound, actions.now)) return DirectSend::too_large;
    actions.counters.add(Counter::messages_accepted);
    send(std::move(outbound), actions);
    return DirectSend::sent;
}

/// Who waits for the device's answer is told that it is gone: done twice would be worse than not at all.
void Session::forget_direct(Actions& actions) {
    if (!feed_) return;
    for (const PacketId packet_id : inflight_.in_order()) {
        InflightEntry& entry = *inflight_.find(packet_id);
        if (!entry.outbound.is_direct) continue;
        drop(entry.outbound, DropReason::connection_lost, actions);
        inflight_.erase(entry);
    }
}

/// The session ends: what was sent and not acknowledged goes back to its place in the queue.
void Session::return_to_feed(Actions& actions) {
    if (!feed_) return;
    for (const PacketId packet_id : inflight_.in_order()) {
        InflightEntry& entry = *inflight_.find(packet_id);
        if (!entry.outbound.is_from_feed) continue;
        feed_->on_lost(entry.outbound.position, actions);
        inflight_.erase(entry);
    }
    feed_->detach(*this, actions);
    feed_.reset();
}

}  // namespace holdfast::session
