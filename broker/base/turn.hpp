#pragma once
// One turn of a shard's event loop as the core sees it: the instant (time stands still during a
// turn), which shard it is, and where that shard counts. Session extends it with what must be flushed.

#include "base/ids.hpp"
#include "base/telemetry.hpp"
#include "base/time.hpp"

namespace holdfast {

struct Turn {
    Turn(ShardIndex shard_index, Counters& shard_counters)
        : shard(shard_index), counters(shard_counters) {}
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    Instant now{};
    const ShardIndex shard;
    Counters& counters;
};

}  // namespace holdfast
