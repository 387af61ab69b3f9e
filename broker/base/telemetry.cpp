#include "base/telemetry.hpp"

#include "base/error.hpp"

namespace holdfast {

std::string_view to_string(CloseReason reason) {
    switch (reason) {
        case CloseReason::client_disconnected: return "client_disconnected";
        case CloseReason::connection_lost: return "connection_lost";
        case CloseReason::malformed_packet: return "malformed_packet";
        case CloseReason::protocol_error: return "protocol_error";
        case CloseReason::packet_too_large: return "packet_too_large";
        case CloseReason::receive_maximum_exceeded: return "receive_maximum_exceeded";
        case CloseReason::topic_alias_invalid: return "topic_alias_invalid";
        case CloseReason::topic_invalid: return "topic_invalid";
        case CloseReason::unsupported_protocol_version: return "unsupported_protocol_version";
        case CloseReason::client_identifier_not_valid: return "client_identifier_not_valid";
        case CloseReason::bad_credentials: return "bad_credentials";
        case CloseReason::bad_authentication_method: return "bad_authentication_method";
        case CloseReason::not_authorized: return "not_authorized";
        case CloseReason::connect_timeout: return "connect_timeout";
        case CloseReason::keep_alive_timeout: return "keep_alive_timeout";
        case CloseReason::write_stalled: return "write_stalled";
        case CloseReason::session_taken_over: return "session_taken_over";
        case CloseReason::administrative_action: return "administrative_action";
        case CloseReason::token_expired: return "token_expired";
        case CloseReason::server_shutting_down: return "server_shutting_down";
        case CloseReason::too_many_connections: return "too_many_connections";
        case CloseReason::too_many_connections_from_address:
            return "too_many_connections_from_address";
        case CloseReason::connection_rate_exceeded: return "connection_rate_exceeded";
        case CloseReason::banned: return "banned";
        case CloseReason::server_overloaded: return "server_overloaded";
        case CloseReason::memory_exhausted: return "memory_exhausted";
        case CloseReason::too_many_sessions: return "too_many_sessions";
        case CloseReason::too_many_logins: return "too_many_logins";
        case CloseReason::authenticator_unavailable: return "authenticator_unavailable";
        case CloseReason::store_failed: return "store_failed";
        case CloseReason::tls_failed: return "tls_failed";
        case CloseReason::websocket_refused: return "websocket_refused";
        case CloseReason::websocket_broken: return "websocket_broken";
        case CloseReason::proxy_header_invalid: return "proxy_header_invalid";
        case CloseReason::not_a_proxy: return "not_a_proxy";
        case CloseReason::count_: break;
    }
    UNREACHABLE();
}

std::string_view to_string(ThrottleReason reason) {
    switch (reason) {
        case ThrottleReason::message_rate: return "message_rate";
        case ThrottleReason::byte_rate: return "byte_rate";
        case ThrottleReason::count_: break;
    }
    UNREACHABLE();
}

std::string_view to_string(DropReason reason) {
    switch (reason) {
        case DropReason::queue_full_messages: return "queue_full_messages";
        case DropReason::queue_full_bytes: return "queue_full_bytes";
        case DropReason::queue_age: return "queue_age";
        case DropReason::expired: return "expired";
        case DropReason::packet_too_large: return "packet_too_large";
        case DropReason::offline_qos_0: return "offline_qos_0";
        case DropReason::session_ended: return "session_ended";
        case DropReason::connection_lost: return "connection_lost";
        case DropReason::refused_by_client: return "refused_by_client";
        case DropReason::store_failed: return "store_failed";
        case DropReason::not_authorized: return "not_authorized";
        case DropReason::count_: break;
    }
    UNREACHABLE();
}

std::string_view to_string(Counter counter) {
    switch (counter) {
        case Counter::connections_accepted: return "connections_accepted";
        case Counter::connections_opened: return "connections_opened";
        case Counter::connections_closed: return "connections_closed";
        case Counter::tls_handshakes_full: return "tls_handshakes_full";
        case Counter::tls_handshakes_resumed: return "tls_handshakes_resumed";
        case Counter::sessions_created: return "sessions_created";
        case Counter::sessions_ended: return "sessions_ended";
        case Counter::sessions_attached: return "sessions_attached";
        case Counter::sessions_detached: return "sessions_detached";
        case Counter::bytes_received: return "bytes_received";
        case Counter::bytes_sent: return "bytes_sent";
        case Counter::packets_received: return "packets_received";
        case Counter::packets_sent: return "packets_sent";
        case Counter::publish_received: return "publish_received";
        case Counter::publish_sent: return "publish_sent";
        case Counter::publish_refused: return "publish_refused";
        case Counter::publish_refused_memory_exhausted: return "publish_refused_memory_exhausted";
        case Counter::reads_paused_message_rate: return "reads_paused_message_rate";
        case Counter::reads_paused_byte_rate: return "reads_paused_byte_rate";
        case Counter::accepts_paused: return "accepts_paused";
        case Counter::logins_failed: return "logins_failed";
        case Counter::bans_begun: return "bans_begun";
        case Counter::flapping_client_ids: return "flapping_client_ids";
        case Counter::messages_accepted: return "messages_accepted";
        case Counter::messages_delivered: return "messages_delivered";
        case Counter::messages_redelivered: return "messages_redelivered";
        case Counter::messages_moved: return "messages_moved";
        case Counter::queue_messages_in: return "queue_messages_in";
        case Counter::queue_messages_out: return "queue_messages_out";
        case Counter::queue_bytes_in: return "queue_bytes_in";
        case Counter::queue_bytes_out: return "queue_bytes_out";
        case Counter::retained_set: return "retained_set";
        case Counter::retained_cleared: return "retained_cleared";
        case Counter::retained_refused: return "retained_refused";
        case Counter::wills_published: return "wills_published";
        case Counter::subscriptions_added: return "subscriptions_added";
        case Counter::subscriptions_removed: return "subscriptions_removed";
        case Counter::device_messages_accepted: return "device_messages_accepted";
        case Counter::device_messages_restored: return "device_messages_restored";
        case Counter::device_messages_sent: return "device_messages_sent";
        case Counter::device_messages_redelivered: return "device_messages_redelivered";
        case Counter::device_messages_delivered: return "device_messages_delivered";
        case Counter::device_messages_expired: return "device_messages_expired";
        case Counter::device_messages_cancelled: return "device_messages_cancelled";
        case Counter::device_messages_refused: return "device_messages_refused";
        case Counter::device_messages_dropped_queue_full:
            return "device_messages_dropped_queue_full";
        case Counter::device_messages_dropped_packet_too_large:
            return "device_messages_dropped_packet_too_large";
        case Counter::device_messages_dropped_device_offline:
            return "device_messages_dropped_device_offline";
        case Counter::device_messages_dropped_not_subscribed:
            return "device_messages_dropped_not_subscribed";
        case Counter::device_messages_dropped_device_deleted:
            return "device_messages_dropped_device_deleted";
        case Counter::device_messages_unreadable: return "device_messages_unreadable";
        case Counter::device_messages_forgotten: return "device_messages_forgotten";
        case Counter::device_publications: return "device_publications";
        case Counter::device_publications_malformed: return "device_publications_malformed";
        case Counter::device_answers_unknown: return "device_answers_unknown";
        case Counter::device_requests_sent: return "device_requests_sent";
        case Counter::device_requests_unanswered: return "device_requests_unanswered";
        case Counter::count_: break;
    }
    UNREACHABLE();
}

}  // namespace holdfast
