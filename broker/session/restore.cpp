#include "session/restore.hpp"

#include "delivery/message_record.hpp"
#include "session/journal.hpp"
#include "session/session_record.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace holdfast::session {

namespace {

/// Subscriptions and identifiers need their sessions.
constexpr std::array steps{store::Table::retained, store::Table::sessions,
                           store::Table::subscriptions, store::Table::inbound_qos2};

/// Devices' queues have the highest bit.
constexpr std::uint64_t device_bit = std::uint64_t{1} << 63;
constexpr std::size_t queues_per_page = 1024;
constexpr std::size_t marks_per_page = 1024;

std::string_view name_of(store::Table table) {
    switch (table) {
        case store::Table::retained: return "retained message";
        case store::Table::sessions: return "session";
        case store::Table::subscriptions: return "subscription";
        case store::Table::inbound_qos2: return "inbound QoS 2 identifier";
        case store::Table::count_: break;
    }
    return "";
}

}  // namespace

Restore::Restore(store::Store& store, store::Executor& executor, const Clock& clock, Into into)
    : store_(store),
      executor_(executor),
      offset_(clock.now(), clock.wall_now()),
      into_(into) {}

void Restore::start(std::function<void(std::error_code)> done) {
    done_ = std::move(done);
    read_next("");
}

void Restore::read_next(std::string after) {
    store_.read_table(steps[step_], std::move(after), {}, executor_,
                      [this](std::error_code error, const store::TablePage& page) {
                          on_page(error, page);
                      });
}

void Restore::on_page(std::error_code error, const store::TablePage& page) {
    if (error) {
        done_(error);
        return;
    }
    for (const store::KeyedRecord& record : page.records) take(record);
    if (!page.is_last) {
        read_next(page.records.back().key);
    } else if (++step_ < steps.size()) {
        read_next("");
    } else {
        read_next_queues(store::QueueId{0});
    }
}

void Restore::take(const store::KeyedRecord& record) {
    switch (steps[step_]) {
        case store::Table::retained: return take_retained(record);
        case store::Table::sessions: return take_session(record);
        case store::Table::subscriptions: return take_subscription(record);
        case store::Table::inbound_qos2: return take_inbound(record);
        case store::Table::count_: break;
    }
}

void Restore::take_retained(const store::KeyedRecord& record) {
    const auto message = delivery::decode_message_record(record.bytes, offset_);
    if (message.has_error()) return tell_damaged(record.key, to_string(message.error()));
    into_.router.retained().set(*message);
    ++counts_.retained;
}

void Restore::take_session(const store::KeyedRecord& record) {
    auto session = decode_session_record(record.bytes, offset_);
    if (session.has_error()) return tell_damaged(record.key, to_string(session.error()));
    Queue queue{.session = nullptr, .was_connected = session->is_connected, .inflight = {}};
    for (const InflightRecord& entry : session->inflight) queue.inflight.push_back(entry.position);
    std::sort(queue.inflight.begin(), queue.inflight.end());
    const store::QueueId identifier = session->queue;
    queue.session = into_.registry.restore(std::move(*session), into_.turn);
    queues_.insert_or_assign(identifier, std::move(queue));
    ++counts_.sessions;
}

void Restore::take_subscription(const store::KeyedRecord& record) {
    const auto key = split_subscription_key(record.key);
    if (key.has_error()) return tell_damaged(record.key, to_string(key.error()));
    const auto subscription = decode_subscription_record(record.bytes);
    if (subscription.has_error()) {
        return tell_damaged(record.key, to_string(subscription.error()));
    }
    const SessionPtr session = into_.registry.find(key->client_id);
    if (!session) return tell_damaged(record.key, "a subscription without its session");
    into_.router.update([&](router::SubscriptionTree& tree) {
        const auto made = tree.subscribe(
            key->filter, {session.get(), subscription->identifier, subscription->options});
        session->filters.insert(made.filter);
        if (made.is_new) into_.turn.counters.add(Counter::subscriptions_added);
    });
    ++counts_.subscriptions;
}

void Restore::take_inbound(const store::KeyedRecord& record) {
    const auto inbound = decode_inbound(record);
    if (!inbound) return tell_damaged(record.key, "it is not what this program writes");
    const SessionPtr session = into_.registry.find(inbound->client_id);
    if (!session || session->number() != inbound->session) {
        leftovers_.erase(store::Table::inbound_qos2, record.key);  // of a session that has ended
        return;
    }
    const std::scoped_lock lock{session->mutex()};
    session->inbound.receive(inbound->packet_id);
}

// --- Queues

void Restore::read_next_queues(store::QueueId after) {
    store_.list_queues(after, queues_per_page, executor_,
                       [this](std::error_code error, const store::QueueList& list) {
                           on_queues(error, list);
                       });
}

void Restore::on_queues(std::error_code error, const store::QueueList& list) {
    if (error) {
        done_(error);
        return;
    }
    for (const auto& [queue, level, last] : list.queues) {
        if ((static_cast<std::uint64_t>(queue) & device_bit) != 0) break;  // they come last
        const auto known = queues_.find(queue);
        if (known == queues_.end()) {
            leftovers_.drop_queue(queue);
        } else if (level.records > 0) {
            unread_.push_back(std::move(known->second));
        }
    }
    if (!list.is_last) return read_next_queues(list.queues.back().queue);
    queues_.clear();
    if (unread_.empty()) return finish();
    read_next_marks(store::before_first);
}

void Restore::read_next_marks(store::Position after) {
    store_.read_marks(queue_of(unread_.back().session->number()), after, marks_per_page, executor_,
                      [this](std::error_code error, const store::MarkPage& page) {
                          on_marks(error, page);
                      });
}

void Restore::on_marks(std::error_code error, const store::MarkPage& page) {
    if (error) {
        done_(error);
        return;
    }
    const Queue& queue = unread_.back();
    for (const store::MarkedPosition& stored : page.records) {
        const bool is_perhaps_sent =
            queue.was_connected || std::binary_search(queue.inflight.begin(), queue.inflight.end(),
                                                      stored.position);
        if (queue.session->restore_message(stored, is_perhaps_sent, into_.turn)) {
            ++counts_.messages;
        } else {
            tell_damaged(queue.session->client_id(), "a message with a mark of no session");
            leftovers_.settle(queue_of(queue.session->number()), stored.position);
        }
    }
    if (!page.is_last) return read_next_marks(page.records.back().position);
    unread_.pop_back();
    if (unread_.empty()) return finish();
    read_next_marks(store::before_first);
}

void Restore::finish() {
    if (leftovers_.empty()) return done_({});
    store_.commit(std::exchange(leftovers_, {}), executor_,
                  [this](std::error_code error) { done_(error); });
}

void Restore::tell_damaged(std::string_view key, const std::string& why) {
    ++counts_.damaged;
    const std::string table{step_ < steps.size() ? name_of(steps[step_]) : "queued message"};
    const std::string detail = "the stored " + table + " is left out: " + why;
    into_.events.on_event({.severity = Severity::error,
                           .name = "record_damaged",
                           .client_id = key,
                           .detail = detail});
}

}  // namespace holdfast::session
