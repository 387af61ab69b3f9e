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

/// What few messages have: several subscription identifiers, a shared subscription they came by.
struct OutboundExtra {
    std::vector<std::uint32_t> more_identifiers;
    std::shared_ptr<const std::string> shared_filter;
};

struct OutboundMessage {
    MessagePtr message;
    std::unique_ptr<OutboundExtra> extra;
    std::uint32_t subscription_identifier = 0;
    QoS qos = QoS::at_most_once;
    bool retain = false;
    bool is_from_feed = false;   ///< of the device's queue: settled there, not in the session's
    store::Position position{};  ///< in the store's queue of the session or device; before_first: none

    OutboundMessage() = default;
    OutboundMessage(MessagePtr the_message, const router::Delivery& delivery);

    [[nodiscard]] bool is_shared() const { return extra && extra->shared_filter; }
};

}  // namespace holdfast::session
