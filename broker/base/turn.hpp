#pragma once
// One turn of a shard's event loop as the core sees it: the instant (time stands still during a
// turn), which shard it is, and where that shard counts. Session extends it with what must be flushed.

#include "base/ids.hpp"
#include "base/telemetry.hpp"
#include "base/time.hpp"

#include <functional>

namespace holdfast {

namespace store {
class Executor;
}

struct Turn {
    Turn(ShardIndex shard_index, Counters& shard_counters)
        : shard(shard_index), counters(shard_counters) {}
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    Instant now{};
    const ShardIndex shard;
    Counters& counters;
    /// Where completions of the store run: this shard. Null: there is no store.
    store::Executor* executor = nullptr;
};

/// Lets in who is not called by a shard: HTTP handlers. Calls `act` once, before it returns, in a turn of
/// the shard on whose thread it is called, in the one that is on if one is. By the composition root.
class TurnGate {
public:
    virtual ~TurnGate() = default;
    virtual void enter(const std::function<void(Turn&)>& act) = 0;
};

}  // namespace holdfast
