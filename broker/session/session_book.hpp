#pragma once
// SessionBook: what registry, router and journal keep about a session in the session itself, each part
// guarded by its owner's lock. Part of Session, see session.hpp.

#include "base/time.hpp"
#include "router/retained.hpp"
#include "router/subscription_tree.hpp"
#include "session/action.hpp"
#include "session/filter_set.hpp"
#include "session/inbound_qos2.hpp"
#include "session/outbound_message.hpp"
#include "session/rights.hpp"
#include "session/will.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::session {

struct SessionBook {
    // --- Guarded by the registry's mutex
    Seconds expiry_interval{0};
    WillPtr will;
    Instant expires_at = never;     ///< set while detached
    Instant scheduled_at = never;   ///< key of this session in the registry's deadlines
    /// The user whose session it is; null: nobody's, a client without a name.
    std::unique_ptr<const std::string> owner;
    [[nodiscard]] std::string_view owner_name() const {
        return owner ? std::string_view{*owner} : std::string_view{};
    }
    [[nodiscard]] bool belongs_to(std::string_view user_name) const {
        return !is_owner_known || owner_name() == user_name;
    }
    void set_owner(std::string_view user_name) {
        is_owner_known = true;
        if (owner && *owner == user_name) return;
        owner = user_name.empty() ? nullptr : std::make_unique<const std::string>(user_name);
    }

    // --- Guarded by the router's lock
    FilterSet filters;
    bool unsubscribed_for_ever = false;  ///< ended: no subscription can be added

    /// False: of a store that did not keep owners; it goes to the first who asks for it. As `owner`, but
    /// here, beside other flags, it takes no room.
    bool is_owner_known = true;

    /// The store has a record of it. Set with the registry locked; a subscription made at that moment
    /// is journalled by one side or by both.
    std::atomic<bool> is_remembered{false};
    /// The store failed to keep its first record: what it would accept would be lost with the process.
    std::atomic<bool> is_record_missing{false};

    /// QoS 2 publications of the client that wait for PUBREL. Guarded by the session's mutex.
    InboundQos2 inbound;

    /// Of who connected last, also while it is away; null: everything, or nobody has connected since the
    /// process began. Set with the registry locked; guarded by the session's mutex.
    RightsPtr rights;
    [[nodiscard]] bool may_receive(const MessagePtr& message) const {
        return !rights || rights->may_receive(message->topic());
    }
};

/// Retained messages that a new subscription has still to get.
struct RetainedWalk {
    const router::RetainedMessages* retained;
    router::RetainedCursor cursor;
    SubscriptionOptions options;
    std::uint32_t subscription_identifier;
};

using RetainedWalks = std::deque<RetainedWalk>;

/// What a session that ends leaves behind.
struct EndedSession {
    ConnectionPtr connection;             ///< was attached
    std::vector<OutboundMessage> shared;  ///< for other members of shared subscriptions
};

/// What a session holds at one instant, for totals and events.
struct SessionLevels {
    std::size_t queued_messages = 0;
    std::size_t queued_bytes = 0;
    std::size_t inflight_messages = 0;
    std::size_t stored_messages = 0;  ///< of both, and of those released, that the store has
};

}  // namespace holdfast::session
