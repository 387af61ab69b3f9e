#include "status.hpp"

#include "store/log_store.hpp"

#include <algorithm>

namespace holdfast {

std::uint64_t Status::total_drops() const {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < index_in_list(DropReason::count_); ++i) {
        sum += total(static_cast<DropReason>(i));
    }
    return sum;
}

std::uint64_t Status::difference(Counter in, Counter out) const {
    const std::uint64_t left = total(out);
    const std::uint64_t entered = total(in);
    return entered > left ? entered - left : 0;
}

/// The thread that is worst off: a connection has only one.
void Status::add_guard_levels(api::Levels& levels) const {
    for (const auto& shard : shards_) {
        const auto lag = static_cast<std::uint64_t>(shard->lag().lag().count());
        const auto turn = static_cast<std::uint64_t>(shard->lag().turn().count());
        levels.loop_lag_milliseconds = std::max(levels.loop_lag_milliseconds, lag);
        levels.loop_turn_milliseconds = std::max(levels.loop_turn_milliseconds, turn);
        if (shard->lag().pressure() != net::LoopLag::Pressure::none) ++levels.overloaded_threads;
    }
    levels.memory_resident_bytes = guard_.memory().used();
    levels.memory_max_bytes = guard_.memory().bytes_max() == unlimited ? 0 : guard_.memory().bytes_max();
    levels.is_memory_exhausted = guard_.is_memory_exhausted() ? 1 : 0;
    levels.bans = guard_.bans().count(clock_.now());
}

api::Levels Status::levels() const {
    api::Levels levels;
    add_guard_levels(levels);
    levels.connections = admission_.count();
    levels.sessions = difference(Counter::sessions_created, Counter::sessions_ended);
    levels.sessions_connected =
        difference(Counter::sessions_attached, Counter::sessions_detached);
    levels.subscriptions =
        difference(Counter::subscriptions_added, Counter::subscriptions_removed);
    levels.retained_messages = router_.retained().count();
    levels.retained_bytes = router_.retained().bytes();
    levels.queued_messages = difference(Counter::queue_messages_in, Counter::queue_messages_out);
    levels.queued_bytes = difference(Counter::queue_bytes_in, Counter::queue_bytes_out);
    // The accounting equation, solved for what is on its way.
    const std::uint64_t settled = total(Counter::messages_delivered) +
                                  total(Counter::messages_moved) + total_drops() +
                                  levels.queued_messages;
    const std::uint64_t accepted = total(Counter::messages_accepted);
    levels.inflight_messages = accepted > settled ? accepted - settled : 0;

    const delivery::DeliveryLevels devices = delivery_.levels();
    levels.devices_with_messages = devices.devices_with_messages;
    levels.device_messages_waiting = devices.waiting_messages;
    levels.device_bytes_waiting = devices.waiting_bytes;
    const store::Level kept = storage_.store->total();
    levels.store_records = kept.records;
    levels.store_bytes = kept.bytes;
    levels.store_backlog_records = storage_.store->backlog().records;
    if (storage_.log == nullptr) return levels;
    const store::StoreFigures figures = storage_.log->figures();
    levels.store_disk_bytes = figures.disk_bytes;
    levels.store_index_bytes = figures.index_bytes;
    return levels;
}

api::StoreTotals Status::store_totals() const {
    if (storage_.log == nullptr) return {};
    const store::StoreFigures figures = storage_.log->figures();
    return {.batches = figures.batches,
            .failed_batches = figures.failed_batches,
            .records_appended = figures.records_appended,
            .appends_elided = figures.appends_elided,
            .syncs = figures.syncs,
            .bytes_written = figures.bytes_written,
            .bytes_rewritten = figures.bytes_rewritten};
}

}  // namespace holdfast
