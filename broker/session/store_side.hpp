#pragma once
// StoreSide: the store's queue of one session that is remembered, as the session uses it: gives messages
// their positions, notes what may not be sent or settled yet, collects changes in the Actions.
// Threads: the session's mutex guards it. Lifetime: the session's; the journal outlives it.

#include "session/action.hpp"
#include "session/outbound_message.hpp"
#include "session/queue_record.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <vector>

namespace holdfast::session {

class Journal;

class StoreSide {
public:
    StoreSide(Journal& journal, SessionNumber session);

    [[nodiscard]] Journal& journal() { return journal_; }

    /// Gives the message its position; its record is among the changes.
    void append(OutboundMessage& outbound, Actions& actions);
    void remark(store::Position position, const QueueMark& mark, Actions& actions);
    /// That message is done with. Precondition: can_settle().
    void settle(store::Position position, Actions& actions);

    /// The message cannot be sent yet. `is_begun`: commit() has it, so that it can be settled.
    void hold(store::Position position, bool is_begun);
    void on_commit_begun(store::Position position);
    void release(store::Position position);
    [[nodiscard]] bool can_send(store::Position position) const;
    [[nodiscard]] bool can_settle(store::Position position) const;

    /// Up to there a page of the queue has everything that was not settled.
    [[nodiscard]] store::Position readable_through() const;

    // A session that was away is sent nothing of its queue before the store knows that it is connected:
    // after a crash what was sent must be sent with DUP. What is stored later comes later in the log.
    void await_record() { awaited_record_ = records_begun_ + 1; }
    void on_record_begun() { ++records_begun_; }
    void on_record_done() { ++records_done_; }
    [[nodiscard]] bool is_known_connected() const { return records_done_ >= awaited_record_; }

    bool is_reading = false;   ///< a page of the queue is on its way
    bool is_recorded = false;  ///< the store has had a record of the session

private:
    struct Held {
        store::Position position;
        bool is_begun;
    };
    [[nodiscard]] std::vector<Held>::const_iterator place_of(store::Position position) const;
    [[nodiscard]] const Held* find(store::Position position) const;

    Journal& journal_;
    const store::QueueId queue_;
    store::Position last_;    ///< highest that was given to a message
    std::uint32_t records_begun_ = 0;
    std::uint32_t records_done_ = 0;
    std::uint32_t awaited_record_ = 0;
    std::vector<Held> held_;  ///< by position; as many as there are in one sync of the store
};

}  // namespace holdfast::session
