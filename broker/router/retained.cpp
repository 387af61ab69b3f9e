#include "router/retained.hpp"

#include "base/topic.hpp"
#include "router/topic_order.hpp"

#include <algorithm>
#include <compare>

namespace holdfast::router {

namespace {

/// Entries that next() looks at before it lets others have the mutex.
constexpr int visits_per_lock = 32;
/// Entries that seek() steps over before it descends from the root: neighbours are often near.
constexpr int steps_before_descent = 3;

}  // namespace

bool RetainedMessages::LevelOrder::operator()(std::string_view a, std::string_view b) const {
    return std::is_lt(compare_topics(a, b));
}

RetainedMessages::RetainedMessages(std::size_t messages_max, std::uint64_t hash_seed)
    : messages_max_(messages_max), by_topic_(hash_seed), sweep_(in_order_.end()) {}

RetainedMessages::~RetainedMessages() {
    in_order_.clear_and_dispose([](Entry* entry) { delete entry; });
}

RetainOutcome RetainedMessages::set(const MessagePtr& message) {
    MessagePtr old;  // released after the mutex
    const std::lock_guard lock{mutex_};
    Entry* const entry = by_topic_.find(message->topic());
    // [MQTT5-3.3.1-6] [MQTT5-3.3.1-7] [MQTT3-3.3.1-10] [MQTT3-3.3.1-11]
    if (message->payload().empty()) {
        if (entry == nullptr) return RetainOutcome::nothing_to_clear;
        old = take_out(*entry);
        return RetainOutcome::cleared;
    }
    // [MQTT5-3.3.1-5] [MQTT3-3.3.1-5] [MQTT3-3.3.1-7]
    if (entry != nullptr) {
        bytes_ += message->footprint() - entry->message->footprint();
        old = std::exchange(entry->message, message);
        entry->sequence = ++sequence_;
        return RetainOutcome::replaced;
    }
    if (by_topic_.size() >= messages_max_) return RetainOutcome::refused;
    auto* const added = new Entry{message, ++sequence_};
    by_topic_.insert(*added);
    in_order_.insert(*added);
    bytes_ += message->footprint();
    return RetainOutcome::stored;
}

MessagePtr RetainedMessages::take_out(Entry& entry) {
    const auto position = in_order_.iterator_to(entry);
    if (sweep_ == position) ++sweep_;
    by_topic_.erase(entry);
    in_order_.erase(position);
    bytes_ -= entry.message->footprint();
    MessagePtr message = std::move(entry.message);
    delete &entry;
    return message;
}

MessagePtr RetainedMessages::find(std::string_view topic, Instant now) const {
    const std::lock_guard lock{mutex_};
    const Entry* const entry = by_topic_.find(topic);
    if (entry == nullptr || entry->message->is_expired(now)) return nullptr;
    return entry->message;
}

RetainedCursor RetainedMessages::open(std::string_view filter) const {
    RetainedCursor cursor;
    cursor.filter = filter;
    const std::lock_guard lock{mutex_};
    cursor.up_to_sequence = sequence_;
    return cursor;
}

MessagePtr RetainedMessages::next(RetainedCursor& cursor, Instant now) const {
    if (!has_wildcard(cursor.filter)) return next_exact(cursor, now);
    std::string seek_to;
    while (true) {
        const std::lock_guard lock{mutex_};
        auto entry = resume(cursor);
        for (int visits = 0; visits < visits_per_lock; ++visits) {
            if (entry == in_order_.end()) return nullptr;
            const MessagePtr& message = entry->message;
            const WalkStep step = judge_topic(cursor.filter, message->topic(), seek_to);
            if (step == WalkStep::end) return nullptr;
            const bool is_meant = step == WalkStep::match &&
                                  entry->sequence <= cursor.up_to_sequence &&
                                  !message->is_expired(now);
            if (is_meant || visits + 1 == visits_per_lock) {
                cursor.started = true;
                cursor.after = message->topic();
            }
            if (is_meant) return message;
            entry = step == WalkStep::match ? std::next(entry) : seek(entry, seek_to);
        }
    }
}

MessagePtr RetainedMessages::next_exact(RetainedCursor& cursor, Instant now) const {
    if (std::exchange(cursor.started, true)) return nullptr;
    const std::lock_guard lock{mutex_};
    const Entry* const entry = by_topic_.find(cursor.filter);
    if (entry == nullptr || entry->sequence > cursor.up_to_sequence) return nullptr;
    return entry->message->is_expired(now) ? nullptr : entry->message;
}

RetainedMessages::Ordered::const_iterator RetainedMessages::resume(
    const RetainedCursor& cursor) const {
    if (!cursor.started) return in_order_.begin();
    if (Entry* const last = by_topic_.find(cursor.after)) {
        return std::next(in_order_.iterator_to(*last));
    }
    return in_order_.upper_bound(std::string_view{cursor.after});
}

RetainedMessages::Ordered::const_iterator RetainedMessages::seek(Ordered::const_iterator from,
                                                                 std::string_view topic) const {
    for (int step = 0; step < steps_before_descent; ++step) {
        ++from;
        if (from == in_order_.end() ||
            std::is_gteq(compare_topics(from->message->topic(), topic))) {
            return from;
        }
    }
    return in_order_.lower_bound(topic);
}

std::size_t RetainedMessages::remove_expired(Instant now, std::size_t visits_max) {
    const std::lock_guard lock{mutex_};
    std::size_t removed = 0;
    const std::size_t visits = std::min(visits_max, by_topic_.size());
    for (std::size_t visit = 0; visit < visits; ++visit) {
        if (sweep_ == in_order_.end()) sweep_ = in_order_.begin();
        Entry& entry = *sweep_++;
        if (!entry.message->is_expired(now)) continue;
        const MessagePtr expired = take_out(entry);
        ++removed;
    }
    return removed;
}

std::size_t RetainedMessages::count() const {
    const std::lock_guard lock{mutex_};
    return by_topic_.size();
}

std::size_t RetainedMessages::bytes() const {
    const std::lock_guard lock{mutex_};
    return bytes_;
}

}  // namespace holdfast::router
