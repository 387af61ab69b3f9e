// Enhanced authentication: a CONNECT that names an Authentication Method, and AUTH.
// MQTT 5 sections 3.15, 4.12.

#include "session/connection.hpp"
#include "session/connection_send.hpp"
#include "session/enhanced_authentication.hpp"

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace holdfast::session {

using codec::PacketType;
using codec::ReasonCode;

namespace {

/// The same principal with another end of its validity.
std::unique_ptr<const Principal> renewed(const Principal* principal, Instant valid_until) {
    if (principal == nullptr && valid_until == never) return nullptr;
    auto again = principal == nullptr ? std::make_unique<Principal>()
                                      : std::make_unique<Principal>(*principal);
    again->valid_until = valid_until;
    return again;
}

/// What is wrong with an AUTH at this point of the exchange; empty: nothing.
std::optional<codec::Violation> violation_of(const codec::Auth& auth,
                                             const EnhancedAuthentication& authentication) {
    const auto violation = [](std::string_view clause, std::string_view cause) {
        return codec::Violation{ReasonCode::protocol_error, clause, cause};
    };
    const bool begins = auth.reason == ReasonCode::re_authenticate;
    if (auth.reason == ReasonCode::success) {
        return violation("MQTT5-4.12.0-3",
                         "only a server says that authentication is done");  // [MQTT5-4.12.0-3]
    }
    if (auth.authentication_method != authentication.method()) {
        // [MQTT5-4.12.0-5] [MQTT5-4.12.1-1]
        return violation(begins ? "MQTT5-4.12.1-1" : "MQTT5-4.12.0-5",
                         "AUTH names another method than CONNECT");
    }
    if (begins && authentication.is_under_way()) {
        return violation("MQTT5-4.12.0-3", "an authentication is under way already");
    }
    if (!begins && !authentication.is_under_way()) {
        return violation("", "AUTH that continues nothing");
    }
    return std::nullopt;
}

}  // namespace

EnhancedAuthentication* Connection::authentication() const {
    return login_ ? login_->exchange.get() : nullptr;
}

/// In place of judge(): the verdict may be there at once, or after some AUTH packets.
void Connection::authenticate(const codec::Frame& frame, const codec::Connect& connect,
                              Actions& actions) {
    login_->exchange =
        std::make_unique<EnhancedAuthentication>(*connect.properties.authentication_method);
    if (!begin_exchange(connect, actions.now)) {
        login_->exchange.reset();
        return refuse(ReasonCode::bad_authentication_method, CloseReason::bad_authentication_method,
                      "the authentication method is not offered", actions);  // [MQTT5-4.12.0-1]
    }
    take_step(connect.properties.authentication_data.value_or(ByteView{}), actions);
    if (authentication()->is_under_way()) authentication()->keep_connect(frame);
}

/// False: the method is not offered to the client.
bool Connection::begin_exchange(const codec::Connect& connect, Instant now) {
    if (core_.authenticator == nullptr) return false;
    auto exchange =
        core_.authenticator->begin_exchange(authentication()->method(), credentials_of(connect));
    if (!exchange) return false;
    authentication()->begin(std::move(exchange), deadline_after(now, core_.limits.connect_deadline));
    return true;
}

/// Between a CONNECT with a method and its CONNACK.
Connection::Handled Connection::on_exchange_frame(const codec::Frame& frame, Actions& actions) {
    if (frame.type() == PacketType::disconnect) return on_disconnect(frame, actions);
    const Handled handled =
        frame.type() == PacketType::auth
            ? on_auth(frame, actions)
            : Violation{ReasonCode::protocol_error, "MQTT5-3.1.2-30",
                        "only AUTH and DISCONNECT may come before CONNACK"};  // [MQTT5-3.1.2-30]
    if (handled.has_error()) {
        codec::Connack connack;  // [MQTT5-4.12.0-4]
        connack.reason = handled.error().reason;
        connack.reason_string = handled.error().cause;
        send(connack, actions);
        return handled;
    }
    if (judging_ != Judging::judged) return {};
    const auto connect = authentication()->take_connect();
    return on_connect(connect.frame(), actions);
}

/// Also while connected: other packets go their way meanwhile.
Connection::Handled Connection::on_auth(const codec::Frame& frame, Actions& actions) {
    if (!authentication()) {
        return Violation{ReasonCode::protocol_error, "MQTT5-4.12.0-7",
                         "AUTH without an authentication method in CONNECT"};  // [MQTT5-4.12.0-7]
    }
    const auto decoded = codec::decode_auth(link_.version, frame, decode_limits());
    if (decoded.has_error()) return decoded.error();
    if (const auto violation = violation_of(*decoded, *authentication())) return *violation;
    if (decoded->reason == ReasonCode::re_authenticate) {
        codec::Connect as_before;
        as_before.client_id = session_->client_id();
        as_before.user_name = authentication()->user_name();
        if (!begin_exchange(as_before, actions.now)) {
            disconnect_with(ReasonCode::not_authorized, CloseReason::bad_authentication_method,
                            "MQTT5-4.12.1-2", "the authentication method is not offered any more",
                            actions);
            return {};
        }
    }
    take_step(decoded->authentication_data.value_or(ByteView{}), actions);
    return {};
}

/// The client's next message is there, and an exchange is under way.
void Connection::take_step(ByteView data, Actions& actions) {
    ExchangeStep step = authentication()->step(data, core_.guard, peer_, actions);
    if (!step.verdict) {
        return send_auth(ReasonCode::continue_authentication, step.data,
                         actions);  // [MQTT5-4.12.0-2]
    }
    if (phase_ == Phase::awaiting_connect) {
        login_->answer->authentication_data = std::move(step.data);
        login_->answer->verdict = std::move(step.verdict);
        judging_ = Judging::judged;
        return;
    }
    if (step.verdict->refusal) {
        send_disconnect(ReasonCode::not_authorized, "", actions);  // [MQTT5-4.12.1-2]
        return begin_close(*step.verdict->refusal, "MQTT5-4.12.1-2", step.verdict->detail, actions);
    }
    {
        const auto lock = lock_link();
        principal_ = renewed(principal_.get(), step.verdict->principal.valid_until);
    }
    send_auth(ReasonCode::success, step.data, actions);
}

void Connection::send_auth(ReasonCode reason, std::string_view data, Actions& actions) {
    codec::Auth packet;
    packet.reason = reason;
    packet.authentication_method = authentication()->method();  // [MQTT5-4.12.0-5]
    if (!data.empty()) packet.authentication_data = as_bytes(data);
    const bool has_room =
        codec::encode(actions.scratch, link_.version, packet, link_.packet_bytes_max);
    actions.scratch.clear();
    if (has_room) return send(packet, actions);
    constexpr std::string_view cause = "the client's Maximum Packet Size has no room for AUTH";
    if (phase_ == Phase::awaiting_connect) {
        return refuse(ReasonCode::packet_too_large, CloseReason::packet_too_large, cause, actions);
    }
    disconnect_with(ReasonCode::packet_too_large, CloseReason::packet_too_large, "MQTT5-3.1.2-24",
                    cause, actions);
}

}  // namespace holdfast::session
