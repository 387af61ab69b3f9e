#pragma once
// What the HTTP side shows of the server, as an interface that the composition root implements.
// Threads: called on the HTTP side's thread between start and stop; must not block for long.

#include "api/push_state.hpp"
#include "base/telemetry.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace holdfast::api {

/// What there is at this moment, as opposed to what has been counted.
struct Levels {
    std::uint64_t connections = 0;
    std::uint64_t sessions = 0;
    std::uint64_t sessions_connected = 0;
    std::uint64_t subscriptions = 0;
    std::uint64_t retained_messages = 0;
    std::uint64_t retained_bytes = 0;
    std::uint64_t queued_messages = 0;
    std::uint64_t queued_bytes = 0;
    std::uint64_t inflight_messages = 0;
    std::uint64_t devices_with_messages = 0;
    std::uint64_t device_messages_waiting = 0;
    std::uint64_t device_bytes_waiting = 0;
    std::uint64_t store_records = 0;          ///< unsettled, in tables and queues
    std::uint64_t store_bytes = 0;
    std::uint64_t store_backlog_records = 0;  ///< committed and not yet durable
    std::uint64_t store_disk_bytes = 0;       ///< 0: everything is in memory
    std::uint64_t store_index_bytes = 0;      ///< memory of the commit log's index
    std::uint64_t loop_lag_milliseconds = 0;  ///< of the thread whose event loop lags most
    std::uint64_t loop_turn_milliseconds = 0; ///< the longest turn of any loop, lately
    std::uint64_t overloaded_threads = 0;     ///< that let connections in slowly, or not at all
    std::uint64_t memory_resident_bytes = 0;
    std::uint64_t memory_max_bytes = 0;       ///< 0: unlimited
    std::uint64_t is_memory_exhausted = 0;    ///< 1: nothing new is taken
    std::uint64_t bans = 0;                   ///< in force
};

/// What the commit log has done since the start; zeros when everything is in memory.
struct StoreTotals {
    std::uint64_t batches = 0;
    std::uint64_t failed_batches = 0;
    std::uint64_t records_appended = 0;
    std::uint64_t appends_elided = 0;
    std::uint64_t syncs = 0;
    std::uint64_t bytes_written = 0;
    std::uint64_t bytes_rewritten = 0;
};

/// What became of events since the start, and how many there are.
struct EventTotals {
    std::uint64_t appended = 0;
    std::uint64_t lost = 0;       ///< the store could not keep them
    std::uint64_t forgotten = 0;  ///< too old, or too many
    std::uint64_t kept = 0;       ///< now
    std::uint64_t kept_bytes = 0;
    PushTotals push;                 ///< of all actions, also those that are gone
    std::uint64_t push_backlog = 0;  ///< of the action that is furthest behind, now
    std::vector<PushActionState> push_actions{};  ///< of those that are served now
};

class StatusSource {
public:
    virtual ~StatusSource() = default;

    [[nodiscard]] virtual std::uint64_t total(Counter counter) const = 0;
    [[nodiscard]] virtual std::uint64_t total(CloseReason reason) const = 0;
    [[nodiscard]] virtual std::uint64_t total(DropReason reason) const = 0;
    [[nodiscard]] virtual Levels levels() const = 0;
    [[nodiscard]] virtual StoreTotals store_totals() const = 0;
    [[nodiscard]] virtual EventTotals event_totals() const { return {}; }
    /// Every listener accepts, and no stop has begun.
    [[nodiscard]] virtual bool is_ready() const = 0;
    [[nodiscard]] virtual std::string_view version() const = 0;
    [[nodiscard]] virtual Milliseconds uptime() const = 0;
};

}  // namespace holdfast::api
