// CONNECT and its answer. MQTT 5 sections 3.1, 3.2; MQTT 3.1.1 sections 3.1, 3.2.

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/topic.hpp"
#include "session/connection.hpp"
#include "session/connection_send.hpp"
#include "session/enhanced_authentication.hpp"
#include "session/guard.hpp"
#include "session/permission.hpp"
#include "session/registry.hpp"

#include <algorithm>

namespace holdfast::session {

using codec::ProtocolVersion;
using codec::ReasonCode;

namespace {

/// What makes a Client Identifier that the server assigns unlike any other.
constexpr std::size_t assigned_id_bytes = 16;

/// The version a CONNECT claims, for the form of the answer when the packet itself is at fault.
ProtocolVersion claimed_version(const codec::Frame& frame) {
    const ByteView body = frame.body;
    if (body.size() < 2) return ProtocolVersion::v3_1_1;
    const std::size_t name_bytes = static_cast<std::size_t>(body[0]) << 8 | body[1];
    const std::size_t level_at = 2 + name_bytes;
    if (level_at >= body.size() || body[level_at] < 5) return ProtocolVersion::v3_1_1;
    return ProtocolVersion::v5;
}

/// 3.1.1 has no return code for a malformed CONNECT: the connection is just closed.
bool has_return_code(ReasonCode code) {
    switch (code) {
        case ReasonCode::malformed_packet:
        case ReasonCode::protocol_error:
        case ReasonCode::topic_name_invalid:
        case ReasonCode::packet_too_large: return false;
        default: return true;
    }
}

ReasonCode reason_code_of(CloseReason refusal) {
    switch (refusal) {
        case CloseReason::bad_credentials: return ReasonCode::bad_user_name_or_password;
        case CloseReason::token_expired:
        case CloseReason::not_authorized: return ReasonCode::not_authorized;
        case CloseReason::client_identifier_not_valid:
            return ReasonCode::client_identifier_not_valid;
        case CloseReason::too_many_logins: return ReasonCode::server_busy;
        case CloseReason::bad_authentication_method: return ReasonCode::bad_authentication_method;
        case CloseReason::protocol_error: return ReasonCode::protocol_error;
        case CloseReason::banned: return ReasonCode::banned;
        default: return ReasonCode::server_unavailable;
    }
}

/// How a connection is told that was refused before it had said a word.
ReasonCode refusal_code_of(CloseReason refusal) {
    switch (refusal) {
        case CloseReason::banned: return ReasonCode::banned;
        case CloseReason::memory_exhausted: return ReasonCode::quota_exceeded;
        default: return ReasonCode::server_busy;
    }
}

/// The word of the log and the counters, then a sentence.
std::string_view refusal_text_of(CloseReason refusal) {
    switch (refusal) {
        case CloseReason::banned: return "banned: too many wrong passwords";
        case CloseReason::memory_exhausted:
            return "memory_exhausted: the server takes nothing new for a while";
        case CloseReason::server_overloaded:
            return "server_overloaded: those who are connected are served first";
        case CloseReason::connection_rate_exceeded:
            return "connection_rate_exceeded: too many connections in a second";
        case CloseReason::too_many_connections_from_address:
            return "too_many_connections_from_address: the server has no room for more";
        default: return "too_many_connections: the server has no room for more";
    }
}

/// Who guesses wrongly is counted by it.
std::string_view login_name_of(const codec::Connect& connect) {
    return connect.user_name ? *connect.user_name : connect.client_id;
}

WillPtr will_of(const codec::Connect& connect, Seconds delay_max, Instant now) {
    if (!connect.will) return nullptr;
    const codec::Will& from = *connect.will;
    if (is_server_topic(from.topic)) return nullptr;  // as a PUBLISH to it would be refused
    ByteBuffer properties;
    codec::encode_forwarded_properties(properties, from.properties);
    auto will = std::make_unique<Will>();
    will->message = ApplicationMessage::create({.topic = from.topic,
                                                .payload = from.payload,
                                                .properties = {properties.data(), properties.size()},
                                                .qos = from.qos,
                                                .retain = from.retain,
                                                .accepted_at = now});
    will->delay = std::min(Seconds{from.properties.will_delay_interval}, delay_max);
    if (from.properties.message_expiry_interval) {
        will->message_expiry = Seconds{*from.properties.message_expiry_interval};
    }
    return will;
}

}  // namespace

Connection::Handled Connection::on_connect(const codec::Frame& frame, Actions& actions) {
    const auto decoded = codec::decode_connect(frame, decode_limits());
    if (decoded.has_error()) {
        const Violation& violation = decoded.error();
        link_.version = claimed_version(frame);
        if (link_.is_v5() || has_return_code(violation.reason)) {
            // [MQTT5-3.1.2-2] [MQTT5-3.1.4-1] [MQTT3-3.1.2-2]
            codec::Connack connack;
            connack.reason = violation.reason;
            connack.reason_string = violation.cause;
            send(connack, actions);
        }
        return violation;
    }
    const codec::Connect& connect = *decoded;
    if (judging_ == Judging::not_asked) {
        adopt(connect);
        if (!is_acceptable(connect, actions)) return {};
        if (connect.properties.authentication_method) {
            authenticate(frame, connect, actions);
        } else {
            judge(connect, actions);
        }
    }
    if (judging_ == Judging::judged) admit(connect, actions);
    return {};
}

/// Everything that can be said of a valid CONNECT without asking who it is; refuses it otherwise.
bool Connection::is_acceptable(const codec::Connect& connect, Actions& actions) {
    if (refusal_) {
        refuse(refusal_code_of(*refusal_), *refusal_, refusal_text_of(*refusal_), actions);
        return false;
    }
    if (connect.client_id.empty()) {
        const bool may_be_empty = link_.is_v5() || (link_.version == ProtocolVersion::v3_1_1 &&
                                                    connect.clean_start);
        if (!may_be_empty) {
            // [MQTT3-3.1.3-8]
            refuse(ReasonCode::client_identifier_not_valid,
                   CloseReason::client_identifier_not_valid,
                   "an empty client identifier needs a clean session", actions);
            return false;
        }
        login_->answer->assigned_client_id =
            "auto-" + random_hex(core_.random, assigned_id_bytes);  // [MQTT5-3.1.3-6]
    }
    if (connect.client_id.size() > core_.limits.client_id_bytes_max) {
        refuse(ReasonCode::client_identifier_not_valid, CloseReason::client_identifier_not_valid,
               "the client identifier is longer than client_id_bytes_max", actions);
        return false;
    }
    if (connect.will && connect.will->topic.size() > core_.limits.topic_bytes_max) {
        refuse(ReasonCode::topic_name_invalid, CloseReason::topic_invalid,
               "a will topic longer than topic_bytes_max", actions);
        return false;
    }
    return true;
}

/// Asks who it is. The verdict may come inside the call or later.
void Connection::judge(const codec::Connect& connect, Actions& actions) {
    if (core_.authenticator == nullptr) {
        login_->answer->verdict.emplace();
        judging_ = Judging::judged;
        return;
    }
    std::string guarded_name;
    if (core_.guard != nullptr) {
        guarded_name = login_name_of(connect);
        const auto ban = core_.guard->refuse_login(peer_, guarded_name, actions.now);
        if (ban) return refuse(refusal_code_of(*ban), *ban, refusal_text_of(*ban), actions);
    }
    judging_ = Judging::asking;
    core_.authenticator->authenticate(
        credentials_of(connect), actions,
        [self = ConnectionPtr{this}, &actions, name = std::move(guarded_name)](Verdict verdict) {
            if (Guard* const guard = self->core_.guard) {
                guard->on_login(self->peer_, name, outcome_of(verdict), actions);
            }
            self->on_verdict(std::move(verdict), actions);
        });
    if (judging_ == Judging::asking) judging_ = Judging::asked;
}

void Connection::on_verdict(Verdict verdict, Actions& actions) {
    login_->answer->verdict = std::move(verdict);
    const bool is_inside_judge = judging_ == Judging::asking;
    judging_ = Judging::judged;
    if (is_inside_judge || phase_ == Phase::closing) return;
    handle_kept(actions);
    on_judged();
}

Credentials Connection::credentials_of(const codec::Connect& connect) const {
    const Origin from = origin();
    return {.client_id = client_id_of(connect),
            .user_name = connect.user_name,
            .password = connect.password,
            .peer = peer_,
            .tls = from.tls,
            .listener = from.listener,
            .is_secure = from.is_secure,
            .protocol_level = static_cast<std::uint8_t>(link_.version)};
}

std::string_view Connection::client_id_of(const codec::Connect& connect) const {
    return connect.client_id.empty() ? std::string_view{login_->answer->assigned_client_id}
                                     : connect.client_id;
}

/// The verdict is there: refuses the connection, or attaches it to its session.
void Connection::admit(const codec::Connect& connect, Actions& actions) {
    Verdict verdict = *std::move(login_->answer->verdict);
    if (verdict.refusal) {
        codec::Connack connack;
        connack.reason = reason_code_of(*verdict.refusal);  // and no word more: it may be anybody
        if (verdict.refusal == CloseReason::banned) {
            connack.reason_string = refusal_text_of(CloseReason::banned);
        }
        send(connack, actions);
        begin_close(*verdict.refusal, "", verdict.detail, actions);
        return;
    }
    Principal& principal = verdict.principal;
    const std::string_view client_id = client_id_of(connect);
    if (connect.properties.request_response_information &&
        !core_.response_information_prefix.empty()) {
        login_->answer->response_information = core_.response_information_prefix;
        login_->answer->response_information += client_id;
    }
    const std::string session_key{principal.session_key.empty() ? client_id
                                                                : principal.session_key};
    const std::string user_name = principal.user_name;
    if (principal.is_device() || principal.rights || principal.valid_until != never) {
        principal_ = std::make_unique<const Principal>(std::move(principal));
    }
    if (const auto& will = connect.will;
        will && !may_publish(principal_.get(), will->topic, will->qos, will->retain)) {
        refuse(ReasonCode::not_authorized, CloseReason::not_authorized,
               "the client may not publish to its will topic", actions);
        return;
    }

    Registry::ConnectRequest request{.client_id = session_key,
                                     .clean_start = connect.clean_start,
                                     .session_expiry = negotiate_expiry(connect),
                                     .will = will_of(connect, core_.limits.will_delay_max, actions.now),
                                     .user_name = user_name,
                                     .rights = principal_ ? principal_->rights : nullptr,
                                     .feed = principal_ ? principal_->feed : nullptr};
    if (!codec::encode(actions.scratch, link_.version, make_connack(true), link_.packet_bytes_max)) {
        // [MQTT5-3.1.2-24] and nothing may be sent before CONNACK [MQTT5-3.2.0-1]
        refuse(ReasonCode::packet_too_large, CloseReason::packet_too_large,
               "the client's Maximum Packet Size has no room for CONNACK", actions);
        return;
    }
    actions.scratch.clear();
    const std::size_t taken_over_before = actions.taken_over.size();
    switch (core_.registry.connect(*this, std::move(request), actions)) {
        case Registry::Connected::yes: break;
        case Registry::Connected::too_many_sessions:
            return refuse(ReasonCode::quota_exceeded, CloseReason::too_many_sessions,
                          "sessions_max is reached", actions);
        case Registry::Connected::not_the_owner:
            return refuse(ReasonCode::not_authorized, CloseReason::not_authorized,
                          "the session of this client identifier is another user's", actions);
    }
    login_->answer.reset();
    if (!login_->exchange) login_.reset();
    actions.counters.add(Counter::connections_opened);
    if (core_.guard != nullptr && actions.taken_over.size() > taken_over_before) {
        core_.guard->on_takeover(session_->client_id(), actions.taken_over.back()->peer(), peer_,
                                 actions);
    }
    if (is_device()) {
        core_.authenticator->confirm(
            *principal_, actions, [self = ConnectionPtr{this}, &actions](bool holds) {
                if (holds) return;
                self->set_loss_reason(CloseReason::administrative_action);
                self->on_taken_over(actions);
            });
        if (core_.uplink != nullptr) {
            core_.uplink->on_connection_begun(principal_->device_id, actions);
        }
    }
    if (core_.events.wants(Severity::info)) {
        const std::string address = peer_.to_string();
        core_.events.on_event({.severity = Severity::info,
                               .name = "connection_opened",
                               .client_id = session_->client_id(),
                               .address = address});
    }
}

void Connection::adopt(const codec::Connect& connect) {
    const Limits& limits = core_.limits;
    const codec::ConnectProperties& properties = connect.properties;
    link_.version = connect.version;
    request_problem_information_ = properties.request_problem_information;
    link_.send_quota = std::min<std::uint32_t>(
        properties.receive_maximum.value_or(receive_maximum_default), limits.outbound_inflight_max);
    if (properties.maximum_packet_size) link_.packet_bytes_max = *properties.maximum_packet_size;
    const std::uint16_t aliases = std::min(properties.topic_alias_maximum.value_or(0),
                                           limits.outbound_topic_alias_maximum);
    if (aliases != 0) link_.aliases = std::make_unique<OutboundAliases>(aliases);
    if (!login_) login_ = std::make_unique<Login>();
    login_->answer = std::make_unique<ConnectAnswer>();
    Seconds keep_alive{connect.keep_alive};
    const bool is_too_long = keep_alive.count() == 0 || keep_alive > limits.keep_alive_max;
    if (link_.is_v5() && limits.keep_alive_max != Seconds::max() && is_too_long) {
        keep_alive = limits.keep_alive_max;  // [MQTT5-3.2.2-22]
        login_->answer->server_keep_alive = static_cast<std::uint16_t>(keep_alive.count());
    }
    keep_alive_limit_ms_ = static_cast<std::uint32_t>((Milliseconds{keep_alive} * 3 / 2).count());
}

Seconds Connection::negotiate_expiry(const codec::Connect& connect) {
    if (!link_.is_v5()) return connect.clean_start ? Seconds{0} : core_.limits.session_expiry_max;
    const std::uint32_t asked = connect.properties.session_expiry_interval.value_or(0);
    session_expiry_was_zero_ = asked == 0;
    const Seconds granted = expiry_of(asked);
    const bool is_as_asked = granted == Seconds::max() ? asked == 0xFFFFFFFF
                                                       : granted == Seconds{asked};
    if (!is_as_asked) login_->answer->session_expiry = granted;
    return granted;
}

void Connection::refuse(ReasonCode code, CloseReason reason, std::string_view detail,
                        Actions& actions) {
    codec::Connack connack;
    connack.reason = code;  // Session Present stays 0. [MQTT5-3.2.2-6] [MQTT3-3.2.2-4]
    connack.reason_string = detail;
    send(connack, actions);
    begin_close(reason, "", detail, actions);
}

void Connection::on_attached(SessionPtr session, bool session_present, Actions& actions) {
    CHECK(!session_);
    session_ = std::move(session);
    phase_ = Phase::connected;
    counted_from_ = actions.now;
    codec::encode(link_.outbox.buffer(), link_.version, make_connack(session_present),
                  link_.packet_bytes_max);
    actions.counters.add(Counter::packets_sent);
    schedule_flush(actions);
}

codec::Connack Connection::make_connack(bool session_present) const {
    const Limits& limits = core_.limits;
    codec::Connack connack;
    connack.session_present = session_present;
    if (link_.is_v5()) {
        connack.receive_maximum = limits.receive_maximum;
        connack.maximum_packet_size = static_cast<std::uint32_t>(
            std::min<std::size_t>(limits.packet_bytes_max,
                                  remaining_length_max + fixed_header_bytes_max));
        if (limits.topic_alias_maximum != 0) connack.topic_alias_maximum = limits.topic_alias_maximum;
        const ConnectAnswer& answer = *login_->answer;
        if (!answer.assigned_client_id.empty()) {
            connack.assigned_client_identifier = answer.assigned_client_id;  // [MQTT5-3.2.2-16]
        }
        if (answer.session_expiry) {
            connack.session_expiry_interval =
                static_cast<std::uint32_t>(answer.session_expiry->count());
        }
        connack.server_keep_alive = answer.server_keep_alive;
        if (!answer.response_information.empty()) {
            connack.response_information = answer.response_information;
        }
        if (authentication()) {
            connack.authentication_method = authentication()->method();  // [MQTT5-4.12.0-5]
        }
        if (!answer.authentication_data.empty()) {
            connack.authentication_data = as_bytes(answer.authentication_data);
        }
    }
    return connack;
}

}  // namespace holdfast::session
