#include "delivery/waiting_messages.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace holdfast::delivery {

namespace {

/// Up to so many are looked at one by one.
constexpr std::size_t hashes_from = 64;

}  // namespace

std::uint32_t hash_of_id(std::string_view message_id) {
    std::uint32_t hash = 2'166'136'261U;  // FNV-1a
    for (const char c : message_id) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
    }
    return hash;
}

void WaitingMessage::set_expires_at(Instant instant) {
    constexpr std::int64_t longest = (std::int64_t{1} << 42) - 1;
    const std::int64_t count = instant.time_since_epoch().count();
    expires_at_ms = static_cast<std::uint64_t>(std::clamp<std::int64_t>(count, 0, longest)) &
                    static_cast<std::uint64_t>(longest);
}

WaitingMessage& WaitingMessages::add(const WaitingMessage& message) {
    CHECK(table_.empty() || table_.back().position < message.position);
    table_.push_back(message);
    count_hash(message.id_hash);
    bytes_ += message.bytes;
    return table_.back();
}

void WaitingMessages::put_back(const WaitingMessage& message) {
    table_.insert(behind(message.position), message);
    count_hash(message.id_hash);
    bytes_ += message.bytes;
}

void WaitingMessages::count_hash(std::uint32_t id_hash) {
    if (!hashes_.empty()) {
        ++hashes_[id_hash];
    } else if (table_.size() > hashes_from) {
        hashes_.reserve(2 * table_.size());
        for (const WaitingMessage& message : table_) ++hashes_[message.id_hash];
    }
}

void WaitingMessages::uncount_hash(std::uint32_t id_hash) {
    if (hashes_.empty()) return;
    const auto counted = hashes_.find(id_hash);
    if (--counted->second == 0) hashes_.erase(counted);
    if (hashes_.empty()) hashes_ = {};
}

void WaitingMessages::find_all(std::uint32_t id_hash, std::vector<store::Position>& found) {
    if (!hashes_.empty() && !hashes_.contains(id_hash)) return;
    for (const WaitingMessage& message : table_) {
        if (message.id_hash == id_hash) found.push_back(message.position);
    }
}

WaitingMessages::iterator WaitingMessages::behind(store::Position position) {
    // Mostly none is missing between the first one and this one: then the distance says where it is.
    if (!table_.empty() && position >= table_.front().position) {
        const auto distance = static_cast<std::size_t>(position) -
                              static_cast<std::size_t>(table_.front().position);
        if (distance < table_.size() && table_[distance].position == position) {
            return table_.nth(distance + 1);
        }
    }
    return std::upper_bound(table_.begin(), table_.end(), position,
                            [](store::Position wanted, const WaitingMessage& message) {
                                return wanted < message.position;
                            });
}

WaitingMessage* WaitingMessages::find(store::Position position) {
    const iterator next = behind(position);
    if (next == table_.begin() || std::prev(next)->position != position) return nullptr;
    return &*std::prev(next);
}

std::size_t WaitingMessages::place_of(store::Position position) {
    return static_cast<std::size_t>(behind(position) - table_.begin()) - 1;
}

WaitingMessage WaitingMessages::take(store::Position position) {
    const iterator next = behind(position);
    CHECK(next != table_.begin() && std::prev(next)->position == position);
    const WaitingMessage message = *std::prev(next);
    table_.erase(std::prev(next));
    uncount_hash(message.id_hash);
    bytes_ -= message.bytes;
    return message;
}

}  // namespace holdfast::delivery
