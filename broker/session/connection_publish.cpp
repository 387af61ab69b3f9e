// PUBLISH from the client and the acknowledgements of both directions.
// MQTT 5 sections 3.3-3.7, 4.3; MQTT 3.1.1 sections 3.3-3.7, 4.3.

#include "base/topic.hpp"
#include "router/router.hpp"
#include "session/connection.hpp"
#include "session/connection_send.hpp"
#include "session/guard.hpp"
#include "session/journal.hpp"
#include "session/permission.hpp"

#include <utility>

namespace holdfast::session {

using codec::ReasonCode;

namespace {

constexpr std::string_view memory_text = "memory_exhausted: the server takes nothing new for a while";

codec::Violation receive_maximum_violation() {
    return {ReasonCode::receive_maximum_exceeded, "MQTT5-3.3.4-9",
            "more unacknowledged QoS 1 and 2 publications than the Receive Maximum of CONNACK"};
}

/// False: it is none for the platform, which learns what a device publishes to its own topics.
bool tell_platform(const Core& core, const Principal& device, const MessageParts& message,
                   Actions& actions) {
    constexpr std::string_view prefix = delivery::device_topics_prefix;
    if (core.uplink == nullptr || !message.topic.starts_with(prefix)) return false;
    // Its own id follows: it may publish nothing else there.
    const std::size_t start = prefix.size() + device.device_id.size() + 1;
    if (message.topic.size() <= start) return false;
    core.uplink->on_publication({.device_number = device.device_number,
                                 .device_id = device.device_id,
                                 .topic = message.topic,
                                 .suffix = message.topic.substr(start),
                                 .payload = message.payload,
                                 .properties = message.properties},
                                actions);
    return true;
}

/// One that clears a retained message makes room.
bool is_memory_short_for(const codec::Publish& publish, const Guard* guard) {
    if (guard == nullptr || !guard->is_memory_exhausted()) return false;
    return !(publish.retain && publish.payload.empty());
}

}  // namespace

Connection::Handled Connection::on_publish(const codec::Frame& frame, Actions& actions) {
    auto decoded = codec::decode_publish(link_.version, frame, decode_limits());
    if (decoded.has_error()) return decoded.error();
    codec::Publish& publish = *decoded;
    actions.counters.add(Counter::publish_received);
    if (link_.is_v5()) {
        const Handled resolved = resolve_alias(publish);
        if (resolved.has_error()) return resolved;
    }
    if (publish.topic.size() > core_.limits.topic_bytes_max) {
        return Violation{ReasonCode::topic_name_invalid, "", "a topic longer than topic_bytes_max"};
    }
    if (publish.qos == QoS::at_most_once) {
        static_cast<void>(accept(publish, actions));
        return {};
    }
    if (!link_.is_v5() && is_memory_short_for(publish, core_.guard)) {
        // An older client cannot be told: not acknowledging is what makes it send this again.
        actions.counters.add(Counter::publish_refused);
        actions.counters.add(Counter::publish_refused_memory_exhausted);
        disconnect_with(ReasonCode::quota_exceeded, CloseReason::memory_exhausted, "", memory_text,
                        actions);
        return {};
    }
    const bool is_quota_used_up =
        link_.is_v5() && inbound_qos2_count_ + held_pubacks_ >= core_.limits.receive_maximum;
    if (publish.qos == QoS::exactly_once) return on_publish_qos2(publish, is_quota_used_up, actions);
    if (is_quota_used_up) return receive_maximum_violation();
    codec::Puback puback;
    puback.packet_id = publish.packet_id;  // [MQTT5-4.3.2-4] [MQTT3-4.3.2-2]
    puback.reason = accept(publish, actions);
    if (is_error(puback.reason) && is_memory_short_for(publish, core_.guard)) {
        puback.reason_string = problem_text(request_problem_information_, memory_text);
    }
    answer(puback, actions);
    return {};
}

/// [MQTT5-3.3.2-8] [MQTT5-3.3.2-9] [MQTT5-3.3.2-12]
Connection::Handled Connection::resolve_alias(codec::Publish& publish) {
    if (!publish.properties.topic_alias) return {};
    const std::uint16_t alias = *publish.properties.topic_alias;
    const std::uint16_t maximum = core_.limits.topic_alias_maximum;
    if (alias > maximum) {
        return Violation{ReasonCode::topic_alias_invalid, "MQTT5-3.3.2-9",
                         "a topic alias above the Topic Alias Maximum of CONNACK"};
    }
    if (!inbound_aliases_) {
        inbound_aliases_ = std::make_unique<std::vector<std::string>>(maximum);
    }
    std::string& known = (*inbound_aliases_)[alias - 1];
    if (!publish.topic.empty()) {
        known = publish.topic;
    } else if (known.empty()) {
        return Violation{ReasonCode::protocol_error, "MQTT5-3.3.2-8",
                         "a topic alias that names no topic yet"};
    }
    publish.topic = known;
    return {};
}

/// The message is on its way when this returns; the code is the answer to a v5 publisher.
ReasonCode Connection::accept(const codec::Publish& publish, Actions& actions) {
    if (is_server_topic(publish.topic) ||
        !may_publish(principal_.get(), publish.topic, publish.qos, publish.retain)) {
        return ReasonCode::not_authorized;
    }
    if (is_memory_short_for(publish, core_.guard)) {
        actions.counters.add(Counter::publish_refused);
        actions.counters.add(Counter::publish_refused_memory_exhausted);
        return ReasonCode::quota_exceeded;
    }
    MessageParts parts{.topic = publish.topic,
                       .payload = publish.payload,
                       .properties = {},
                       .qos = publish.qos,
                       .retain = publish.retain,
                       .accepted_at = actions.now,
                       .expires_at = never,
                       .publisher = session_->number()};
    if (publish.properties.has_forwarded) {
        actions.scratch.clear();
        codec::encode_forwarded_properties(actions.scratch, publish.properties);
        parts.properties = {actions.scratch.data(), actions.scratch.size()};
    }
    if (publish.properties.message_expiry_interval) {
        parts.expires_at =
            deadline_after(actions.now, Seconds{*publish.properties.message_expiry_interval});
    }
    const bool is_taken = is_device() && tell_platform(core_, *principal_, parts, actions);
    const router::PublishOutcome outcome = core_.router.publish(parts, actions);
    if (outcome.refused != 0 || outcome.retain_refused) {
        actions.counters.add(Counter::publish_refused);
        return ReasonCode::quota_exceeded;
    }
    const bool has_receiver = outcome.matched != 0 || is_taken;
    return has_receiver ? ReasonCode::success : ReasonCode::no_matching_subscribers;
}

/// Method B of 4.3.3: published at once, the identifier kept until PUBREL.
Connection::Handled Connection::on_publish_qos2(const codec::Publish& publish,
                                                bool is_quota_used_up, Actions& actions) {
    InboundQos2::Seen seen{};
    {
        const auto lock = lock_link();
        if (!session_->is_attached(*this)) return {};
        seen = session_->inbound.receive(publish.packet_id);
    }
    codec::Pubrec pubrec;
    pubrec.packet_id = publish.packet_id;
    if (seen != InboundQos2::Seen::again_counted) {
        if (is_quota_used_up) {
            // Not taken: when it comes again, on another connection, it is new.
            const auto lock = lock_link();
            if (seen == InboundQos2::Seen::first_time) {
                session_->inbound.release(publish.packet_id);
            }
            return receive_maximum_violation();
        }
        ++inbound_qos2_count_;
    }
    if (seen == InboundQos2::Seen::first_time) {
        pubrec.reason = accept_qos2(publish, actions);
        if (is_error(pubrec.reason) && is_memory_short_for(publish, core_.guard)) {
            pubrec.reason_string = problem_text(request_problem_information_, memory_text);
        }
        if (is_error(pubrec.reason) && link_.is_v5()) forget_inbound(publish.packet_id, actions);
    } else if (is_remembered()) {
        // Perhaps its first commit is not done: what is committed behind it is durable after it.
        journal_inbound(publish.packet_id, actions);
    }
    answer(pubrec, actions);  // [MQTT5-4.3.3-8] [MQTT5-4.3.3-10] [MQTT3-4.3.3-2]
    return {};
}

/// The identifier and the messages that it stands for are kept together or not at all.
ReasonCode Connection::accept_qos2(const codec::Publish& publish, Actions& actions) {
    if (!is_remembered()) return accept(publish, actions);
    core_.journal->flush(actions);
    journal_inbound(publish.packet_id, actions);
    actions.is_publication_open = true;
    const ReasonCode reason = accept(publish, actions);
    actions.is_publication_open = false;
    return reason;
}

void Connection::journal_inbound(PacketId packet_id, Actions& actions) {
    actions.changes.put(store::Table::inbound_qos2,
                        make_inbound_key(session_->client_id(), packet_id),
                        make_inbound_value(session_->number()));
}

void Connection::forget_inbound(PacketId packet_id, Actions& actions) {
    {
        const auto lock = lock_link();
        const auto released = session_->inbound.release(packet_id);
        if (released.was_counted && session_->is_attached(*this)) --inbound_qos2_count_;
        if (!released.was_known) return;
    }
    if (!is_remembered()) return;
    actions.changes.erase(store::Table::inbound_qos2,
                          make_inbound_key(session_->client_id(), packet_id));
}

Connection::Handled Connection::on_pubrel(const codec::Frame& frame, Actions& actions) {
    const auto decoded = codec::decode_pubrel(link_.version, frame, decode_limits());
    if (decoded.has_error()) return decoded.error();
    codec::Pubcomp pubcomp;
    pubcomp.packet_id = decoded->packet_id;
    {
        const auto lock = lock_link();
        if (!session_->is_attached(*this)) return {};
        const auto released = session_->inbound.release(decoded->packet_id);
        if (released.was_counted) --inbound_qos2_count_;
        if (!released.was_known) pubcomp.reason = ReasonCode::packet_identifier_not_found;
    }
    if (is_remembered()) {
        // Also when it is unknown: an earlier erasure may have failed.
        actions.changes.erase(store::Table::inbound_qos2,
                              make_inbound_key(session_->client_id(), pubcomp.packet_id));
    }
    answer(pubcomp, actions);  // [MQTT5-4.3.3-11] [MQTT3-4.3.3-2]
    return {};
}

Connection::Handled Connection::on_puback(const codec::Frame& frame, Actions& actions) {
    const auto decoded = codec::decode_puback(link_.version, frame, decode_limits());
    if (decoded.has_error()) return decoded.error();
    // An identifier that is not in use is not a fault that the specification punishes.
    static_cast<void>(session_->on_puback(*this, decoded->packet_id, decoded->reason, actions));
    const MessagePtr direct = std::exchange(actions.acknowledged_direct, {});
    if (direct && core_.uplink != nullptr) {
        core_.uplink->on_direct_acknowledged(principal_->device_id, direct->topic(),
                                             is_error(decoded->reason), actions);
    }
    return {};
}

Connection::Handled Connection::on_pubrec(const codec::Frame& frame, Actions& actions) {
    const auto decoded = codec::decode_pubrec(link_.version, frame, decode_limits());
    if (decoded.has_error()) return decoded.error();
    const bool is_known =
        session_->on_pubrec(*this, decoded->packet_id, decoded->reason, actions);
    if (!is_known && !is_error(decoded->reason)) {
        codec::Pubrel pubrel;
        pubrel.packet_id = decoded->packet_id;
        pubrel.reason = ReasonCode::packet_identifier_not_found;
        send(pubrel, actions);
    }
    return {};
}

Connection::Handled Connection::on_pubcomp(const codec::Frame& frame, Actions& actions) {
    const auto decoded = codec::decode_pubcomp(link_.version, frame, decode_limits());
    if (decoded.has_error()) return decoded.error();
    static_cast<void>(session_->on_pubcomp(*this, decoded->packet_id, actions));
    return {};
}

}  // namespace holdfast::session
