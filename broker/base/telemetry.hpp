#pragma once
// What the server tells about itself: counters, and events with reasons from closed lists. The same
// word stands in the log line, the metric and the event. Counters are per shard, written by that
// shard's thread (or under a session's mutex by another) and summed by whoever asks.

#include "base/ids.hpp"
#include "base/time.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace holdfast {

/// Why a Network Connection ended or was refused. Closed list: log, metric, event, DISCONNECT.
enum class CloseReason : std::uint8_t {
    client_disconnected,
    connection_lost,
    malformed_packet,
    protocol_error,
    packet_too_large,
    receive_maximum_exceeded,
    topic_alias_invalid,
    topic_invalid,
    unsupported_protocol_version,
    client_identifier_not_valid,
    bad_credentials,
    bad_authentication_method,
    not_authorized,
    connect_timeout,
    keep_alive_timeout,
    write_stalled,
    session_taken_over,
    administrative_action,  ///< its device was frozen or deleted or got another secret; its user is gone
    token_expired,          ///< it came with a token, whose time is over
    server_shutting_down,
    too_many_connections,
    too_many_connections_from_address,
    connection_rate_exceeded,  ///< connections_per_second_per_address_max
    banned,                    ///< after too many wrong passwords
    server_overloaded,         ///< loop_lag_max
    memory_exhausted,          ///< memory_max or memory_percent_max
    too_many_sessions,
    too_many_logins,        ///< more passwords wait to be checked than may
    authenticator_unavailable,  ///< who was asked over HTTP gave no answer that decides
    store_failed,
    tls_failed,             ///< the handshake, or a record
    websocket_refused,      ///< its opening handshake
    websocket_broken,       ///< a frame that RFC 6455 forbids, or a text message
    proxy_header_invalid,   ///< or none where one must be
    not_a_proxy,            ///< the listener is for load balancers
    count_,
};

/// Why a message did not reach a session's client, or was not kept for it. Closed list.
enum class DropReason : std::uint8_t {
    queue_full_messages,  ///< queue_messages_max met
    queue_full_bytes,     ///< queue_bytes_max met
    queue_age,            ///< waited longer than queue_age_max
    expired,              ///< Message Expiry Interval ran out
    packet_too_large,     ///< larger than the client's Maximum Packet Size
    offline_qos_0,        ///< QoS 0 for a session without connection
    session_ended,        ///< the session expired or was started clean
    connection_lost,      ///< QoS 0 not yet handed to the kernel when the connection ended
    refused_by_client,    ///< PUBACK or PUBREC of 0x80 or more
    store_failed,         ///< the store could not keep it, or not give it back
    not_authorized,       ///< the client may not receive it, by the rules in force now
    count_,
};

/// Why a client is not read from for a while. Closed list: log and event.
enum class ThrottleReason : std::uint8_t {
    message_rate,  ///< messages_per_second_per_client_max
    byte_rate,     ///< bytes_per_second_per_client_max
    count_,
};

[[nodiscard]] std::string_view to_string(CloseReason reason);
[[nodiscard]] std::string_view to_string(ThrottleReason reason);
[[nodiscard]] std::string_view to_string(DropReason reason);

