#pragma once
// A message in a session's queue as the store has it: the record, which is shared by all queues that
// got the publication, and the mark beside it, which is this session's own. Plain values.
//
// The record is a message record (delivery/message_record.hpp). What few messages have besides (several
// Subscription Identifiers, the shared subscription they came by) stands in front of it, and the
// mark says so. Version 1, numbers big-endian:
//
//   1  version = 1
//   4  count of Subscription Identifiers after the first, then 4 bytes each
//   2  length of the `$share/...` filter (0: none), then the filter
//      the message record
//
// The mark, from bit 0: 16 Packet Identifier (0: the one that follows from the position), 2 granted
// QoS (1 or 2), 1 RETAIN, 1 released (PUBREC came), 1 has the part in front, 3 zero, 28 Subscription
// Identifier (0: none), 12 zero.

#include "base/wall_offset.hpp"
#include "delivery/record_io.hpp"
#include "session/outbound_message.hpp"

#include <optional>

namespace holdfast::session {

struct QueueMark {
    PacketId packet_id = 0;  ///< 0: derived_packet_id() of the position
    QoS qos = QoS::at_least_once;
    bool retain = false;
    bool is_released = false;
    bool has_extra = false;
    std::uint32_t subscription_identifier = 0;
    friend bool operator==(const QueueMark&, const QueueMark&) = default;
};

[[nodiscard]] store::Mark encode_queue_mark(const QueueMark& mark);
/// Empty: not a mark that this program writes.
[[nodiscard]] std::optional<QueueMark> decode_queue_mark(store::Mark mark);

/// The identifier a message is sent with, unless it is taken: so that it is the same after a crash
/// although nothing was written when it was sent. [MQTT5-4.4.0-1] [MQTT3-4.4.0-1]
[[nodiscard]] constexpr PacketId derived_packet_id(store::Position position) {
    return static_cast<PacketId>(1 + (static_cast<std::uint64_t>(position) - 1) % 65'535);
}

/// The one it is sent with, derived or chosen. 0: the message has no position, so none yet.
[[nodiscard]] PacketId packet_id_of(const OutboundMessage& outbound);

/// What stands beside a message that is not released.
[[nodiscard]] QueueMark queue_mark_of(const OutboundMessage& outbound);
/// The message has more than a mark can say.
[[nodiscard]] bool needs_extra(const OutboundMessage& outbound);

/// A record for this receiver only, because needs_extra().
[[nodiscard]] store::ValuePtr make_extra_value(const OutboundMessage& outbound, WallOffset offset);

[[nodiscard]] delivery::Recovered<OutboundMessage> decode_queue_record(
    const store::QueuedRecord& record, const QueueMark& mark, WallOffset offset);

}  // namespace holdfast::session
