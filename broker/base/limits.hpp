#pragma once
// Every maximum of the server, by name. The constants are the protocol's own; `Limits` holds what
// the configuration can change, with the defaults. Each limit is met by one test and exceeded by
// another. There is no magic 0: `unlimited` is a value with a name, and a word in the configuration.

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>

namespace holdfast {

/// The largest Remaining Length a Variable Byte Integer can say (MQTT 5, 1.5.5).
inline constexpr std::uint32_t remaining_length_max = 268'435'455;
/// A fixed header is one byte and at most four of Remaining Length.
inline constexpr std::size_t fixed_header_bytes_max = 5;
/// Longest UTF-8 Encoded String or Binary Data (MQTT 5, 1.5.4).
inline constexpr std::size_t string_bytes_max = 65'535;
inline constexpr std::uint16_t receive_maximum_default = 65'535;
inline constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

/// What happens to a message for which a session's queue has no room.
enum class QueuePolicy : std::uint8_t {
    reject,       ///< refuse it, and tell a v5 publisher 0x97 Quota exceeded
    drop_oldest,  ///< make room by dropping the messages that wait longest
    drop_newest,  ///< drop the arriving message, telling the publisher nothing
};

struct Limits {
    // Before a client has proved anything
    Seconds connect_deadline{10};                 ///< from accept to a complete CONNECT
    std::size_t first_packet_bytes_max = 64 * 1024;  ///< size of a CONNECT
    std::size_t connections_per_address_max = unlimited;
    std::size_t connections_max = unlimited;      ///< besides: near the descriptor limit
    std::size_t connections_per_second_per_address_max = unlimited;  ///< faster ones are closed
    std::size_t connections_per_second_max = unlimited;  ///< faster ones wait in the backlog

    // Who guesses passwords
    std::size_t login_failures_max = 10;  ///< of one name from one address, before both are banned
    std::size_t login_failures_per_address_max = 100;  ///< of all names, before the address is
    Seconds login_failures_window{300};  ///< failures count together that are no further apart
    Seconds ban_time{60};                ///< the first one; each that follows is twice as long
    Seconds ban_time_max{3600};
    bool ban_loopback = false;           ///< clients of this machine can be banned too
    std::size_t watched_entries_max = 16'384;  ///< of each table: rates, failures and bans, takeovers

    // Each connection
    std::size_t packet_bytes_max = 1024 * 1024;   ///< inbound, told to v5 clients as Maximum Packet Size
    std::uint16_t receive_maximum = 1024;         ///< inbound unacknowledged QoS 1 and 2, told to v5 clients
    std::uint16_t topic_alias_maximum = 32;       ///< inbound aliases, told to v5 clients
    std::uint16_t outbound_topic_alias_maximum = 32;  ///< used towards clients that allow aliases
    std::uint16_t outbound_inflight_max = 1024;   ///< sent unacknowledged, besides the peer's receive maximum
    std::size_t outbound_buffer_bytes_max = 256 * 1024;  ///< encoded, not yet taken by the kernel
    Seconds keep_alive_max = Seconds::max();      ///< longer ones are answered with Server Keep Alive
    Seconds write_stall_max{60};                  ///< a full socket that takes no byte for so long is closed
    std::size_t messages_per_second_per_client_max = unlimited;  ///< a faster client is read from later
    std::size_t bytes_per_second_per_client_max = unlimited;     ///< the same

    // Each session
    Seconds session_expiry_max{7 * 24 * 3600};    ///< also for 3.1.1 sessions that are not clean
    std::size_t queue_messages_max = 10'000;
    std::size_t queue_bytes_max = 64 * 1024 * 1024;
    Seconds queue_age_max = Seconds::max();       ///< older waiting messages are dropped
    QueuePolicy queue_policy = QueuePolicy::reject;
    std::size_t subscriptions_per_session_max = 10'000;
    std::size_t subscriptions_per_device_max = 100;  ///< the same for a device of the platform
    Seconds will_delay_max{24 * 3600};
    std::size_t flapping_takeovers_max = 5;       ///< more in flapping_window are announced
    Seconds flapping_window{10};

    // The whole server
    std::size_t sessions_max = unlimited;
    std::size_t retained_messages_max = unlimited;
    Milliseconds loop_lag_max{500};               ///< a thread that lags more lets nobody in for a while
    std::size_t memory_max = unlimited;           ///< resident bytes: nothing new is taken beyond
    std::size_t memory_percent_max = 80;          ///< the same, of what machine or container has

    // Each packet
    std::size_t topic_levels_max = 128;
    std::size_t topic_bytes_max = string_bytes_max;
    std::size_t client_id_bytes_max = string_bytes_max;
    std::size_t user_properties_max = 128;
    std::size_t subscriptions_per_packet_max = 1'000;
};

}  // namespace holdfast
