#include "session/journal.hpp"

#include "base/error.hpp"
#include "delivery/message_record.hpp"
#include "session/connection.hpp"
#include "session/queue_record.hpp"
#include "session/session.hpp"
#include "session/session_record.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::session {

namespace {

void release_answers(Actions& actions) {
    auto& held = actions.held_answers;
    while (!held.empty() && held.front().commit <= actions.commits_done) {
        const HeldAnswer answer = std::move(held.front());
        held.pop_front();
        // One that only keeps its order waits for no commit of its own.
        const bool has_failed =
            answer.after < answer.commit && actions.last_failed_commit > answer.after;
        answer.connection->on_committed(answer, !has_failed, actions);
    }
}

void settle_again(Actions& actions) {
    for (const store::Batch::Settle& settle : std::exchange(actions.unsettled, {})) {
        actions.changes.settle(settle.queue, settle.position);
        actions.notes.settled.push_back(settle);
    }
}

/// One more commit of this shard is done: what waited for it goes on.
void on_done(Actions& actions, std::error_code error) {
    ++actions.commits_done;
    const CommitNotes notes = std::move(actions.begun_notes.front());
    actions.begun_notes.pop_front();
    if (error) {
        actions.last_failed_commit = actions.commits_done;
        actions.unsettled.insert(actions.unsettled.end(), notes.settled.begin(),
                                 notes.settled.end());
    } else {
        settle_again(actions);
    }
    if (notes.recorded) notes.recorded->on_recorded(error, actions);
    for (const QueuedChange& change : notes.queued) {
        const bool is_rename = change.kind == QueuedChange::Kind::rename;
        if (error && !is_rename) {
            change.session->on_not_kept(change.position, actions);
        } else if (change.kind != QueuedChange::Kind::append) {
            change.session->on_durable(change.position, actions);
        }
    }
    release_answers(actions);
}

constexpr std::size_t page_messages_max = 64;
constexpr std::size_t queue_page_bytes_max = 256 * 1024;

}  // namespace

// --- Commits

void Journal::begin(store::Batch batch, CommitNotes notes, Actions& actions) {
    ++actions.commits_begun;
    actions.begun_notes.push_back(std::move(notes));
    store_.commit(std::move(batch), *actions.executor,
                  [&actions](std::error_code error) { on_done(actions, error); });
}

void Journal::commit_changes(Actions& actions) {
    begin(std::exchange(actions.changes, {}), std::exchange(actions.notes, {}), actions);
}

void Journal::commit(store::Batch batch, Actions& actions) {
    commit({.batch = std::move(batch), .recorded = nullptr}, actions);
}

void Journal::commit(SessionChange change, Actions& actions) {
    if (change.batch.empty()) return;
    // What answers wait for is the next commit, so what was collected goes first.
    if (!actions.changes.empty() && !actions.is_publication_open) commit_changes(actions);
    begin(std::move(change.batch),
          {.recorded = std::move(change.recorded), .queued = {}, .settled = {}}, actions);
}

void Journal::begin_publication(SessionChange change, Actions& actions) {
    while (!actions.changes.empty()) flush(actions);  // which may send, and so settle
    actions.changes = std::move(change.batch);
    actions.notes.recorded = std::move(change.recorded);
    actions.is_publication_open = true;
}

void Journal::end_publication(Actions& actions) {
    actions.is_publication_open = false;
    flush(actions);
}

void Journal::flush(Actions& actions) {
    actions.stored_message.reset();
    actions.stored_value.reset();
    if (actions.changes.empty()) return;
    commit_changes(actions);
    // From now on a settlement cannot overtake the message.
    const CommitNotes& notes = actions.begun_notes.back();
    for (const QueuedChange& change : notes.queued) {
        if (change.kind == QueuedChange::Kind::rename) continue;
        const bool is_ready = change.kind == QueuedChange::Kind::append;
        change.session->on_commit_begun(change.position, is_ready, actions);
    }
}

void Journal::on_routed(Turn& turn) {
    Actions& actions = static_cast<Actions&>(turn);
    // What was only settled can wait for the end of the turn.
    if (!actions.notes.queued.empty()) flush(actions);
}

// --- Sessions and subscriptions

void Journal::session_changed(Session& session, Actions& actions) {
    commit(record_of(session), actions);
    session.is_remembered = session.is_remembered || session.expiry_interval.count() != 0;
}

