#pragma once
// Broadcasts: publications of the platform to some sessions of devices, beside the router's own: a shared
// subscription gets none, and nobody but a device does. Without a ttl a broadcast is QoS 0; with one it
// is QoS 1 and waits in the sessions until it expires.
// Threads: the HTTP side's shard. Lifetime: what it was made of outlives it.

#include "api/broadcast_service.hpp"
#include "base/turn.hpp"
#include "router/router.hpp"
#include "store/store.hpp"

namespace holdfast {

class Broadcasts final : public api::BroadcastService {
public:
    struct Context {
        router::Router& router;
        router::RouterListener* listener;  ///< the router's; may be null
        TurnGate& turns;
        store::Store& store;
        store::Executor& executor;
    };
    explicit Broadcasts(const Context& context) : context_(context) {}

    [[nodiscard]] std::vector<api::BroadcastReceiver> receivers_of(std::string_view topic,
                                                                   bool with_waiting) override;
    void publish(const Broadcast& broadcast, std::function<void(std::error_code)> done) override;

private:
    const Context context_;
};

}  // namespace holdfast
