// What the store has of a session's messages: written before they are sent, settled when they are done
// with, read back when they are not in memory. docs/decisions/0006-what-survives-a-restart.md.

#include "codec/codec.hpp"
#include "session/connection.hpp"
#include "session/journal.hpp"
#include "session/queue_record.hpp"
#include "session/session.hpp"
#include "session/session_record.hpp"

#include <algorithm>
#include <limits>

namespace holdfast::session {

namespace {

/// Identifiers of messages without a position start far from those that follow from positions.
constexpr PacketId unstored_identifiers_behind = 0x7FFF;

/// A record's bytes as the memory its message will take, near enough until it is read.
std::size_t footprint_of(std::size_t record_bytes) {
    constexpr std::size_t fixed_fields = 16;
    return record_bytes + sizeof(ApplicationMessage) - std::min(record_bytes, fixed_fields);
}

}  // namespace

void Session::begin_storing(Journal& journal) {
    const std::scoped_lock lock{mutex_};
    if (store_side_) return;
    store_side_ = std::make_unique<StoreSide>(journal, number_);
    inflight_.choose_behind(unstored_identifiers_behind);
}

void Session::on_restored() {
    const std::scoped_lock lock{mutex_};
    store_side_->is_recorded = true;
}

void Session::on_record_begun() {
    const std::scoped_lock lock{mutex_};
    store_side_->on_record_begun();
}

/// A store that fails stops nobody from getting what it has: draining is what makes room again.
void Session::on_recorded(std::error_code error, Actions& actions) {
    const std::scoped_lock lock{mutex_};
    if (!error) store_side_->is_recorded = true;
    is_record_missing = !store_side_->is_recorded;
    store_side_->on_record_done();
    pump(actions);
}

void Session::on_release_done(const Connection& connection, PacketId packet_id,
                              bool is_durable) {
    InflightEntry* const entry = inflight_.find(packet_id);
    if (entry == nullptr || entry->state != InflightState::released) return;
    if (is_durable) {
        entry->is_release_durable = true;
    } else if (is_attached(connection)) {
        if (!resend_) resend_ = std::make_unique<std::vector<PacketId>>();
        resend_->insert(resend_->begin(), packet_id);  // last first: after all others
    }
}

// --- Into the store

/// In the queue first, also when it could be sent now. QoS 1 is sent once its commit has begun, so that no
/// settlement can overtake it. QoS 2 is sent once it is durable: else a crash could make the publisher
/// publish anew what the client has already.
router::DeliveryOutcome Session::deliver_stored(OutboundMessage outbound, Actions& actions) {
    if (is_record_missing) {
        drop(outbound, DropReason::store_failed, actions);
        return router::DeliveryOutcome::refused;
    }
    const bool goes_at_once = nothing_waits() && can_send_new(outbound.qos);
    if (!goes_at_once) {
        if (const auto dropped = make_room(outbound, actions)) return *dropped;
    }
    store_side_->append(outbound, actions);
    store_side_->hold(outbound.position, false);
    const auto kind = outbound.qos == QoS::exactly_once ? QueuedChange::Kind::durable_append
                                                        : QueuedChange::Kind::append;
    actions.notes.queued.push_back({this, outbound.position, kind});
    push_back(std::move(outbound), actions);
    return router::DeliveryOutcome::accepted;
}

bool Session::can_settle(store::Position position) const {
    return !store_side_ || store_side_->can_settle(position);
}

void Session::on_commit_begun(store::Position position, bool is_ready, Actions& actions) {
    if (is_ready) return on_durable(position, actions);
    const std::scoped_lock lock{mutex_};
    store_side_->on_commit_begun(position);
}

void Session::on_durable(store::Position position, Actions& actions) {
    const std::scoped_lock lock{mutex_};
    if (ended_) return;
    store_side_->release(position);
    pump(actions);
}

void Session::on_not_kept(store::Position position, Actions& actions) {
    const std::scoped_lock lock{mutex_};
    if (ended_) return;
    settle(position, actions);  // a restart might bring it back
    InflightEntry* const sent = inflight_.find(derived_packet_id(position));
    if (sent != nullptr && sent->outbound.position == position) {
        sent->outbound.position = store::before_first;  // on its way, but no more than in memory
        return;
    }
    store_side_->release(position);
    if (const auto removed = queue_ ? queue_->remove(position) : std::nullopt) {
        count_out(removed->bytes, actions);
        drops_.tell(client_id_, removed->outbound ? removed->outbound->message->topic() : "",
                    DropReason::store_failed, actions);
    }
    pump(actions);
}

void Session::settle(const OutboundMessage& outbound, Actions& actions) {
    if (outbound.is_stored()) settle(outbound.position, actions);
}

void Session::settle(store::Position position, Actions& actions) {
    if (!store_side_ || ended_) return;  // the queue of an ended session is dropped whole
    store_side_->settle(position, actions);
}

/// Whether the message at the front can be sent with the identifier it has. One whose identifier is still
/// in use, by a message that is not acknowledged since 65,535 others, gets another: then it waits until
/// the store knows, because a client must see the same one after a crash. [MQTT5-4.3.3-3]
bool Session::has_identifier(Waiting& front, Actions& actions) {
    OutboundMessage& outbound = front.outbound;
    if (!outbound.is_stored()) return true;
    if (!store_side_->can_send(outbound.position)) return false;
    if (inflight_.find(packet_id_of(outbound)) == nullptr) return true;
    if (!outbound.extra) outbound.extra = std::make_unique<OutboundExtra>();
    outbound.extra->packet_id = inflight_.find_free();
    store_side_->remark(outbound.position, queue_mark_of(outbound), actions);
    actions.notes.queued.push_back({.session = this,
                                    .position = outbound.position,
                                    .kind = QueuedChange::Kind::rename});
    store_side_->hold(outbound.position, true);
    return false;
}

/// PUBREL promises that the message is never sent again, so the store must know first.
void Session::send_pubrel(InflightEntry& entry, Actions& actions) {
    Link& link = connection_->link();
    const codec::Pubrel pubrel{.packet_id = entry.packet_id};
    if (!entry.outbound.is_stored() || entry.is_release_durable) {
        codec::encode(link.outbox.buffer(), link.version, pubrel);
        actions.counters.add(Counter::packets_sent);
        connection_->schedule_flush(actions);
        return;
    }
    const store::Position position = entry.outbound.position;
    const bool is_derived = entry.packet_id == derived_packet_id(position);
    const QueueMark mark{.packet_id = is_derived ? PacketId{0} : entry.packet_id,
                         .qos = QoS::exactly_once,
                         .is_released = true};
    store_side_->remark(position, mark, actions);
    HeldAnswer held{.after = actions.commits_begun,
                    .commit = actions.commit_of_changes(),
                    .connection = connection_,
                    .bytes = {},
                    .if_not_kept = HeldAnswer::IfNotKept::retry_pubrel,
                    .packet_id = entry.packet_id};
    codec::encode(held.bytes, link.version, pubrel);
    actions.held_answers.push_back(std::move(held));
}

// --- Out of the store

/// Asks for the next page when little is left in memory.
void Session::read_ahead(Actions& actions) {
    if (store_side_->is_reading || !queue_->wants_page()) return;
    store_side_->is_reading = true;
    store_side_->journal().read_queue(*this, queue_->page_after(),
                                      store_side_->readable_through(), actions);
}

void Session::on_page(std::error_code error, const store::QueuePage& page,
                      store::Position through, Actions& actions) {
    const std::scoped_lock lock{mutex_};
    if (ended_) return;
    store_side_->is_reading = false;
    if (error || !has_queue()) return;  // the next sweep asks again
    const WallOffset offset = store_side_->journal().offset();
    const auto lost = [&](const StoredLine& line) {
        drop_line(line, DropReason::store_failed, actions);
    };
    for (const store::QueuedRecord& record : page.records) {
        if (queue_->seek(record.position, through, lost)) take_record(record, offset, actions);
    }
    constexpr store::Position end{std::numeric_limits<std::uint64_t>::max()};
    if (page.is_last) static_cast<void>(queue_->seek(end, through, lost));
    pump(actions);
}

/// The message of the oldest line, which is now in memory or dropped.
void Session::take_record(const store::QueuedRecord& record, WallOffset offset, Actions& actions) {
    const StoredLine line = queue_->take_line();
    const auto mark = decode_queue_mark(record.mark);
    auto decoded = mark ? decode_queue_record(record, *mark, offset)
                        : delivery::Recovered<OutboundMessage>{delivery::RecordError{}};
    if (decoded.has_error()) return drop_line(line, DropReason::store_failed, actions);
    const Instant since = decoded->message->accepted_at();
    Waiting waiting{std::move(*decoded), since};
    waiting.outbound.is_perhaps_sent = line.is_perhaps_sent;
    count_out(line.bytes, actions);
    if (const auto reason = reason_to_drop(waiting, actions.now)) {
        return drop(waiting.outbound, *reason, actions);
    }
    count_in(waiting.outbound.message->footprint(), actions);
    queue_->load(std::move(waiting));
}

void Session::drop_line(const StoredLine& line, DropReason reason, Actions& actions) {
    count_out(line.bytes, actions);
    settle(line.position, actions);
    drops_.tell(client_id_, "", reason, actions);
}

void Session::drop_expired_lines(Actions& actions) {
    const auto now = std::chrono::floor<Seconds>(actions.now.time_since_epoch()).count();
    queue_->remove_lines_if([&](const StoredLine& line) {
        const bool is_over = line.ends_at_seconds != StoredLine::no_end &&
                             std::int64_t{line.ends_at_seconds} <= now;
        if (!is_over || line.is_perhaps_sent || !can_settle(line.position)) return false;
        drop_line(line, line.ends_by_age ? DropReason::queue_age : DropReason::expired, actions);
        return true;
    });
    // A page that could not be read is asked for again; one that made room is not waited for.
    if (has_queue() && connection_) pump(actions);
}

// --- After a restart

std::vector<InflightRecord> Session::inflight_records() {
    const std::scoped_lock lock{mutex_};
    std::vector<InflightRecord> records;
    for (const PacketId packet_id : inflight_.in_order()) {
        const InflightEntry& entry = *inflight_.find(packet_id);
        if (!entry.outbound.is_stored()) continue;
        records.push_back({packet_id, entry.state, entry.outbound.position});
    }
    if (!queue_) return records;
    std::vector<bool> is_used(std::size_t{1} << 16);
    for (const InflightRecord& record : records) is_used[record.packet_id] = true;
    queue_->for_each_perhaps_sent([&](store::Position position) {
        // The list says which, not with what identifier: the mark does.
        const PacketId packet_id = derived_packet_id(position);
        if (is_used[packet_id]) return;
        is_used[packet_id] = true;
        records.push_back({packet_id, InflightState::published, position});
    });
    return records;
}

bool Session::restore_message(const store::MarkedPosition& stored, bool is_perhaps_sent,
                              Turn& turn) {
    const std::scoped_lock lock{mutex_};
    const auto mark = decode_queue_mark(stored.mark);
    if (!mark) return false;
    if (mark->is_released) {
        OutboundMessage outbound;
        outbound.qos = QoS::exactly_once;
        outbound.position = stored.position;
        const PacketId packet_id =
            mark->packet_id != 0 ? mark->packet_id : derived_packet_id(stored.position);
        if (inflight_.full() || inflight_.find(packet_id) != nullptr) return false;
        InflightEntry& entry = inflight_.insert(std::move(outbound), packet_id);
        entry.state = InflightState::released;
        entry.is_release_durable = true;
        return true;
    }
    if (!queue_) queue_ = std::make_unique<SessionQueue>();
    const std::size_t bytes = footprint_of(stored.bytes);
    queue_->push_back_stored(stored.position, bytes, is_perhaps_sent);
    turn.counters.add(Counter::messages_accepted);
    turn.counters.add(Counter::queue_messages_in);
    turn.counters.add(Counter::queue_bytes_in, bytes);
    return true;
}

}  // namespace holdfast::session
