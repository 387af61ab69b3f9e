#include "api/push_feed.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace holdfast::api {

using store::Position;

bool PushHost::may_try(Instant now) {
    if (!is_blocked()) return true;
    if (is_probing || now < probe_at) return false;
    is_probing = true;
    return true;
}

void PushHost::on_failure(Instant now, const PushSettings& settings) {
    ++failures;
    is_probing = false;
    if (is_blocked()) probe_at = now + settings.probe_interval;
}

void PushFeed::add(Entry entry) {
    const Position position = entry.position;
    look_at(position, entry.bytes);
    set_read_through(position);
    entries_.emplace(position, Kept{.entry = std::move(entry)});
}

void PushFeed::set_read_through(Position position) {
    read_through_ = std::max(read_through_, position);
    set_looked_through(read_through_);
}

void PushFeed::look_at(Position position, std::uint64_t bytes) {
    if (position <= looked_through_) return;
    looked_through_ = position;
    ++waiting_;
    waiting_bytes_ += bytes;
}

void PushFeed::set_looked_through(Position position) {
    looked_through_ = std::max(looked_through_, position);
}

/// What was counted behind the window is not there any more, or is looked at once more.
void PushFeed::skip_to(Position position, std::uint64_t count) {
    totals_.add(PushDrop::gone_from_log, count);
    read_through_ = std::max(read_through_, position);
    looked_through_ = read_through_;
    waiting_ = entries_.size();
    waiting_bytes_ = 0;
    for (const auto& [at, kept] : entries_) waiting_bytes_ += kept.entry.bytes;
}

PushFeed::Entries::iterator PushFeed::remove(Entries::iterator at) {
    --waiting_;
    waiting_bytes_ -= at->second.entry.bytes;
    return entries_.erase(at);
}

std::optional<PushDrop> PushFeed::why_discard(const Kept& kept, Instant now) const {
    if (kept.entry.expires_at <= now) return PushDrop::expired;
    if (!backlog_) return std::nullopt;
    const Instant age_over =
        kept.entry.happened_at +
        (backlog_->is_none() ? push_grace : std::max(backlog_->age_max, push_grace));
    if (age_over <= now) {
        const bool is_by_size = backlog_->bytes_max == 0;
        return is_by_size ? PushDrop::backlog_size : PushDrop::backlog_time;
    }
    const bool is_too_much = !backlog_->is_none() && waiting_bytes_ > backlog_->bytes_max;
    if (is_too_much) return PushDrop::backlog_size;
    return std::nullopt;
}

void PushFeed::discard(Instant now) {
    for (auto at = entries_.begin(); at != entries_.end();) {
        const auto why = at->second.is_in_flight ? std::nullopt : why_discard(at->second, now);
        if (why) totals_.add(*why);
        at = why ? remove(at) : std::next(at);
    }
}

const PushFeed::Entry* PushFeed::next(PushHost& host, const PushFlow& flow, Instant now) {
    discard(now);
    if (in_flight_ >= push_in_flight_max) return nullptr;
    std::set<std::string_view> before;  // an earlier one with that order is not done
    for (auto& [position, kept] : entries_) {
        const bool is_first = before.insert(kept.entry.order).second;
        if (!is_first || kept.is_in_flight || kept.not_before > now) continue;
        if (!flow.has_room(now) || !host.may_try(now)) return nullptr;
        flow.take(now);
        kept.is_in_flight = true;
        ++in_flight_;
        return &kept.entry;
    }
    return nullptr;
}

void PushFeed::on_success(Position position) {
    const auto found = entries_.find(position);
    if (found == entries_.end()) return;
    remove(found);
    --in_flight_;
    ++totals_.pushed;
}

void PushFeed::on_failure(Position position, Instant now, unsigned jitter) {
    const auto found = entries_.find(position);
    if (found == entries_.end()) return;
    --in_flight_;
    ++totals_.failed;
    if (!settings_.retry || (backlog_ && backlog_->is_none())) {
        totals_.add(PushDrop::not_retried);
        remove(found);
        return;
    }
    Kept& kept = found->second;
    kept.is_in_flight = false;
    const Milliseconds longest = push_delay_max;
    const unsigned doublings = std::min(kept.attempts++, 6U);
    const Milliseconds delay = std::min(Milliseconds{1000} * (1U << doublings), longest);
    kept.not_before = now + delay / 2 + delay * jitter / 1000;
}

Position PushFeed::cursor() const {
    if (entries_.empty()) return read_through_;
    return Position{static_cast<std::uint64_t>(entries_.begin()->first) - 1};
}

Milliseconds PushFeed::oldest_age(Instant now) const {
    if (entries_.empty()) return Milliseconds{0};
    return std::max(now - entries_.begin()->second.entry.happened_at, Milliseconds{0});
}

}  // namespace holdfast::api
