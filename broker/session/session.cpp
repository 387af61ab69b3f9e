// Attachment, end and counting of a session. Delivery is in session_delivery.cpp.

#include "session/session.hpp"

#include "base/error.hpp"
#include "codec/codec.hpp"
#include "session/connection.hpp"

#include <algorithm>

namespace holdfast::session {

namespace {

/// [MQTT5-4.8.2-5]: QoS 2 once sent goes to nobody else.
bool may_go_to_another(const OutboundMessage& outbound) {
    return !outbound.is_perhaps_sent || outbound.qos == QoS::at_least_once;
}

}  // namespace

Session::Session(ClientId client_id, SessionNumber number, const Limits& limits)
    : client_id_(std::move(client_id)), number_(number), limits_(limits) {}

Session::~Session() = default;

ConnectionPtr Session::attach(Connection& connection, bool session_present, FeedAttachment feed,
                              Actions& actions) {
    const std::scoped_lock lock{mutex_};
    CHECK(!ended_);
    ConnectionPtr before = std::move(connection_);
    connection_ = &connection;
    connected_.store(true, std::memory_order_relaxed);
    if (!before) actions.counters.add(Counter::sessions_attached);
    if (!before && store_side_) store_side_->await_record();
    inbound.start_connection();
    forget_direct(actions);
    if (feed_ && feed_ != feed.feed) return_to_feed(actions);  // the device was deleted and made anew

    // Nobody can deliver before CONNACK is in the outbox: the mutex is held. [MQTT5-3.2.0-1]
    connection.on_attached(this, session_present, actions);
    resend_.reset();
    if (!inflight_.empty()) {
        resend_ = std::make_unique<std::vector<PacketId>>(inflight_.in_order());
        for (const PacketId packet_id : *resend_) inflight_.find(packet_id)->holds_quota = false;
        std::reverse(resend_->begin(), resend_->end());
    }
    feed_ = std::move(feed.feed);
    if (feed_) feed_->attach(*this, std::move(feed.subscriptions), actions);
    pump(actions);
    return before;
}

bool Session::detach(Connection& connection, Actions& actions) {
    const std::scoped_lock lock{mutex_};
    if (!is_attached(connection)) return false;
    connection.close_link();
    connection_.reset();
    count_detached(actions);
    resend_.reset();
    forget_direct(actions);
    if (feed_) feed_->detach(*this, actions);
    return true;
}

void Session::count_detached(Actions& actions) {
    connected_.store(false, std::memory_order_relaxed);
    actions.counters.add(Counter::sessions_detached);
}

EndedSession Session::end(Actions& actions) {
    const std::scoped_lock lock{mutex_};
    ended_ = true;
    EndedSession ended{.connection = std::move(connection_), .shared = {}};
    if (ended.connection) count_detached(actions);
    return_to_feed(actions);

    const auto finish = [&](OutboundMessage& outbound, bool may_move) {
        if (!outbound.message) return;
        if (may_move && outbound.is_shared()) {
            ended.shared.push_back(std::move(outbound));
        } else {
            drop(outbound, DropReason::session_ended, actions);
        }
    };
    for (const PacketId packet_id : inflight_.in_order()) {
        OutboundMessage& outbound = inflight_.find(packet_id)->outbound;
        // [MQTT5-4.8.2-5]: QoS 2 once sent goes to nobody else.
        finish(outbound, outbound.qos == QoS::at_least_once);
    }
    if (queue_) {
        queue_->take_if([](const Waiting&) { return true; },
                        [&](Waiting waiting) {
                            count_out(waiting.outbound.message->footprint(), actions);
                            finish(waiting.outbound, may_go_to_another(waiting.outbound));
                        });
        queue_->remove_lines_if([&](const StoredLine& line) {
            drop_line(line, DropReason::session_ended, actions);
            return true;
        });
    }
    drops_.announce_rest(client_id_, actions);
    inflight_.clear();
    queue_.reset();
    walks_.reset();
    resend_.reset();
    inbound.clear();
    return ended;
}

void Session::end_connection(CloseReason why, Actions& actions) {
    const std::scoped_lock lock{mutex_};
    if (!connection_) return;
    connection_->set_loss_reason(why);
    actions.taken_over.push_back(connection_);
}

std::vector<OutboundMessage> Session::take_shared(std::string_view shared_filter,
                                                  Actions& actions) {
    const std::scoped_lock lock{mutex_};
    const auto is_wanted = [&](const OutboundMessage& outbound) {
        return outbound.is_shared() && *outbound.extra->shared_filter == shared_filter;
    };
    std::vector<OutboundMessage> taken;
    if (!connection_) {
        for (const PacketId packet_id : inflight_.in_order()) {
            InflightEntry& entry = *inflight_.find(packet_id);
            if (entry.outbound.qos != QoS::at_least_once || !is_wanted(entry.outbound)) continue;
            taken.push_back(std::move(entry.outbound));
            inflight_.erase(entry);
        }
    }
    if (queue_) {
        queue_->take_if(
            [&](const Waiting& waiting) {
                return is_wanted(waiting.outbound) && may_go_to_another(waiting.outbound) &&
                       can_settle(waiting.outbound.position);
            },
            [&](Waiting waiting) {
                count_out(waiting.outbound.message->footprint(), actions);
                taken.push_back(std::move(waiting.outbound));
            });
        if (queue_->empty()) queue_.reset();
    }
    return taken;
}

std::vector<PacketId> Session::inbound_identifiers() {
    const std::scoped_lock lock{mutex_};
    return inbound.identifiers();
}

void Session::set_rights(RightsPtr given) {
    const std::scoped_lock lock{mutex_};
    rights.swap(given);
}

RightsPtr Session::rights_now() {
    const std::scoped_lock lock{mutex_};
    return rights;
}

SessionLevels Session::levels() {
    const std::scoped_lock lock{mutex_};
    SessionLevels levels{.inflight_messages = inflight_.unacknowledged()};
    levels.stored_messages = inflight_.stored_count();
    if (queue_) {
        levels.queued_messages = queue_->size();
        levels.queued_bytes = queue_->bytes();
        levels.stored_messages += queue_->stored_count();
    }
    return levels;
}

}  // namespace holdfast::session
