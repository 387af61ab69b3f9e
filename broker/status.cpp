#include "status.hpp"

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

api::Levels Status::levels() const {
    api::Levels levels;
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
    return levels;
}

}  // namespace holdfast
