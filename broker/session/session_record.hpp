#pragma once
// Session State without its queue, and a subscription, as bytes that outlive the process, and back.
// Plain values: who makes them from a Session, and a Session from them, is registry's matter. What is
// wrong with bytes is a value, delivery::RecordError. Numbers big-endian; a duration is 8
// bytes of seconds, all ones for ever; a stamp is 8 bytes of milliseconds since 1970 UTC. A session:
//
//   1  version: 2, or 1 when the owner is not known
//   1  flags: bits 0 has expires_at, 1 has a will, 2 will has a message expiry, 3 will is due,
//      4 connected, others 0
//   8  queue identifier
//   2  length of the Client Identifier, then the identifier
//   2  length of the owner's user name, then the name; 0: nobody's   only in version 2
//   8  Session Expiry Interval
//   8  expires_at, a stamp                                           only with bit 0
//   8  Will Delay Interval                                           only with bit 1, as are
//   8  Message Expiry Interval of the will                           only with bit 2
//   8  instant the will is due, a stamp                              only with bit 3
//   4  length of the will's message record, then the record
//   2  count of inbound QoS 2 identifiers, then 2 bytes each, ascending
//   2  count in flight outbound, then each, in the order of first sending:
//      2 Packet Identifier, 1 state (0 published, 1 released), 8 position in the queue
//
// A subscription: 1 version = 1, 1 Subscription Options as in SUBSCRIBE, 4 Subscription Identifier (0:
// none). Its key: Client Identifier, a zero byte, Topic Filter.

#include "base/ids.hpp"
#include "base/subscription.hpp"
#include "base/wall_offset.hpp"
#include "delivery/record_io.hpp"
#include "session/inflight.hpp"
#include "session/will.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::session {

struct InflightRecord {
    PacketId packet_id = 0;
    InflightState state = InflightState::published;
    store::Position position{};  ///< of the message in the session's queue
    friend bool operator==(const InflightRecord&, const InflightRecord&) = default;
};

/// Preconditions for encoding: identifiers are not 0 and different, texts are valid and not empty.
struct SessionRecord {
    ClientId client_id;
    std::optional<std::string> owner;  ///< its user; "": nobody's; empty: not known
    store::QueueId queue{};
    bool is_connected = false;  ///< then everything in its queue was perhaps sent
    Seconds expiry_interval{0};
    Instant expires_at = never;
    std::optional<Will> will;
    Instant will_due_at = never;           ///< only with a will
    std::vector<PacketId> inbound_qos2;    ///< ascending
    std::vector<InflightRecord> inflight;  ///< in the order of first sending
};

struct SubscriptionRecord {
    SubscriptionOptions options;
    std::uint32_t identifier = 0;  ///< 0: none
    friend bool operator==(const SubscriptionRecord&, const SubscriptionRecord&) = default;
};

struct SubscriptionKey {
    std::string_view client_id;
    std::string_view filter;
};

template <class T>
using Recovered = delivery::Recovered<T>;

[[nodiscard]] store::Bytes encode_session_record(const SessionRecord& record, WallOffset offset);
[[nodiscard]] Recovered<SessionRecord> decode_session_record(delivery::StoredBytes stored,
                                                             WallOffset offset);

[[nodiscard]] store::Bytes encode_subscription_record(const SubscriptionRecord& record);
[[nodiscard]] Recovered<SubscriptionRecord> decode_subscription_record(
    delivery::StoredBytes stored);

[[nodiscard]] std::string make_subscription_key(const SubscriptionKey& parts);
/// The views point into `key`.
[[nodiscard]] Recovered<SubscriptionKey> split_subscription_key(std::string_view key);

}  // namespace holdfast::session
