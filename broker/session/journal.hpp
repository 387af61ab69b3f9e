#pragma once
// Journal: what of sessions, subscriptions and retained messages the store must remember, as batches,
// and the release of the answers that wait for them (HeldAnswer).
//
// Order: a change is committed under the lock that ordered it (registry, router, retained messages), so
// the store sees the changes of one thing in their order, whichever shard made them.
// Threads: as the lock of each function says; completions run on the shard of the Actions.
// Limitations: queued and in-flight messages are not journalled yet: they end with the process.

#include "base/environment.hpp"
#include "router/router.hpp"
#include "session/action.hpp"
#include "store/store.hpp"

#include <string_view>
#include <system_error>

namespace holdfast::session {

class Session;

class Journal final : public router::RetainedListener {
public:
    Journal(store::Store& store, const Clock& clock) : store_(store), clock_(clock) {}

    // --- With the registry locked

    /// The session began, was resumed, or lost its connection. One that ends with its connection is
    /// not remembered, unless it was before: then the store knows that it will end.
    void session_changed(Session& session, Actions& actions);
    void session_ended(Session& session, Actions& actions);

    // --- With the router locked for writing

    static void add_subscription(store::Batch& batch, const Session& session,
                                 const router::Filter& filter);
    static void remove_subscription(store::Batch& batch, const Session& session,
                                    std::string_view filter);

    // --- With the retained messages locked

    void on_retained(const MessagePtr& message, Turn& turn) override;

    /// Makes a batch durable; answers given from now on wait for it. Empty: does nothing.
    void commit(store::Batch batch, Actions& actions);

private:
    store::Store& store_;
    const Clock& clock_;
};

}  // namespace holdfast::session
