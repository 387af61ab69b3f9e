#pragma once
// Restore: reads back, at the start, what the Journal had the store remember: retained messages, sessions,
// subscriptions, in this order, page by page. A damaged record is told and left out; the healthy
// ones are not held up by it.
// Lifetime: until `done` has run. Threads: everything on the given executor.

#include "base/environment.hpp"
#include "base/telemetry.hpp"
#include "base/wall_offset.hpp"
#include "router/router.hpp"
#include "session/registry.hpp"
#include "store/store.hpp"

#include <functional>
#include <string>
#include <system_error>

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
    void tell_damaged(std::string_view key, const std::string& why);

    store::Store& store_;
    store::Executor& executor_;
    const WallOffset offset_;
    const Into into_;
    std::size_t step_ = 0;
    Counts counts_;
    std::function<void(std::error_code)> done_;
};

}  // namespace holdfast::session
