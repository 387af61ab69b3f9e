#include "session/restore.hpp"

#include "delivery/message_record.hpp"
#include "session/session_record.hpp"

#include <array>
#include <utility>

namespace holdfast::session {

namespace {

/// Subscriptions need their sessions.
constexpr std::array steps{store::Table::retained, store::Table::sessions,
                           store::Table::subscriptions};

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
        done_({});
    }
}

void Restore::take(const store::KeyedRecord& record) {
    switch (steps[step_]) {
        case store::Table::retained: return take_retained(record);
        case store::Table::sessions: return take_session(record);
        case store::Table::subscriptions: return take_subscription(record);
        case store::Table::inbound_qos2: break;
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
    into_.registry.restore(std::move(*session), into_.turn);
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

void Restore::tell_damaged(std::string_view key, const std::string& why) {
    ++counts_.damaged;
    const std::string table{name_of(steps[step_])};
    const std::string detail = "the stored " + table + " is left out: " + why;
    into_.events.on_event({.severity = Severity::error,
                           .name = "record_damaged",
                           .client_id = key,
                           .detail = detail});
}

}  // namespace holdfast::session
