#pragma once
// Session State (MQTT 5 section 4.1) of one ClientId and the delivery of messages to its client:
// the queue of what waits, what is in flight, the walk over retained messages, and which connection
// is attached. It outlives connections. Registry decides when sessions begin and end.
//
// Order: one FIFO. What waits goes before what arrives; at reconnect what was in flight goes first,
// with DUP. Quotas belong to the connection and start afresh with each.
// Durability: of a session that is remembered, the store has every QoS 1 and 2 message from its acceptance
// until it is settled, and a message is sent only after it was committed.
//
// Threads: any shard may deliver; everything is guarded by one short mutex, which also guards the
// outboxes of its connections. Lock order: registry, router, session. No call into router or registry
// is made with it held. Lifetime: reference counted; removed from the router before it ends.

#include "base/ids.hpp"
#include "base/limits.hpp"
#include "base/small_mutex.hpp"
#include "codec/reason_code.hpp"
#include "delivery/device_uplink.hpp"
#include "router/subscriber.hpp"
#include "session/action.hpp"
#include "session/counted_live_session.hpp"
#include "session/drops.hpp"
#include "session/inflight.hpp"
#include "session/session_book.hpp"
#include "session/session_queue.hpp"
#include "session/store_side.hpp"

#include <boost/intrusive/list_hook.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

