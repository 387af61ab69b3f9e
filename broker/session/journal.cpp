#include "session/journal.hpp"

#include "base/wall_offset.hpp"
#include "delivery/message_record.hpp"
#include "session/connection.hpp"
#include "session/session.hpp"
#include "session/session_record.hpp"

namespace holdfast::session {

namespace {

WallOffset offset_of(const Clock& clock) { return {clock.now(), clock.wall_now()}; }

store::QueueId queue_of(const Session& session) {
    return static_cast<store::QueueId>(session.number());
}

/// One more commit of this shard is done: the answers that waited for it go out.
void release(Actions& actions, std::error_code error) {
    ++actions.commits_done;
    auto& held = actions.held_answers;
    while (!held.empty() && held.front().commit <= actions.commits_done) {
        const HeldAnswer answer = std::move(held.front());
        held.pop_front();
        answer.connection->on_committed({answer.bytes.data(), answer.bytes.size()}, !error, actions);
    }
}

}  // namespace

void Journal::commit(store::Batch batch, Actions& actions) {
    if (batch.empty()) return;
    ++actions.commits_begun;
    store_.commit(std::move(batch), *actions.executor,
                  [&actions](std::error_code error) { release(actions, error); });
}

void Journal::session_changed(Session& session, Actions& actions) {
    if (session.expiry_interval.count() == 0 && !session.is_remembered) return;
    SessionRecord record{.client_id = session.client_id(),
                         .queue = queue_of(session),
                         .expiry_interval = session.expiry_interval,
                         .expires_at = session.expires_at,
                         .will = session.will,
                         .will_due_at = session.will ? session.will_due_at : never};
    record.inbound_qos2 = session.inbound_identifiers();
    store::Batch batch;
    batch.put(store::Table::sessions, session.client_id(),
              std::make_shared<const store::BytesValue>(
                  encode_session_record(record, offset_of(clock_))));
    commit(std::move(batch), actions);
    session.is_remembered = true;
}

void Journal::session_ended(Session& session, Actions& actions) {
    if (!session.is_remembered) return;
    store::Batch batch;
    batch.erase(store::Table::sessions, session.client_id());
    for (const router::Filter* filter : session.filters) {
        remove_subscription(batch, session, filter->text());
    }
    batch.drop_queue(queue_of(session));
    commit(std::move(batch), actions);
}

void Journal::add_subscription(store::Batch& batch, const Session& session,
                               const router::Filter& filter) {
    const router::Subscription* made = router::SubscriptionTree::find(filter, session);
    if (made == nullptr) return;
    const SubscriptionRecord record{.options = made->options, .identifier = made->identifier};
    batch.put(store::Table::subscriptions,
              make_subscription_key({session.client_id(), filter.text()}),
              std::make_shared<const store::BytesValue>(encode_subscription_record(record)));
}

void Journal::remove_subscription(store::Batch& batch, const Session& session,
                                  std::string_view filter) {
    batch.erase(store::Table::subscriptions, make_subscription_key({session.client_id(), filter}));
}

void Journal::on_retained(const MessagePtr& message, Turn& turn) {
    if (message->topic().starts_with("$SYS/")) return;  // told afresh after every start
    store::Batch batch;
    std::string topic{message->topic()};
    if (message->payload().empty()) {
        batch.erase(store::Table::retained, std::move(topic));
    } else {
        batch.put(store::Table::retained, std::move(topic),
                  delivery::make_message_value(message, offset_of(clock_)));
    }
    commit(std::move(batch), static_cast<Actions&>(turn));
}

}  // namespace holdfast::session
