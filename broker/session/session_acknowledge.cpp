// The client's answers to what was sent to it. MQTT 5 sections 3.4-3.7, 4.3.

#include "codec/codec.hpp"
#include "session/connection.hpp"
#include "session/session.hpp"

namespace holdfast::session {

void Session::release_quota(InflightEntry& entry) {
    if (entry.holds_quota) ++connection_->link().send_quota;  // [MQTT5-4.9.0-2]
}

bool Session::on_puback(Connection& connection, PacketId packet_id, codec::ReasonCode reason,
                        Actions& actions) {
    const std::scoped_lock lock{mutex_};
    if (!is_attached(connection)) return true;
    InflightEntry* entry = inflight_.find(packet_id);
    if (entry == nullptr || entry->outbound.qos != QoS::at_least_once) return false;
    release_quota(*entry);
    if (entry->outbound.is_direct) actions.acknowledged_direct = entry->outbound.message;
    if (entry->outbound.is_from_feed) {
        feed_->on_acknowledged(entry->outbound.position, static_cast<std::uint8_t>(reason), actions);
    } else if (codec::is_error(reason)) {
        drop(entry->outbound, DropReason::refused_by_client, actions);  // [MQTT5-4.8.2-6]
    } else {
        actions.counters.add(Counter::messages_delivered);
        settle(entry->outbound, actions);
    }
    inflight_.erase(*entry);
    pump(actions);
    return true;
}

bool Session::on_pubrec(Connection& connection, PacketId packet_id, codec::ReasonCode reason,
                        Actions& actions) {
    const std::scoped_lock lock{mutex_};
    if (!is_attached(connection)) return true;
    InflightEntry* entry = inflight_.find(packet_id);
    if (entry == nullptr || entry->outbound.qos != QoS::exactly_once) return false;
    if (entry->state == InflightState::published && codec::is_error(reason)) {
        release_quota(*entry);
        drop(entry->outbound, DropReason::refused_by_client, actions);
        inflight_.erase(*entry);
        pump(actions);
        return true;
    }
    if (entry->state == InflightState::published) {
        actions.counters.add(Counter::messages_delivered);
        entry->state = InflightState::released;
        entry->outbound.message.reset();
        entry->outbound.extra.reset();
    }
    send_pubrel(*entry, actions);  // [MQTT5-4.3.3-3] [MQTT5-4.3.3-4] [MQTT3-4.3.3-1]
    return true;
}

bool Session::on_pubcomp(Connection& connection, PacketId packet_id, Actions& actions) {
    const std::scoped_lock lock{mutex_};
    if (!is_attached(connection)) return true;
    InflightEntry* entry = inflight_.find(packet_id);
    if (entry == nullptr || entry->state != InflightState::released) return false;
    release_quota(*entry);
    settle(entry->outbound, actions);
    inflight_.erase(*entry);
    pump(actions);
    return true;
}

}  // namespace holdfast::session
