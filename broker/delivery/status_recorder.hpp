#pragma once
// StatusRecorder: who keeps a record of every change of a message's status, as durable as the change itself:
// it goes into the same Batch. Owned here, implemented by api, which knows what applications are told.
// Recorded are: that a message was kept to wait, and its end. A message that goes to the device at once and
// is acknowledged has one record, its end.
// Threads: any. record() is called with a DeviceQueue's mutex held and must not block; on_settled() is called
// without it. Lifetime: outlives Delivery and the answers of the store.

#include "delivery/device_message.hpp"
#include "store/store.hpp"

#include <boost/container/small_vector.hpp>

#include <cstdint>
#include <string_view>

namespace holdfast::delivery {

/// Queues from here on belong to no device: what the server keeps for itself.
inline constexpr store::QueueId first_reserved_queue{0xFFFF'FFFF'FFFF'0000};
/// Of StatusRecorder and of whatever else is told to applications.
inline constexpr store::QueueId event_queue{0xFFFF'FFFF'FFFF'FFFF};

/// Views live as long as the call.
struct StatusRecord {
    std::string_view device_id;
    std::string_view message_id;
    std::string_view name;  ///< empty: it has none
    std::string_view topic;
    Cause cause = Cause::offline;  ///< says the status, too: status_of()
    std::uint8_t reason_code = 0;  ///< of refused_by_device
    WallTime at{};
};

using RecordedPositions = boost::container::small_vector<store::Position, 1>;

class StatusRecorder {
public:
    virtual ~StatusRecorder() = default;
    /// False: nobody wants to know, and nothing need be found out for it.
    [[nodiscard]] virtual bool wants_status() const = 0;
    /// Adds it to `batch`, which is committed before the lock is released; where it stands then.
    [[nodiscard]] virtual store::Position record(const StatusRecord& record,
                                                 store::Batch& batch) = 0;
    /// The batches with these are durable, or failed. Once for each position.
    virtual void on_settled(const RecordedPositions& positions) = 0;
};

/// Who is told of devices' connections. Threads: any, with the locks of a session and a DeviceQueue held: it
/// must not block. Lifetime: as StatusRecorder.
class PresenceListener {
public:
    virtual ~PresenceListener() = default;
    /// One began, or ended and no other has begun. The view lives as long as the call.
    virtual void on_presence(std::uint64_t device_number, std::string_view device_id,
                             bool is_online, WallTime at) = 0;
};

}  // namespace holdfast::delivery
