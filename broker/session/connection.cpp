// The life of a connection: order of packets, faults, deadlines, the end.

#include "session/connection.hpp"

#include "session/connection_send.hpp"
#include "session/enhanced_authentication.hpp"
#include "session/registry.hpp"

#include <algorithm>

namespace holdfast::session {

using codec::PacketType;
using codec::ProtocolVersion;
using codec::ReasonCode;

namespace {

CloseReason close_reason_of(ReasonCode code) {
    switch (code) {
        case ReasonCode::malformed_packet: return CloseReason::malformed_packet;
        case ReasonCode::packet_too_large: return CloseReason::packet_too_large;
        case ReasonCode::receive_maximum_exceeded: return CloseReason::receive_maximum_exceeded;
        case ReasonCode::topic_alias_invalid: return CloseReason::topic_alias_invalid;
        case ReasonCode::topic_name_invalid:
        case ReasonCode::topic_filter_invalid: return CloseReason::topic_invalid;
        case ReasonCode::unsupported_protocol_version:
            return CloseReason::unsupported_protocol_version;
        case ReasonCode::client_identifier_not_valid:
            return CloseReason::client_identifier_not_valid;
        default: return CloseReason::protocol_error;
    }
}

Severity severity_of(CloseReason reason) {
    switch (reason) {
        case CloseReason::client_disconnected:
        case CloseReason::connection_lost:
        case CloseReason::keep_alive_timeout:
        case CloseReason::session_taken_over:
        case CloseReason::token_expired:
        case CloseReason::server_shutting_down: return Severity::info;
        default: return Severity::warning;
    }
}

}  // namespace

Connection::Connection(Core& core, ShardIndex shard, const PeerAddress& peer, Instant accepted_at,
                       std::optional<CloseReason> refusal)
    : core_(core),
      counted_from_(accepted_at),
      peer_(peer),
      shard_(shard),
      refusal_(refusal) {}

Connection::~Connection() = default;

codec::DecodeLimits Connection::decode_limits() const {
    return {.user_properties_max = core_.limits.user_properties_max,
            .topic_levels_max = core_.limits.topic_levels_max,
            .subscriptions_per_packet_max = core_.limits.subscriptions_per_packet_max};
}

// --- Packets

Connection::Handled Connection::on_frame(const codec::Frame& frame, Actions& actions) {
    if (phase_ == Phase::connected) return on_connected_frame(frame, actions);
    if (authentication()) return on_exchange_frame(frame, actions);
    if (frame.type() == PacketType::connect) return on_connect(frame, actions);
    return Violation{ReasonCode::protocol_error, "MQTT5-3.1.0-1",
                     "the first packet is not CONNECT"};  // [MQTT5-3.1.0-1] [MQTT3-3.1.0-1]
}

Connection::Handled Connection::on_connected_frame(const codec::Frame& frame, Actions& actions) {
    actions.commits_before_packet = actions.commits_begun;
    actions.changes_before_packet = actions.changes.changes().size();
    switch (frame.type()) {
        case PacketType::publish: return on_publish(frame, actions);
        case PacketType::puback: return on_puback(frame, actions);
        case PacketType::pubrec: return on_pubrec(frame, actions);
        case PacketType::pubrel: return on_pubrel(frame, actions);
        case PacketType::pubcomp: return on_pubcomp(frame, actions);
        case PacketType::subscribe: return on_subscribe(frame, actions);
        case PacketType::unsubscribe: return on_unsubscribe(frame, actions);
        case PacketType::pingreq: return on_pingreq(frame, actions);
        case PacketType::disconnect: return on_disconnect(frame, actions);
        case PacketType::connect:
            return Violation{ReasonCode::protocol_error, "MQTT5-3.1.0-2",
                             "a second CONNECT"};  // [MQTT5-3.1.0-2] [MQTT3-3.1.0-2]
        case PacketType::auth:
            if (!link_.is_v5()) break;
            return on_auth(frame, actions);
        case PacketType::reserved: break;
        case PacketType::connack:
        case PacketType::suback:
        case PacketType::unsuback:
        case PacketType::pingresp:
            return Violation{ReasonCode::protocol_error, "",
                             "a packet that only a server may send"};
    }
    return Violation{ReasonCode::malformed_packet, "", "a reserved packet type"};
}

Connection::Handled Connection::on_pingreq(const codec::Frame& frame, Actions& actions) {
    const auto decoded = codec::decode_pingreq(frame);
    if (decoded.has_error()) return decoded.error();
    const auto lock = lock_link();
    if (link_.closed) return {};
    codec::encode(link_.outbox.buffer(), codec::Pingresp{});  // [MQTT5-3.12.4-1] [MQTT3-3.12.4-1]
    actions.counters.add(Counter::packets_sent);
    schedule_flush(actions);
    return {};
}

Connection::Handled Connection::on_disconnect(const codec::Frame& frame, Actions& actions) {
    const auto decoded = codec::decode_disconnect(link_.version, frame, decode_limits());
    if (decoded.has_error()) return decoded.error();
    std::optional<Seconds> new_expiry;
    if (decoded->session_expiry_interval) {
        if (session_expiry_was_zero_ && *decoded->session_expiry_interval != 0) {
            return Violation{ReasonCode::protocol_error, "MQTT5-3.14.2-2",
                             "DISCONNECT cannot revive a session whose expiry was 0"};
        }
        new_expiry = expiry_of(*decoded->session_expiry_interval);
    }
    // [MQTT5-3.14.4-3] [MQTT3-3.14.4-3]
    const bool discard_will = decoded->reason == ReasonCode::success;
    if (session_) core_.registry.on_disconnect_packet(*this, discard_will, new_expiry);
    begin_close(CloseReason::client_disconnected, "", to_string(decoded->reason), actions);
    return {};
}

Seconds Connection::expiry_of(std::uint32_t interval) const {
    const Seconds asked = interval == 0xFFFFFFFF ? Seconds::max() : Seconds{interval};
    return std::min(asked, core_.limits.session_expiry_max);
}

// --- Faults and the end

void Connection::fail(const Violation& violation, Actions& actions) {
    const CloseReason reason = close_reason_of(violation.reason);
    if (phase_ == Phase::awaiting_connect) {
        begin_close(reason, violation.clause, violation.cause, actions);
    } else if (phase_ == Phase::connected) {
        disconnect_with(violation.reason, reason, violation.clause, violation.cause, actions);
    }
}

void Connection::disconnect_with(ReasonCode code, CloseReason reason, std::string_view clause,
                                 std::string_view cause, Actions& actions) {
    send_disconnect(code, cause, actions);
    begin_close(reason, clause, cause, actions);
}

/// In one step: what another shard delivers meanwhile must not come behind it. [MQTT5-3.14.4-1]
void Connection::send_disconnect(ReasonCode code, std::string_view cause, Actions& actions) {
    const auto lock = lock_link();
    if (link_.is_v5() && !link_.closed) {
        codec::Disconnect packet;
        packet.reason = code;
        packet.reason_string = cause;
        put(packet, actions);
    }
    close_link();
}

void Connection::begin_close(CloseReason reason, std::string_view clause, std::string_view detail,
                             Actions& actions) {
    if (phase_ == Phase::closing) return;
    phase_ = Phase::closing;
    throttle_.release();  // what still comes is only thrown away
    if (authentication()) authentication()->abandon(core_.guard, peer_, actions);
    counted_from_ = actions.now;
    close_reason_ = reason;
    actions.counters.add(reason);
    tell_closed(clause, detail);
    if (session_) {
        core_.registry.disconnect(*this, actions);
        if (is_device() && core_.uplink != nullptr) {
            core_.uplink->on_connection_ended(principal_->device_id, actions);
        }
    } else {
        close_link();
    }
    actions.to_close.emplace_back(this);
}

void Connection::tell_closed(std::string_view clause, std::string_view detail) const {
    const Severity severity = severity_of(close_reason_);
    if (!core_.events.wants(severity)) return;
    const std::string address = peer_.to_string();
    core_.events.on_event({.severity = severity,
                           .name = "connection_closed",
                           .client_id = session_ ? std::string_view{session_->client_id()} : "",
                           .address = address,
                           .reason = to_string(close_reason_),
                           .clause = clause,
                           .detail = detail});
}

void Connection::on_closed(CloseReason reason, Actions& actions) {
    if (is_closed_) return;
    begin_close(reason, "", "", actions);
    is_closed_ = true;
    const auto lock = lock_link();
    close_link();
    actions.counters.add(Counter::connections_closed);
    if (link_.qos0_unsent != 0) {
        actions.counters.add(DropReason::connection_lost, link_.qos0_unsent);
        actions.drop_notices.push_back(
            {session_->client_id(), DropReason::connection_lost, "", link_.qos0_unsent});
        link_.qos0_unsent = 0;
    }
    if (link_.unsent_feed_items) {
        for (const UnsentFeedItems::Item& item : link_.unsent_feed_items->items()) {
            if (item.qos == QoS::at_most_once) principal_->feed->on_lost(item.position, actions);
        }
        link_.unsent_feed_items.reset();
    }
    link_.outbox.clear();
}

void Connection::on_taken_over(Actions& actions) {
    if (phase_ != Phase::connected) return;
    const bool is_takeover = loss_reason_ == CloseReason::session_taken_over;
    send_disconnect(
        is_takeover ? ReasonCode::session_taken_over : ReasonCode::administrative_action, "", actions);
    begin_close(loss_reason_, is_takeover ? "MQTT5-3.1.4-3" : "",
                is_takeover ? "another connection uses the same client identifier"
                            : "the server's operator ended it",
                actions);
}

void Connection::on_source(const PeerAddress& peer, std::optional<CloseReason> refusal) {
    peer_ = peer;
    if (refusal) refusal_ = refusal;
}

void Connection::on_transport_failed(CloseReason reason, std::string_view detail, Actions& actions) {
    begin_close(reason, "", detail, actions);
}

void Connection::end_by_operator(std::string_view why, Actions& actions) {
    if (phase_ != Phase::connected) {
        begin_close(CloseReason::administrative_action, "", why, actions);
        return;
    }
    disconnect_with(ReasonCode::administrative_action, CloseReason::administrative_action, "", why,
                    actions);
}

void Connection::on_shutdown(Actions& actions) {
    if (phase_ == Phase::connected) {
        disconnect_with(ReasonCode::server_shutting_down, CloseReason::server_shutting_down, "",
                        "the server is shutting down", actions);
    } else {
        begin_close(CloseReason::server_shutting_down, "", "", actions);
    }
}

// --- Deadlines

Instant Connection::next_deadline() const {
    if (phase_ == Phase::closing) return never;
    if (phase_ == Phase::awaiting_connect) {
        return deadline_after(counted_from_, core_.limits.connect_deadline);
    }
    Instant earliest = throttle_.until();
    if (keep_alive_limit_ms_ != 0 && is_listening_ && !throttle_.is_on()) {
        earliest = counted_from_ + Milliseconds{keep_alive_limit_ms_};
    }
    if (write_stalled_since_ != never) {
        earliest = std::min(
            earliest, deadline_after(write_stalled_since_, core_.limits.write_stall_max));
    }
    if (principal_) earliest = std::min(earliest, principal_->valid_until);
    if (authentication()) earliest = std::min(earliest, authentication()->until());
    return earliest;
}

void Connection::on_deadline(Actions& actions) {
    if (phase_ == Phase::connected && principal_ && principal_->valid_until <= actions.now) {
        return disconnect_with(ReasonCode::not_authorized, CloseReason::token_expired, "",
                               "the client's token has expired", actions);
    }
    if (phase_ == Phase::connected && authentication() && authentication()->until() <= actions.now) {
        return disconnect_with(ReasonCode::not_authorized, CloseReason::connect_timeout,
                               "MQTT5-4.12.1-2", "re-authentication took too long", actions);
    }
    if (phase_ == Phase::connected && throttle_.until() <= actions.now) {
        throttle_.release();
        counted_from_ = actions.now;  // the silence was ours
        handle_kept(actions);
    }
    if (next_deadline() > actions.now) return;
    if (phase_ == Phase::awaiting_connect) {
        begin_close(CloseReason::connect_timeout, "MQTT5-3.1.4-1",
                    "no CONNECT in time", actions);
    } else if (write_stalled_since_ != never &&
               deadline_after(write_stalled_since_, core_.limits.write_stall_max) <= actions.now) {
        begin_close(CloseReason::write_stalled, "", "the client took no byte for too long", actions);
    } else {
        // [MQTT5-3.1.2-22] [MQTT3-3.1.2-24]
        disconnect_with(ReasonCode::keep_alive_timeout, CloseReason::keep_alive_timeout,
                        "MQTT5-3.1.2-22", "nothing received for 1.5 times the keep alive", actions);
    }
}

void Connection::set_listening(bool is_listening, Instant now) {
    is_listening_ = is_listening;
    if (is_listening && phase_ == Phase::connected) counted_from_ = now;
}

// --- The sending half

std::unique_lock<SmallMutex> Connection::lock_link() {
    return session_ ? std::unique_lock{session_->mutex()} : std::unique_lock<SmallMutex>{};
}

void Connection::schedule_flush(Actions& actions) {
    if (link_.flush_scheduled || link_.socket_full) return;
    link_.flush_scheduled = true;
    actions.to_flush.emplace_back(this);
}

void Connection::on_sent(std::size_t count, Actions& actions) {
    actions.counters.add(Counter::bytes_sent, count);
    link_.outbox.consume(count);
    if (link_.outbox.empty() && link_.qos0_unsent != 0) {
        actions.counters.add(Counter::messages_delivered, link_.qos0_unsent);
        link_.qos0_unsent = 0;
    }
    if (link_.unsent_feed_items) {
        link_.unsent_feed_items->on_written(count, [&](const UnsentFeedItems::Item& item) {
            principal_->feed->on_handed_over(item.position, actions);
        });
    }
    const bool has_room = link_.outbox.size() <= core_.limits.outbound_buffer_bytes_max / 2;
    if (has_room && session_ && session_->is_attached(*this)) session_->pump(actions);
}

}  // namespace holdfast::session
