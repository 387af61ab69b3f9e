#pragma once
// Journal: what of sessions, subscriptions, their messages and retained messages the store must remember,
// as batches, and the release of the answers that wait for them (HeldAnswer).
// Why it is so, and what survives a restart: docs/decisions/0006-what-survives-a-restart.md.
//
// Order: a change is committed under the lock that ordered it (registry, router, retained messages), so
// the store sees the changes of one thing in their order, whichever shard made them. Messages of
// sessions have their order from their positions; their changes are collected in the Actions, and a
// publication's become one batch.
// Threads: as the lock of each function says; completions run on the shard of the Actions.

#include "base/environment.hpp"
#include "base/wall_offset.hpp"
#include "router/router.hpp"
#include "session/action.hpp"
#include "session/outbound_message.hpp"
#include "store/store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace holdfast::session {

class Session;

/// The queue of a session in the store. Numbers of devices' queues have the highest bit.
[[nodiscard]] constexpr store::QueueId queue_of(SessionNumber session) {
    return static_cast<store::QueueId>(session);
}

/// Key of an inbound QoS 2 identifier: Client Identifier, a zero byte, the identifier in two bytes.
[[nodiscard]] std::string make_inbound_key(std::string_view client_id, PacketId packet_id);
/// Its value: the session's number in 8 bytes. One that says another session is of an earlier one.
[[nodiscard]] store::ValuePtr make_inbound_value(SessionNumber session);
struct InboundRecord {
    std::string_view client_id;
    PacketId packet_id;
    SessionNumber session;
};
[[nodiscard]] std::optional<InboundRecord> decode_inbound(const store::KeyedRecord& record);

/// What one change of a session is in the store. Empty: nothing.
struct SessionChange {
    store::Batch batch;
    SessionPtr recorded;  ///< whose record is in it, to be told
};

class Journal final : public router::RouterListener {
public:
    Journal(store::Store& store, const Clock& clock) : store_(store), clock_(clock) {}

    // --- With the registry locked

    /// The session began, was resumed, or lost its connection. One that ends with its connection is
    /// not remembered, unless it was before: then the store knows that it will end.
    void session_changed(Session& session, Actions& actions);
    /// The same, for the caller to commit.
    [[nodiscard]] SessionChange record_of(Session& session);
    /// What erases the session and everything that is its own. Asked before it loses its
    /// subscriptions, with the router locked as well; committed when its messages have moved.
    [[nodiscard]] static store::Batch end_of(Session& session);

    // --- With the router locked for writing

    static void add_subscription(store::Batch& batch, const Session& session,
                                 const router::Filter& filter);
    static void remove_subscription(store::Batch& batch, const Session& session,
                                    std::string_view filter);

    // --- With the retained messages locked

    void on_retained(const MessagePtr& message, Turn& turn) override;

    // --- With the router locked for reading

    /// One publication has been given to everybody: what it changed is one batch.
    void on_routed(Turn& turn) override;

    // --- Any time

    /// Makes a batch durable; answers given from now on wait for it. Empty: does nothing.
    void commit(store::Batch batch, Actions& actions);
    /// What is published between these two is one batch with `change`; nothing of it is, if that is empty.
    void begin_publication(SessionChange change, Actions& actions);
    void end_publication(Actions& actions);
    /// Commits what was collected in the actions. No session's mutex may be held: messages that are the
    /// store's now are sent.
    void flush(Actions& actions);

    // --- With the session's mutex held

    /// Commits what was collected in the actions; messages of publications are not among it.
    void commit_collected(Actions& actions) {
        if (!actions.changes.empty()) commit_changes(actions);
    }

    /// What stands in the store for the message; receivers of one publication share it.
    [[nodiscard]] store::ValuePtr value_of(const OutboundMessage& outbound, Actions& actions) const;
    /// Reads one page of the session's queue; session.on_page() gets it, on this shard. `through`: what
    /// the store has up to there was committed before.
    void read_queue(Session& session, store::Position after, store::Position through,
                    Actions& actions);
    [[nodiscard]] WallOffset offset() const { return {clock_.now(), clock_.wall_now()}; }
    [[nodiscard]] store::Position last_position(store::QueueId queue) const {
        return store_.last_position(queue);
    }

private:
    void commit(SessionChange change, Actions& actions);
    void commit_changes(Actions& actions);
    void begin(store::Batch batch, CommitNotes notes, Actions& actions);

    store::Store& store_;
    const Clock& clock_;
};

}  // namespace holdfast::session
