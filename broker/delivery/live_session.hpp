#pragma once
// How a device's queue and its device's session work together. The session pulls: whenever it has room it
// asks its DeviceFeed for the next message, and the feed tells its LiveSession when there is one again.
// Both interfaces are owned here; delivery implements DeviceFeed (DeviceQueue), session LiveSession.
//
// Locks: session before device queue. Every member of DeviceFeed may be called with the session's mutex
// held and never calls into the session; on_feed_ready() is called without the queue's lock.
// Threads: any shard. Lifetime: both counted by reference.

#include "base/ids.hpp"
#include "base/message.hpp"
#include "base/turn.hpp"
#include "delivery/device_message.hpp"
#include "store/store.hpp"

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::delivery {

class LiveSession {
public:
    /// The feed has a message that can be sent now: pull.
    virtual void on_feed_ready(Turn& turn) = 0;

protected:
    ~LiveSession() = default;

private:
    virtual void keep() const noexcept = 0;
    virtual void let_go() const noexcept = 0;
    friend void intrusive_ptr_add_ref(const LiveSession* session) noexcept { session->keep(); }
    friend void intrusive_ptr_release(const LiveSession* session) noexcept { session->let_go(); }
};
using LiveSessionPtr = boost::intrusive_ptr<LiveSession>;

/// A message of the feed on its way to the device.
struct FeedItem {
    MessagePtr message;  ///< its expires_at is when the ttl ends
    store::Position position{};
    QoS qos = QoS::at_least_once;
    bool dup = false;  ///< it was perhaps sent before
};

/// A subscription the device made itself.
struct FeedSubscription {
    std::string filter;
    QoS qos = QoS::at_most_once;
};

class DeviceFeed : public boost::intrusive_ref_counter<DeviceFeed> {
public:
    virtual ~DeviceFeed() = default;

    /// The session has a connection; it was not attached before, or is so again.
    virtual void attach(LiveSession& session, std::vector<FeedSubscription> subscriptions,
                        Turn& turn) = 0;
    /// The connection is gone. What was sent stays with the session, which will send it again
    /// (wants_again) or report it lost when it ends. Another session's call does nothing.
    virtual void detach(LiveSession& session, Turn& turn) = 0;
    virtual void on_subscribed(const FeedSubscription& subscription, Turn& turn) = 0;
    virtual void on_unsubscribed(std::string_view filter, Turn& turn) = 0;
    /// Of the device's own subscriptions to the topic, at most 1; 0 without one.
    [[nodiscard]] virtual QoS subscribed_qos(std::string_view topic) = 0;

    /// False: next() would return nothing. Cheap; a session asks it in every pump.
    [[nodiscard]] virtual bool has_next() const = 0;
    /// The next message that can be sent now, counted as sent. Empty: paused; on_feed_ready() will tell.
    [[nodiscard]] virtual std::optional<FeedItem> next(Turn& turn) = 0;
    /// Why the session takes no more although has_next(): send_quota_exhausted or socket_full.
    virtual void on_paused(Cause why) = 0;

    /// What became of an item that next() gave. Unknown positions do nothing.
    virtual void on_acknowledged(store::Position position, std::uint8_t reason_code, Turn& turn) = 0;
    virtual void on_handed_over(store::Position position, Turn& turn) = 0;  ///< QoS 0
    virtual void on_too_large(store::Position position, Turn& turn) = 0;
    /// The session ends, or the connection before a QoS 0 item was written: it comes again from next(),
    /// in its place, with DUP if it had QoS 1.
    virtual void on_lost(store::Position position, Turn& turn) = 0;
    /// The session is about to send it again on a new connection. False: expired, cancelled: forget it.
    [[nodiscard]] virtual bool wants_again(store::Position position, Turn& turn) = 0;
};
using DeviceFeedPtr = boost::intrusive_ptr<DeviceFeed>;

}  // namespace holdfast::delivery
