#include "net/ban_list.hpp"

#include <algorithm>
#include <limits>

namespace holdfast::net {

namespace {

constexpr unsigned doublings_max = 30;

Seconds ban_time_of(const Limits& limits, std::uint32_t times) {
    const unsigned doublings = std::min(times - 1, doublings_max);
    return std::min(limits.ban_time * (std::int64_t{1} << doublings), limits.ban_time_max);
}

}  // namespace

BanList::BanList(const Limits& limits)
    : limits_(limits),
      entries_(limits.watched_entries_max),
      last_end_(std::numeric_limits<std::int64_t>::min()) {}

BanList::Key BanList::key_of(const PeerAddress& peer, std::string_view name) {
    return {peer.network().address, std::string{name.substr(0, name_bytes_max)}};
}

bool BanList::is_exempt(const PeerAddress& peer) const {
    return peer.is_loopback() && !limits_.ban_loopback;
}

std::optional<Ban> BanList::on_failure(const PeerAddress& peer, std::string_view name, Instant now) {
    if (is_exempt(peer)) return std::nullopt;
    const std::scoped_lock lock{mutex_};
    std::optional<Ban> of_name;
    if (!name.empty()) {
        const Key key = key_of(peer, name);
        take_attempt(key);
        of_name = count_failure(key, limits_.login_failures_max, now);
    }
    std::optional<Ban> of_address =
        count_failure(key_of(peer, {}), limits_.login_failures_per_address_max, now);
    return of_address ? of_address : of_name;
}

bool BanList::begin_attempt(const PeerAddress& peer, std::string_view name, Instant now) {
    if (is_exempt(peer)) return true;
    const std::scoped_lock lock{mutex_};
    if (is_entry_banned(key_of(peer, {}), now)) return false;
    if (name.empty() || limits_.login_failures_max == unlimited) return true;
    const auto is_kept = [now](const Entry& entry) { return entry.until > now; };
    const Entry fresh{.window_began = now, .last_failure = now};
    Entry& entry = entries_.use(key_of(peer, name), fresh, is_kept);
    if (entry.until > now) return false;
    forget_old(entry, now);
    if (std::size_t{entry.failures} + entry.attempts >= limits_.login_failures_max) return false;
    ++entry.attempts;
    return true;
}

/// An entry that was pushed out meanwhile has no attempts any more.
BanList::Entry* BanList::take_attempt(const Key& key) {
    Entry* const entry = entries_.find(key);
    if (entry != nullptr && entry->attempts != 0) --entry->attempts;
    return entry;
}

void BanList::end_attempt(const PeerAddress& peer, std::string_view name, Instant now) {
    if (is_exempt(peer) || name.empty()) return;
    const std::scoped_lock lock{mutex_};
    const Key key = key_of(peer, name);
    const Entry* const entry = take_attempt(key);
    if (entry == nullptr) return;
    const bool says_nothing = entry->attempts == 0 && entry->failures == 0 && entry->times == 0;
    if (says_nothing && entry->until <= now) entries_.erase(key);
}

void BanList::forget_old(Entry& entry, Instant now) const {
    const auto is_older = [now](Instant when, Seconds age) { return now - when > age; };
    if (is_older(entry.last_failure, limits_.ban_time_max * 2)) entry.times = 0;
    const bool has_served_its_ban = entry.until > entry.window_began;
    if (has_served_its_ban || is_older(entry.window_began, limits_.login_failures_window)) {
        entry.failures = 0;
        entry.window_began = now;
    }
}

std::optional<Ban> BanList::count_failure(const Key& key, std::size_t failures_max, Instant now) {
    if (failures_max == unlimited) return std::nullopt;
    const auto is_kept = [now](const Entry& entry) { return entry.until > now; };
    Entry& entry = entries_.use(key, Entry{.window_began = now, .last_failure = now}, is_kept);
    if (entry.until > now) return std::nullopt;  // it was asked before the ban began
    forget_old(entry, now);
    entry.last_failure = now;
    if (entry.failures < std::numeric_limits<std::uint32_t>::max()) ++entry.failures;
    if (entry.failures < failures_max) return std::nullopt;
    if (entry.times < std::numeric_limits<std::uint32_t>::max()) ++entry.times;
    entry.number = next_number_++;
    entry.until = now + ban_time_of(limits_, entry.times);
    const std::int64_t end = entry.until.time_since_epoch().count();
    if (end > last_end_.load(std::memory_order_relaxed)) last_end_.store(end);
    return ban_of(key, entry);
}

void BanList::on_success(const PeerAddress& peer, std::string_view name, Instant now) {
    if (is_exempt(peer) || name.empty()) return;
    const std::scoped_lock lock{mutex_};
    const Key key = key_of(peer, name);
    Entry* const entry = take_attempt(key);
    if (entry == nullptr || entry->until > now) return;
    entry->failures = 0;
    entry->times = 0;
    if (entry->attempts == 0) entries_.erase(key);
}

bool BanList::is_banned(const PeerAddress& peer, Instant now) {
    return is_banned(peer, {}, now);
}

bool BanList::is_banned(const PeerAddress& peer, std::string_view name, Instant now) {
    if (now.time_since_epoch().count() >= last_end_.load(std::memory_order_relaxed)) return false;
    if (is_exempt(peer)) return false;
    const std::scoped_lock lock{mutex_};
    if (is_entry_banned(key_of(peer, {}), now)) return true;
    return !name.empty() && is_entry_banned(key_of(peer, name), now);
}

bool BanList::is_entry_banned(const Key& key, Instant now) {
    const Entry* const entry = entries_.find(key);
    return entry != nullptr && entry->until > now;
}

Ban BanList::ban_of(const Key& key, const Entry& entry) {
    return {.number = entry.number,
            .network = {.address = key.first, .port = 0},
            .name = key.second,
            .until = entry.until,
            .failures = entry.failures,
            .times = entry.times};
}

std::vector<Ban> BanList::list(Instant now) {
    std::vector<Ban> bans;
    if (now.time_since_epoch().count() >= last_end_.load(std::memory_order_relaxed)) return bans;
    {
        const std::scoped_lock lock{mutex_};
        entries_.for_each([&](const Key& key, const Entry& entry) {
            if (entry.until > now) bans.push_back(ban_of(key, entry));
        });
    }
    std::ranges::sort(bans, {}, &Ban::number);
    return bans;
}

std::size_t BanList::count(Instant now) { return list(now).size(); }

bool BanList::lift(std::uint64_t number, Instant now) {
    const std::scoped_lock lock{mutex_};
    std::optional<Key> found;
    entries_.for_each([&](const Key& key, const Entry& entry) {
        if (entry.number == number && entry.until > now) found = key;
    });
    if (found) entries_.erase(*found);
    return found.has_value();
}

}  // namespace holdfast::net
