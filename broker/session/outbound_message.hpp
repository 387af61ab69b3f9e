#pragma once
// One message on its way to one session's client: waiting in the queue or sent and unacknowledged.

#include "base/message.hpp"
#include "router/subscriber.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::session {

/// What few messages have: several subscription identifiers, a shared subscription they came by, a
/// Packet Identifier that does not follow from the position.
struct OutboundExtra {
    std::vector<std::uint32_t> more_identifiers;
    std::shared_ptr<const std::string> shared_filter;
    PacketId packet_id = 0;  ///< 0: none was chosen
};

struct OutboundMessage {
    MessagePtr message;
    std::unique_ptr<OutboundExtra> extra;
    std::uint32_t subscription_identifier = 0;
    QoS qos = QoS::at_most_once;
    bool retain = false;
    bool is_from_feed = false;   ///< of the device's queue: settled there, not in the session's
    bool is_direct = false;        ///< for the connection it was sent on, and no other
    bool is_perhaps_sent = false;  ///< by an earlier process: it goes out with DUP
    store::Position position{};  ///< in the store's queue of the session or device; before_first: none

    OutboundMessage() = default;
    OutboundMessage(MessagePtr the_message, const router::Delivery& delivery);

    [[nodiscard]] bool is_shared() const { return extra && extra->shared_filter; }
    [[nodiscard]] bool is_stored() const {
        return position != store::before_first && !is_from_feed;
    }
    [[nodiscard]] PacketId chosen_packet_id() const { return extra ? extra->packet_id : 0; }
};

}  // namespace holdfast::session