enum class Counter : std::uint8_t {
    connections_accepted,   ///< sockets
    connections_opened,     ///< CONNECT answered with success
    connections_closed,
    tls_handshakes_full,
    tls_handshakes_resumed,
    sessions_created,
    sessions_ended,
    sessions_attached,      ///< sessions that got a connection: minus detached, they are connected
    sessions_detached,
    bytes_received,
    bytes_sent,
    packets_received,
    packets_sent,
    publish_received,
    publish_sent,
    publish_refused,        ///< publisher told so, or v3 publication that some queue refused
    publish_refused_memory_exhausted,  ///< of these, because of the memory budget
    reads_paused_message_rate,  ///< times a client had sent what its rate allows, and was left alone
    reads_paused_byte_rate,
    accepts_paused,         ///< times a listener left its backlog alone: rate or loop lag
    logins_failed,          ///< CONNECTs with a wrong user name or password
    bans_begun,
    flapping_client_ids,    ///< times one was announced
    messages_accepted,      ///< one per (message, matching session): enters the accounting equation
    messages_delivered,     ///< QoS 0 handed on, QoS 1 and 2 acknowledged
    messages_redelivered,   ///< sent again with DUP
    messages_moved,         ///< handed to another member of a shared subscription
    queue_messages_in,      ///< what waits in queues: in minus out
    queue_messages_out,
    queue_bytes_in,
    queue_bytes_out,
    retained_set,
    retained_cleared,
    retained_refused,
    wills_published,
    subscriptions_added,
    subscriptions_removed,
    // A message for a device: accepted + restored = delivered + expired + cancelled + refused + dropped_*
    // + unreadable + waiting.
    device_messages_accepted,
    device_messages_restored,
    device_messages_sent,
    device_messages_redelivered,
    device_messages_delivered,
    device_messages_expired,
    device_messages_cancelled,
    device_messages_refused,
    device_messages_dropped_queue_full,
    device_messages_dropped_packet_too_large,
    device_messages_dropped_device_offline,
    device_messages_dropped_not_subscribed,
    device_messages_dropped_device_deleted,
    device_messages_unreadable,
    device_messages_forgotten,
    device_publications,            ///< of devices to the platform, below $oc/devices/
    device_publications_malformed,  ///< of these, not what their topic asks for: taken and ignored
    device_answers_unknown,         ///< of these, answers that nobody waits for
    device_requests_sent,           ///< commands and properties that a device was asked to answer
    device_requests_unanswered,     ///< of these, given up: too late, or the device is gone
    count_,
};
[[nodiscard]] std::string_view to_string(Counter counter);

template <class Enum>
constexpr std::size_t index_in_list(Enum value) {
    return static_cast<std::size_t>(value);
}

/// Monotonic counters of one shard; on cache lines of their own.
class alignas(64) Counters {
public:
    void add(Counter counter, std::uint64_t count = 1) { bump(values_[index_in_list(counter)], count); }
    void add(CloseReason reason) { bump(closes_[index_in_list(reason)], 1); }
    void add(DropReason reason, std::uint64_t count = 1) { bump(drops_[index_in_list(reason)], count); }

    [[nodiscard]] std::uint64_t get(Counter counter) const { return load(values_[index_in_list(counter)]); }
    [[nodiscard]] std::uint64_t get(CloseReason reason) const { return load(closes_[index_in_list(reason)]); }
    [[nodiscard]] std::uint64_t get(DropReason reason) const { return load(drops_[index_in_list(reason)]); }

private:
    using Cell = std::atomic<std::uint64_t>;
    /// One writer: a plain load and store cost less than a locked addition.
    static void bump(Cell& cell, std::uint64_t count) {
        cell.store(cell.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
    }
    static std::uint64_t load(const Cell& cell) { return cell.load(std::memory_order_relaxed); }

    std::array<Cell, index_in_list(Counter::count_)> values_{};
    std::array<Cell, index_in_list(CloseReason::count_)> closes_{};
    std::array<Cell, index_in_list(DropReason::count_)> drops_{};
};

enum class Severity : std::uint8_t { debug, info, warning, error };

/// Something an operator may want to know; fields that do not apply are empty.
struct Event {
    Severity severity = Severity::info;
    std::string_view name;       ///< "connection_opened", "connection_closed", "message_dropped", ...
    std::string_view client_id;
    std::string_view address;
    std::string_view reason;     ///< a word of one of the closed lists
    std::string_view clause;     ///< the specification's clause that was broken
    std::string_view detail;     ///< one sentence
    std::string_view topic;
    std::uint64_t count = 0;     ///< how many times since the last event of this kind and client
};

/// Receives events from every shard. Threads: called concurrently; must not block for long.
class EventSink {
public:
    virtual ~EventSink() = default;
    /// False: events of that severity would be thrown away, and need not be made.
    [[nodiscard]] virtual bool wants(Severity severity) const = 0;
    virtual void on_event(const Event& event) = 0;
};

}  // namespace holdfast