namespace holdfast::session {

struct InflightRecord;

class Session final : public router::Subscriber,
                      public CountedLiveSession<Session>,
                      public boost::intrusive::list_base_hook<>,
                      public SessionBook {
public:
    Session(ClientId client_id, SessionNumber number, const Limits& limits);
    ~Session();

    [[nodiscard]] const ClientId& client_id() const { return client_id_; }
    [[nodiscard]] SessionNumber number() const override { return number_; }
    [[nodiscard]] bool is_connected() const override {
        return connected_.load(std::memory_order_relaxed);
    }

    // --- Messages towards the client (session_delivery.cpp)
    router::DeliveryOutcome deliver(const MessagePtr& message, const router::Delivery& delivery,
                                    Turn& turn) override;
    /// A subscription was made: the retained messages that match come next.
    void deliver_retained(const Connection& connection, RetainedWalk walk, Actions& actions);
    /// The subscription is gone: its walk over the retained messages ends. [MQTT5-3.10.4-2]
    void forget_retained(std::string_view filter);
    /// Room in the connection's outbox: goes on with what waits. The mutex is held by the caller.
    void pump(Actions& actions);
    /// Drops what has expired or waited too long. [MQTT5-3.3.2-5]
    void drop_expired(Actions& actions);

    // --- Messages for a device (session_feed.cpp)
    void on_feed_ready(Turn& turn) override;
    /// With the router locked for writing. on_feed_ready() goes on with what waited for it.
    void on_subscribed(const delivery::FeedSubscription& subscription, Actions& actions);
    void on_unsubscribed(std::string_view filter, Actions& actions);
    /// DirectLine::send: to its connection now, or not at all.
    delivery::DirectSend send_directly(const delivery::DirectMessage& message, Actions& actions);

    // --- Acknowledgements from the client (session_acknowledge.cpp). `connection` must be the attached
    // one, else nothing happens. False: the identifier is not in use in that way.
    bool on_puback(Connection& connection, PacketId packet_id, codec::ReasonCode reason,
                   Actions& actions);
    bool on_pubrec(Connection& connection, PacketId packet_id, codec::ReasonCode reason,
                   Actions& actions);
    bool on_pubcomp(Connection& connection, PacketId packet_id, Actions& actions);

    // --- What the store has of it (session_store.cpp). Without begin_storing() nothing of it.
    /// From now on QoS 1 and 2 messages are the store's before they are sent. Idempotent.
    void begin_storing(Journal& journal);
    /// commit() has the message: from now on it can be settled, and it may be sent if it `is_ready`.
    void on_commit_begun(store::Position position, bool is_ready, Actions& actions);
    /// The message or its new identifier is durable: it may be sent.
    void on_durable(store::Position position, Actions& actions);
    /// The store could not keep it: it is dropped. One that was sent already cannot be taken back.
    void on_not_kept(store::Position position, Actions& actions);
    /// A page of the queue, asked for when everything up to `through` was committed.
    void on_page(std::error_code error, const store::QueuePage& page, store::Position through,
                 Actions& actions);
    /// It was made from its record. / commit() has a new one. / The store has that, or failed to take it.
    void on_restored();
    void on_record_begun();
    void on_recorded(std::error_code error, Actions& actions);
    /// PUBREL needs not wait any more, or the store failed: the next sweep tries again. Mutex held.
    void on_release_done(const Connection& connection, PacketId packet_id, bool is_durable);
    /// What is in flight, and what was perhaps sent by an earlier process.
    [[nodiscard]] std::vector<InflightRecord> inflight_records();
    /// A message that an earlier process left in the store. False: that is not a mark of a session.
    bool restore_message(const store::MarkedPosition& stored, bool is_perhaps_sent, Turn& turn);

    // --- Attachment (called by Registry)

    /// Makes `connection` the one that is served and returns the one before. Its outbox gets CONNACK,
    /// what is in flight, in order, with DUP, then what waits. [MQTT5-4.4.0-1] [MQTT3-4.4.0-1]
    ConnectionPtr attach(Connection& connection, bool session_present, FeedAttachment feed,
                         Actions& actions);
    /// False when another connection is attached by now.
    [[nodiscard]] bool detach(Connection& connection, Actions& actions);
    /// The session ends: nothing is delivered any more. What waited is dropped by `session_ended`,
    /// except what came by shared subscriptions, which is returned for other members.
    [[nodiscard]] EndedSession end(Actions& actions);
    /// Has the connection ended, if there is one, by its shard.
    void end_connection(CloseReason why, Actions& actions);
    /// What waits for the client by this shared subscription, to go to another member: everything
    /// not yet sent, and QoS 1 sent but not acknowledged. QoS 2 in flight stays. [MQTT5-4.8.2-5]
    /// What the store has of them is for the caller to settle.
    [[nodiscard]] std::vector<OutboundMessage> take_shared(std::string_view shared_filter,
                                                           Actions& actions);

    [[nodiscard]] SmallMutex& mutex() { return mutex_; }
    /// With the mutex held.
    [[nodiscard]] bool is_attached(const Connection& connection) const {
        return connection_.get() == &connection;
    }
    [[nodiscard]] std::vector<PacketId> inbound_identifiers();
    void set_rights(RightsPtr given);
    [[nodiscard]] RightsPtr rights_now();
    [[nodiscard]] SessionLevels levels();

private:
    [[nodiscard]] bool can_send(QoS qos) const;
    [[nodiscard]] bool can_send_new(QoS qos) const;
    [[nodiscard]] bool has_queue() const { return queue_ && !queue_->empty(); }
    [[nodiscard]] bool nothing_waits() const { return !has_queue() && !walks_ && !resend_; }
    void send(OutboundMessage outbound, Actions& actions);
    void send_again(InflightEntry& entry, Actions& actions);
    void encode(const OutboundMessage& outbound, PacketId packet_id, bool dup, Actions& actions);
    [[nodiscard]] bool fits(const OutboundMessage& outbound, Instant now) const;
    router::DeliveryOutcome enqueue(OutboundMessage outbound, Actions& actions);
    /// Empty: there is room now. Else the message was dropped.
    [[nodiscard]] std::optional<router::DeliveryOutcome> make_room(const OutboundMessage& outbound,
                                                                   Actions& actions);
    [[nodiscard]] bool drop_oldest(DropReason reason, Actions& actions);
    void push_back(OutboundMessage outbound, Actions& actions);
    [[nodiscard]] bool has_room_for(const OutboundMessage& outbound) const;
    [[nodiscard]] OutboundMessage take_front(Actions& actions);
    static void count_in(std::size_t bytes, Actions& actions);
    static void count_out(std::size_t bytes, Actions& actions);
    void count_detached(Actions& actions);
    bool pump_resend(Actions& actions);
    bool pump_retained(Actions& actions);
    bool pump_queue(Actions& actions);
    bool pump_feed(Actions& actions);
    void send_from_feed(delivery::FeedItem item, Actions& actions);
    void return_to_feed(Actions& actions);
    void forget_direct(Actions& actions);
    void release_quota(InflightEntry& entry);
    void drop(const OutboundMessage& outbound, DropReason reason, Actions& actions);

    // session_store.cpp
    router::DeliveryOutcome deliver_stored(OutboundMessage outbound, Actions& actions);
    [[nodiscard]] bool can_settle(store::Position position) const;
    void settle(const OutboundMessage& outbound, Actions& actions);
    void settle(store::Position position, Actions& actions);
    void drop_line(const StoredLine& line, DropReason reason, Actions& actions);
    void drop_expired_lines(Actions& actions);
    void read_ahead(Actions& actions);
    void take_record(const store::QueuedRecord& record, WallOffset offset, Actions& actions);
    [[nodiscard]] std::optional<DropReason> reason_to_drop(const Waiting& waiting,
                                                           Instant now) const;
    [[nodiscard]] bool has_identifier(Waiting& front, Actions& actions);
    void send_pubrel(InflightEntry& entry, Actions& actions);

    const ClientId client_id_;
    const SessionNumber number_;
    const Limits& limits_;

    SmallMutex mutex_;
    std::atomic<bool> connected_{false};
    bool ended_ = false;
    ConnectionPtr connection_;
    delivery::DeviceFeedPtr feed_;        ///< null: no device's session
    std::unique_ptr<SessionQueue> queue_; ///< null or empty when nothing waits
    std::unique_ptr<StoreSide> store_side_;  ///< null: nothing of its messages is stored
    std::unique_ptr<RetainedWalks> walks_;///< null when none
    /// In flight from an earlier connection, last first; null: nothing.
    std::unique_ptr<std::vector<PacketId>> resend_;
    Inflight inflight_;
    Drops drops_;
};

}  // namespace holdfast::session
