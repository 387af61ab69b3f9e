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

PushFeed::PushFeed(const PushSettings& settings, Position cursor, Instant now)
    : settings_(settings), read_through_(cursor), bucket_(settings.events_per_second, now) {}

void PushFeed::add(Entry entry) {
    const Position position = entry.position;
    read_through_ = std::max(read_through_, position);
    entries_.emplace(position, Kept{.entry = std::move(entry)});
}

void PushFeed::set_read_through(Position position) {
    read_through_ = std::max(read_through_, position);
}

void PushFeed::expire(Instant now) {
    totals_.expired += std::erase_if(entries_, [&](const auto& each) {
        return !each.second.is_in_flight && each.second.entry.expires_at <= now;
    });
}

const PushFeed::Entry* PushFeed::next(PushHost& host, Instant now) {
    expire(now);
    if (in_flight_ >= push_in_flight_max) return nullptr;
    std::set<std::string_view> before;  // an earlier one with that order is not done
    for (auto& [position, kept] : entries_) {
        const bool is_first = before.insert(kept.entry.order).second;
        if (!is_first || kept.is_in_flight || kept.not_before > now) continue;
        if (bucket_.room_at(settings_.events_per_second, now) > now) return nullptr;
        if (!host.may_try(now)) return nullptr;
        static_cast<void>(bucket_.try_take(settings_.events_per_second, now));
        kept.is_in_flight = true;
        ++in_flight_;
        return &kept.entry;
    }
    return nullptr;
}

void PushFeed::on_success(Position position) {
    if (entries_.erase(position) == 0) return;
    --in_flight_;
    ++totals_.pushed;
}

void PushFeed::on_failure(Position position, Instant now, unsigned jitter) {
    const auto found = entries_.find(position);
    if (found == entries_.end()) return;
    --in_flight_;
    ++totals_.failed;
    if (!settings_.retry) {
        entries_.erase(found);
        ++totals_.dropped;
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

}  // namespace holdfast::api
