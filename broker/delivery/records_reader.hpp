#pragma once
// Reads the records of some messages of a device's queue, page by page, and decodes them. Holds the
// whole result: its caller bounds what it asks for. Threads: answers run on the shard of the Turn.

#include "base/time.hpp"
#include "base/turn.hpp"
#include "delivery/device_message.hpp"
#include "store/store.hpp"

#include <functional>
#include <system_error>
#include <vector>

namespace holdfast::delivery {

/// A record that was asked for.
struct FoundRecord {
    store::Position position{};
    DeviceMessage message;
    WallTime accepted_at{};
    WallTime expires_at{};
};
using RecordsRead = std::function<void(std::error_code, std::vector<FoundRecord>)>;

/// In the order of their positions; those that are gone, or cannot be read, are left out.
/// Precondition: `wanted` is not empty.
void read_device_records(store::Store& store, store::QueueId queue,
                         std::vector<store::Position> wanted, Turn& turn, RecordsRead done);

}  // namespace holdfast::delivery
