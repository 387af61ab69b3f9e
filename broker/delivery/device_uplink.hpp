#pragma once
// The two ways between devices and the platform that do not pass through a device's queue: DeviceUplink
// is told what a device publishes below `$oc/devices/{its id}/`, and that its connection is gone;
// DirectLine puts a message straight into the session of a device that is connected, or nowhere.
// Both interfaces are owned here: sessions call DeviceUplink, which api implements; api calls DirectLine,
// which the composition root implements with sessions.
// Source: the contract, sections 5.3 and 5.4 (topics and payloads of devices).
// Threads: any shard, in a turn of it; no lock is held. Lifetime: both outlive all sessions.

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/turn.hpp"

#include <cstdint>
#include <string_view>

namespace holdfast::delivery {

/// What every topic of the platform for one device begins with; its id and `/` follow.
inline constexpr std::string_view device_topics_prefix = "$oc/devices/";

/// The views live as long as the call.
struct DevicePublication {
    std::uint64_t device_number = 0;
    std::string_view device_id;
    std::string_view topic;   ///< the complete Topic Name
    std::string_view suffix;  ///< of it, behind `$oc/devices/{device_id}/`
    ByteView payload;
    /// Those of MQTT 5 that subscribers get, too, in wire form: PublicationProperties::read().
    ByteView properties{};
};

class DeviceUplink {
public:
    virtual ~DeviceUplink() = default;
    /// The device has published it and may. It goes to MQTT subscribers besides, whatever happens here.
    virtual void on_publication(const DevicePublication& publication, Turn& turn) = 0;
    /// A connection of the device has begun: what is sent to it from now on comes behind its CONNACK.
    virtual void on_connection_begun(std::string_view device_id, Turn& turn) = 0;
    /// The device has acknowledged what DirectLine sent it at QoS 1, or has refused it.
    virtual void on_direct_acknowledged(std::string_view device_id, std::string_view topic,
                                        bool is_refused, Turn& turn) = 0;
    /// A connection of the device has ended; perhaps it has another one by now.
    virtual void on_connection_ended(std::string_view device_id, Turn& turn) = 0;
};

enum class DirectSend : std::uint8_t {
    sent,       ///< in the outbox of its connection
    offline,    ///< it has no connection
    blocked,    ///< it does not take or acknowledge what was sent before
    too_large,  ///< larger than its Maximum Packet Size
};

struct DirectMessage {
    std::string_view device_id;  ///< whose session it is for
    std::string_view topic;      ///< the complete Topic Name
    ByteView payload;
    Instant expires_at = never;
};

class DirectLine {
public:
    virtual ~DirectLine() = default;
    /// At the QoS of the device's own subscription to the topic, at most 1; without one at QoS 0. It goes
    /// ahead of what waits, and ends with the connection: it is never kept, queued or sent again.
    virtual DirectSend send(const DirectMessage& message, Turn& turn) = 0;
    [[nodiscard]] virtual bool is_online(std::string_view device_id) const = 0;
};

}  // namespace holdfast::delivery