SessionChange Journal::record_of(Session& session) {
    if (session.expiry_interval.count() == 0 && !session.is_remembered) return {};
    session.begin_storing(*this);
    SessionRecord record{.client_id = session.client_id(),
                         .owner = session.is_owner_known
                                      ? std::optional{std::string{session.owner_name()}}
                                      : std::nullopt,
                         .queue = queue_of(session.number()),
                         .is_connected = session.is_connected(),
                         .expiry_interval = session.expiry_interval,
                         .expires_at = session.expires_at,
                         .will = session.will ? std::optional{*session.will} : std::nullopt,
                         .will_due_at = session.will ? session.will->due_at : never};
    if (!record.is_connected) record.inflight = session.inflight_records();
    store::Batch batch;
    batch.put(store::Table::sessions, session.client_id(),
              std::make_shared<const store::BytesValue>(encode_session_record(record, offset())));
    session.on_record_begun();
    return {.batch = std::move(batch), .recorded = &session};
}

store::Batch Journal::end_of(Session& session) {
    store::Batch batch;
    if (!session.is_remembered) return batch;
    batch.erase(store::Table::sessions, session.client_id());
    session.filters.for_each([&](const router::Filter& filter) {
        remove_subscription(batch, session, filter.text());
    });
    for (const PacketId packet_id : session.inbound_identifiers()) {
        batch.erase(store::Table::inbound_qos2, make_inbound_key(session.client_id(), packet_id));
    }
    batch.drop_queue(queue_of(session.number()));
    return batch;
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

// --- Messages

void Journal::on_retained(const MessagePtr& message, Turn& turn) {
    if (message->topic().starts_with("$SYS/")) return;  // told afresh after every start
    store::Batch batch;
    std::string topic{message->topic()};
    if (message->payload().empty()) {
        batch.erase(store::Table::retained, std::move(topic));
    } else {
        batch.put(store::Table::retained, std::move(topic),
                  delivery::make_message_value(message, offset()));
    }
    commit(std::move(batch), static_cast<Actions&>(turn));
}

store::ValuePtr Journal::value_of(const OutboundMessage& outbound, Actions& actions) const {
    if (needs_extra(outbound)) return make_extra_value(outbound, offset());
    if (actions.stored_message != outbound.message) {
        actions.stored_message = outbound.message;
        actions.stored_value = delivery::make_message_value(outbound.message, offset());
    }
    return actions.stored_value;
}

void Journal::read_queue(Session& session, store::Position after, store::Position through,
                         Actions& actions) {
    store_.read_queue(queue_of(session.number()), after,
                      {.records_max = page_messages_max, .bytes_max = queue_page_bytes_max},
                      *actions.executor,
                      [session = SessionPtr{&session}, through, &actions](
                          std::error_code error, const store::QueuePage& page) {
                          session->on_page(error, page, through, actions);
                      });
}

// --- Inbound QoS 2

std::string make_inbound_key(std::string_view client_id, PacketId packet_id) {
    std::string key;
    key.reserve(client_id.size() + 3);
    key.append(client_id).push_back('\0');  // no Client Identifier contains it
    key.push_back(static_cast<char>(packet_id >> 8));
    key.push_back(static_cast<char>(packet_id & 0xFF));
    return key;
}

store::ValuePtr make_inbound_value(SessionNumber session) {
    store::Bytes bytes;
    delivery::RecordWriter{bytes}.u64(static_cast<std::uint64_t>(session));
    return std::make_shared<const store::BytesValue>(std::move(bytes));
}

std::optional<InboundRecord> decode_inbound(const store::KeyedRecord& record) {
    const std::string_view key = record.key;
    if (key.size() < 4 || key[key.size() - 3] != '\0') return std::nullopt;
    delivery::RecordReader in{record.bytes, "inbound QoS 2 record"};
    const std::uint64_t number = in.u64("session");
    const auto high = static_cast<Byte>(key[key.size() - 2]);
    const auto low = static_cast<Byte>(key[key.size() - 1]);
    const auto packet_id = static_cast<PacketId>(high << 8 | low);
    if (!in.finish() || packet_id == 0) return std::nullopt;
    return InboundRecord{key.substr(0, key.size() - 3), packet_id, SessionNumber{number}};
}

}  // namespace holdfast::session
