#pragma once
// Restore: reads back, at the start, what the Journal had the store remember: retained messages, sessions,
// subscriptions, identifiers of inbound QoS 2 publications, and which messages wait in the sessions'
// queues (their marks, not their bodies), in this order, page by page. A damaged record is told and
// left out; the healthy ones are not held up by it. What belongs to no session is erased.
// Lifetime: until `done` has run. Threads: everything on the given executor.

#include "base/environment.hpp"
#include "base/telemetry.hpp"
#include "base/wall_offset.hpp"
#include "router/router.hpp"
#include "session/registry.hpp"
#include "store/store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <functional>
#include <string>
#include <system_error>
#include <vector>

namespace holdfast::session {

class Restore {
public:
    struct Into {
        router::Router& router;
        Registry& registry;
        EventSink& events;
        Turn& turn;  ///< where the restored things are counted
    };
    Restore(store::Store& store, store::Executor& executor, const Clock& clock, Into into);

    /// `done` gets the store's error, or none.
    void start(std::function<void(std::error_code)> done);

    struct Counts {
        std::size_t retained = 0;
        std::size_t sessions = 0;
        std::size_t subscriptions = 0;
        std::size_t messages = 0;
        std::size_t damaged = 0;
    };
    [[nodiscard]] const Counts& counts() const { return counts_; }

private:
    void read_next(std::string after);
    void on_page(std::error_code error, const store::TablePage& page);
    void take(const store::KeyedRecord& record);
    void take_retained(const store::KeyedRecord& record);
    void take_session(const store::KeyedRecord& record);
    void take_subscription(const store::KeyedRecord& record);
    void take_inbound(const store::KeyedRecord& record);
    void tell_damaged(std::string_view key, const std::string& why);

    void read_next_queues(store::QueueId after);
    void on_queues(std::error_code error, const store::QueueList& list);
    void read_next_marks(store::Position after);
    void on_marks(std::error_code error, const store::MarkPage& page);
    void finish();

    /// A session whose queue is not read yet.
    struct Queue {
        SessionPtr session;
        bool was_connected = false;
        std::vector<store::Position> inflight;  ///< ascending
    };

    store::Store& store_;
    store::Executor& executor_;
    const WallOffset offset_;
    const Into into_;
    std::size_t step_ = 0;
    boost::unordered_flat_map<store::QueueId, Queue> queues_;
    std::vector<Queue> unread_;  ///< those with messages; the last is read first
    store::Batch leftovers_;     ///< erases what belongs to no session
    Counts counts_;
    std::function<void(std::error_code)> done_;
};

}  // namespace holdfast::session
