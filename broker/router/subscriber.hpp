#pragma once
// What router knows of a session: the interface is owned here and implemented in session.

#include "base/message.hpp"
#include "base/subscription.hpp"
#include "base/turn.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace holdfast::router {

/// How one message goes to one subscriber, after overlapping subscriptions are merged.
struct Delivery {
    QoS qos = QoS::at_most_once;   ///< the lower of the message's and the subscription's
    bool retain = false;           ///< flag of the outgoing PUBLISH
    std::span<const std::uint32_t> subscription_identifiers;
    /// The whole `$share/...` filter, when a shared subscription chose this subscriber.
    const std::shared_ptr<const std::string>* shared_filter = nullptr;
};

enum class DeliveryOutcome : std::uint8_t {
    accepted,  ///< sent or queued
    dropped,   ///< not kept; counted by reason; the publisher is told nothing
    refused,   ///< no room and the policy is reject: the publisher may be told
};

class Subscriber {
public:
    [[nodiscard]] virtual SessionNumber number() const = 0;
    /// Threads: any shard; must not call back into router.
    virtual DeliveryOutcome deliver(const MessagePtr& message, const Delivery& delivery,
                                    Turn& turn) = 0;
    /// Connected, so that a shared subscription may choose it. A hint: it can change at any instant.
    [[nodiscard]] virtual bool is_connected() const = 0;

protected:
    ~Subscriber() = default;
};

}  // namespace holdfast::router
