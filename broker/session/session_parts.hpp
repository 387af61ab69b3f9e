#pragma once
// What a Session is given, holds and tells, as plain values. Threads: those of the session that has them.

#include "base/subscription.hpp"
#include "delivery/live_session.hpp"
#include "router/retained.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace holdfast::session {

/// What a session holds at one instant, for totals and events.
struct SessionLevels {
    std::size_t queued_messages = 0;
    std::size_t queued_bytes = 0;
    std::size_t inflight_messages = 0;
    std::size_t stored_messages = 0;  ///< of both, and of those released, that the store has
};

/// A device's messages, and the subscriptions it has at the moment.
struct FeedAttachment {
    delivery::DeviceFeedPtr feed;  ///< null: no device
    std::vector<delivery::FeedSubscription> subscriptions;
};

/// A walk over the retained messages of one subscription that is not at its end.
struct RetainedWalk {
    router::RetainedCursor cursor;
    SubscriptionOptions options;
    std::uint32_t subscription_identifier;
};

}  // namespace holdfast::session
