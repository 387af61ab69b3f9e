#pragma once
// Identifiers that must not be mixed up, as types of their own.

#include <cstdint>
#include <string>

namespace holdfast {

/// MQTT Packet Identifier, 1..65535; 0 is never valid on the wire. [MQTT5-2.2.1-3]
using PacketId = std::uint16_t;

/// The Client Identifier, at most 65,535 bytes of valid UTF-8.
using ClientId = std::string;

/// Number of a session within this process, never reused: survives reconnects, not a clean start.
enum class SessionNumber : std::uint64_t { none = 0 };

/// Index of a shard (a thread with its own event loop), 0..threads-1.
enum class ShardIndex : std::uint32_t {};

constexpr std::size_t index_of(ShardIndex shard) { return static_cast<std::size_t>(shard); }

/// Quality of Service of a PUBLISH or a subscription. 3 is not a value. [MQTT5-3.3.1-4]
enum class QoS : std::uint8_t { at_most_once = 0, at_least_once = 1, exactly_once = 2 };

constexpr std::uint8_t to_number(QoS qos) { return static_cast<std::uint8_t>(qos); }
constexpr QoS lower_of(QoS a, QoS b) { return a < b ? a : b; }
constexpr QoS higher_of(QoS a, QoS b) { return a < b ? b : a; }

}  // namespace holdfast
