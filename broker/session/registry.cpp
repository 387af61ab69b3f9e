#include "session/registry.hpp"

#include "base/error.hpp"
#include "base/topic.hpp"
#include "session/connection.hpp"
#include "session/journal.hpp"
#include "session/session_record.hpp"

#include <algorithm>

namespace holdfast::session {

Registry::Registry(const Limits& limits, router::Router& router, Journal* journal)
    : limits_(limits), router_(router), journal_(journal) {}

Registry::~Registry() { rotation_.clear(); }

namespace {

/// Whether a CONNECT finds the end of the session rather than the session. One without expiry ends with
/// its connection, also when that is closed by this CONNECT. [MQTT5-3.1.2-4] [MQTT3-3.1.2-6]
bool is_over(const Session& session, bool clean_start, Instant now) {
    return clean_start || session.expiry_interval.count() == 0 || session.expires_at <= now;
}

}  // namespace

Registry::Connected Registry::connect(Connection& connection, ConnectRequest request,
                                      Actions& actions) {
    SessionPtr session;
    {
        const std::scoped_lock lock{mutex_};
        const auto known = sessions_.find(request.client_id);
        if (known != sessions_.end()) session = *known;
        const bool is_there = session && session->expires_at > actions.now;
        if (is_there && !session->belongs_to(request.user_name)) return Connected::not_the_owner;
        if (session && is_over(*session, request.clean_start, actions.now)) {
            end_session(*session, actions);
            session.reset();
        }
        const bool session_present = session != nullptr;  // [MQTT5-3.2.2-2] [MQTT5-3.2.2-3]
        if (!session) {
            if (sessions_.size() >= limits_.sessions_max) return Connected::too_many_sessions;
            session = make_session(request.client_id, static_cast<SessionNumber>(next_number_++));
            actions.counters.add(Counter::sessions_created);
        }
        unschedule(*session);
        session->set_owner(request.user_name);
        // The rules may have changed while it was away, perhaps with another process.
        if (session_present && request.rights) {
            review_subscriptions_of(*session, *request.rights, actions);
        }
        session->set_rights(std::move(request.rights));
        const ConnectionPtr before = attach(*session, connection, session_present,
                                            std::move(request.feed), actions);
        if (before) {
            actions.taken_over.push_back(before);
            // The old connection is closed: a will without delay is due. [MQTT5-3.1.3-9]
            if (session->will && session->will->delay.count() == 0) leave_will(*session, *before);
        }
        session->will = std::move(request.will);  // one that was delayed is cancelled
        session->expiry_interval = request.session_expiry;
        session->expires_at = never;
        if (journal_ != nullptr) journal_->session_changed(*session, actions);
        if (!session_present && session->is_remembered) connection.depend_on_record(actions);
    }
    return Connected::yes;
}

/// A device's feed gets the subscriptions that its messages may be sent by while none of them can change.
ConnectionPtr Registry::attach(Session& session, Connection& connection, bool session_present,
                               delivery::DeviceFeedPtr feed, Actions& actions) {
    if (!feed) return session.attach(connection, session_present, {}, actions);
    return router_.read(actions.shard, [&](const router::SubscriptionTree&) {
        FeedAttachment attachment{.feed = std::move(feed), .subscriptions = {}};
        session.filters.for_each([&](const router::Filter& filter) {
            if (filter.is_shared()) return;
            const router::Subscription* found = router::SubscriptionTree::find(filter, session);
            attachment.subscriptions.push_back(
                {std::string{filter.text()}, found->options.maximum_qos});
        });
        return session.attach(connection, session_present, std::move(attachment), actions);
    });
}

SessionPtr Registry::restore(SessionRecord record, Turn& turn) {
    const std::scoped_lock lock{mutex_};
    const auto number = static_cast<SessionNumber>(record.queue);
    next_number_ = std::max(next_number_, static_cast<std::uint64_t>(number) + 1);
    const SessionPtr session = make_session(record.client_id, number);
    session->is_owner_known = record.owner.has_value();
    if (record.owner) session->set_owner(*record.owner);
    session->expiry_interval = record.expiry_interval;
    // One that was connected when the process ended loses its connection now.
    session->expires_at = record.expires_at != never
                              ? record.expires_at
                              : deadline_after(turn.now, record.expiry_interval);
    if (record.will) session->will = std::make_unique<Will>(std::move(*record.will));
    if (session->will) {
        const bool is_known = record.will_due_at != never;
        session->will->due_at = is_known ? record.will_due_at : turn.now + session->will->delay;
    }
    session->is_remembered = true;
    session->begin_storing(*journal_);
    session->on_restored();
    schedule(*session);
    turn.counters.add(Counter::sessions_created);
    return session;
}

SessionPtr Registry::make_session(std::string_view client_id, SessionNumber number) {
    SessionPtr session{new Session(ClientId{client_id}, number, limits_)};
    sessions_.insert(session);
    rotation_.push_back(*session);
    return session;
}

/// The session's end, with the registry locked: nothing of it can be found afterwards.
void Registry::end_session(Session& session, Actions& actions) {
    const SessionPtr keep{&session};
    unschedule(session);
    store::Batch end_in_store;
    router_.update([&](router::SubscriptionTree& tree) {
        session.unsubscribed_for_ever = true;
        if (journal_ != nullptr) end_in_store = Journal::end_of(session);
        actions.counters.add(Counter::subscriptions_removed, session.filters.size());
        session.filters.for_each(
            [&](const router::Filter& filter) { tree.unsubscribe(filter, session); });
        session.filters.clear();
    });
    EndedSession ended = session.end(actions);
    if (ended.connection) {
        leave_will(session, *ended.connection);
        actions.taken_over.push_back(std::move(ended.connection));
    }
    redeliver(ended.shared, session, actions);
    if (const WillPtr will = std::move(session.will)) {  // [MQTT5-3.1.2-8]
        publish(*will, session, {.batch = std::move(end_in_store), .recorded = nullptr}, actions);
    } else if (journal_ != nullptr) {
        journal_->commit(std::move(end_in_store), actions);
    }
    sessions_.erase(keep);
    rotation_.erase(rotation_.iterator_to(session));
    actions.counters.add(Counter::sessions_ended);
}

void Registry::end_connection(std::string_view client_id, CloseReason why, Actions& actions) {
    const SessionPtr session = find(client_id);
    if (session) session->end_connection(why, actions);
}

void Registry::end(std::string_view client_id, CloseReason why, Actions& actions) {
    const std::scoped_lock lock{mutex_};
    const auto known = sessions_.find(client_id);
    if (known == sessions_.end()) return;
    const SessionPtr session = *known;
    session->end_connection(why, actions);
    end_session(*session, actions);
}

/// The will of a connection that loses its session to another one. Its client may have sent a
/// DISCONNECT that was not read yet: whether the will is due is known when `before` is closed, on its
/// own shard.
void Registry::leave_will(Session& session, Connection& before) {
    if (session.will) before.will_left = std::move(session.will);
}

void Registry::on_disconnect_packet(Connection& connection, bool discard_will,
                                    std::optional<Seconds> new_expiry) {
    Session& session = *connection.session();
    const std::scoped_lock lock{mutex_};
    {
        const std::scoped_lock session_lock{session.mutex()};
        if (!session.is_attached(connection)) {
            // The packet was sent before the takeover, whichever was read first.
            if (discard_will) connection.will_left.reset();
            return;
        }
    }
    if (discard_will) session.will.reset();  // [MQTT5-3.14.4-3] [MQTT3-3.14.4-3]
    if (new_expiry) session.expiry_interval = *new_expiry;
}

bool Registry::disconnect(Connection& connection, Actions& actions) {
    const SessionPtr session = connection.session();
    bool was_attached = false;
    bool is_over = false;
    {
        const std::scoped_lock lock{mutex_};
        was_attached = session->detach(connection, actions);
        is_over = session->expiry_interval.count() == 0;
        if (!was_attached) {
            const WillPtr left = std::move(connection.will_left);
            if (left) publish(*left, *session, {}, actions);
        } else if (is_over) {
            end_session(*session, actions);  // [MQTT5-3.1.2-23]
        } else {
            session->expires_at = deadline_after(actions.now, session->expiry_interval);
            WillPtr due;
            if (session->will && session->will->delay.count() == 0) due = std::move(session->will);
            if (session->will) session->will->due_at = actions.now + session->will->delay;
            schedule(*session);
            record(*session, std::move(due), actions);
        }
    }
    if (was_attached && !is_over) move_shared_of(*session, actions);
    return was_attached;
}

// --- Deadlines

void Registry::schedule(Session& session) {
    unschedule(session);
    const Instant due = std::min(session.expires_at, session.will ? session.will->due_at : never);
    if (due == never) return;
    session.scheduled_at = due;
    deadlines_.emplace(due, &session);
}

void Registry::unschedule(Session& session) {
    if (session.scheduled_at == never) return;
    deadlines_.erase({session.scheduled_at, &session});
    session.scheduled_at = never;
}

Instant Registry::next_deadline() const {
    const std::scoped_lock lock{mutex_};
    return deadlines_.empty() ? never : deadlines_.begin()->first;
}

void Registry::on_deadline(Actions& actions) {
    // One at a time: others may connect between them.
    while (finish_one_due(actions)) {}
}

bool Registry::finish_one_due(Actions& actions) {
    const std::scoped_lock lock{mutex_};
    if (deadlines_.empty() || deadlines_.begin()->first > actions.now) return false;
    Session& session = *deadlines_.begin()->second;
    if (session.expires_at <= actions.now) {
        end_session(session, actions);
    } else {
        WillPtr due = std::move(session.will);
        schedule(session);
        record(session, std::move(due), actions);
    }
    return true;
}

void Registry::record(Session& session, WillPtr due, Actions& actions) {
    if (due) {
        const bool is_recorded = journal_ != nullptr;
        publish(*due, session, is_recorded ? journal_->record_of(session) : SessionChange{}, actions);
    } else if (journal_ != nullptr) {
        journal_->session_changed(session, actions);
    }
}

/// `change`: what takes the will out of the store. In one batch with what becomes of it, so that no crash
/// loses it or sends it twice; with the registry locked, so that no later change can come before.
void Registry::publish(const Will& will, Session& publisher, SessionChange change,
                       Actions& actions) {
    const ApplicationMessage& from = *will.message;
    Instant expires_at = never;
    if (will.message_expiry) expires_at = deadline_after(actions.now, *will.message_expiry);
    if (journal_ != nullptr) journal_->begin_publication(std::move(change), actions);
    const RightsPtr rights = publisher.rights_now();
    if (rights && !rights->may_publish(from.topic(), from.qos(), from.retain())) {
        // Any more: it might when it connected.
        actions.counters.add(Counter::publish_refused);
        if (journal_ != nullptr) journal_->end_publication(actions);
        return;
    }
    router_.publish(MessageParts{.topic = from.topic(),
                                 .payload = from.payload(),
                                 .properties = from.properties(),
                                 .qos = from.qos(),
                                 .retain = from.retain(),  // [MQTT5-3.1.2-14] [MQTT5-3.1.2-15]
                                 .accepted_at = actions.now,
                                 .expires_at = expires_at,
                                 .publisher = publisher.number()},
                    actions);
    if (journal_ != nullptr) journal_->end_publication(actions);
    actions.counters.add(Counter::wills_published);
}

// --- Messages of shared subscriptions that their member cannot take

/// Each goes from one queue to the other in one batch: a crash loses none.
void Registry::redeliver(Moved& moved, const Session& from, Actions& actions) {
    DropNotice homeless{.client_id = {}, .reason = DropReason::session_ended, .topic = {}, .count = 0};
    for (OutboundMessage& outbound : moved) {
        if (outbound.is_stored()) {
            actions.changes.settle(queue_of(from.number()), outbound.position);
            actions.notes.settled.push_back({queue_of(from.number()), outbound.position});
        }
        const bool is_taken = router_.redeliver(*outbound.extra->shared_filter, outbound.message,
                                                &from, actions);
        if (is_taken) {
            actions.counters.add(Counter::messages_moved);
        } else {  // nobody is left in the group
            actions.counters.add(DropReason::session_ended);
            homeless.topic = outbound.message->topic();
            ++homeless.count;
        }
    }
    if (homeless.count != 0) actions.drop_notices.push_back(std::move(homeless));
    moved.clear();
}

void Registry::move_shared(Session& session, std::string_view shared_filter, Actions& actions) {
    if (!router_.has_other_member(shared_filter, session, actions.shard)) return;
    Moved moved = session.take_shared(shared_filter, actions);
    redeliver(moved, session, actions);
}

void Registry::move_shared_of(Session& session, Actions& actions) {
    std::vector<std::string> groups;
    router_.read(actions.shard, [&](const router::SubscriptionTree&) {
        session.filters.for_each([&](const router::Filter& filter) {
            if (filter.is_shared()) groups.emplace_back(filter.text());
        });
    });
    std::sort(groups.begin(), groups.end());  // the order of a hash table does not show
    for (const std::string& group : groups) move_shared(session, group, actions);
}

// --- Sweeping and counting

void Registry::sweep(std::size_t visits_max, Actions& actions) {
    std::vector<SessionPtr> visited;
    {
        const std::scoped_lock lock{mutex_};
        const std::size_t visits = std::min(visits_max, sessions_.size());
        visited.reserve(visits);
        for (std::size_t i = 0; i < visits; ++i) {
            visited.emplace_back(&rotation_.front());
            rotation_.splice(rotation_.end(), rotation_, rotation_.begin());
            Session& session = *visited.back();
            if (session.is_record_missing) journal_->session_changed(session, actions);
        }
    }
    for (const SessionPtr& session : visited) session->drop_expired(actions);
}

SessionTotals Registry::totals() {
    const std::scoped_lock lock{mutex_};
    SessionTotals totals;
    totals.sessions = sessions_.size();
    for (Session& session : rotation_) {
        const SessionLevels levels = session.levels();
        totals.connected += session.is_connected() ? 1 : 0;
        totals.queued_messages += levels.queued_messages;
        totals.queued_bytes += levels.queued_bytes;
        totals.inflight_messages += levels.inflight_messages;
        totals.stored_messages += levels.stored_messages;
    }
    return totals;
}

SessionPtr Registry::find(std::string_view client_id) const {
    const std::scoped_lock lock{mutex_};
    const auto known = sessions_.find(client_id);
    return known == sessions_.end() ? nullptr : *known;
}

}  // namespace holdfast::session
