#pragma once
// WaitingMessages: what a loaded device queue knows of each message that is accepted and not finished, in
// the order of acceptance: 32 bytes each. Bodies are in the store. Messages leave mostly from the front,
// so the table is a deque in which a removal moves only what is nearer to its end. A long one also counts
// the identifiers' hashes, so that a new identifier is known to be new without looking at all.
// Owned and guarded by a DeviceQueue.

#include "base/time.hpp"
#include "delivery/device_topics.hpp"
#include "store/store.hpp"

#include <boost/container/deque.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace holdfast::delivery {

/// Tells message identifiers apart in nearly all cases; equal ones are compared in their records.
[[nodiscard]] std::uint32_t hash_of_id(std::string_view message_id);

struct WaitingMessage {
    store::Position position{};
    std::uint64_t expires_at_ms : 42;   ///< of the steady clock; past ones may be 0
    std::uint64_t attempts : 8;         ///< times it was sent, at most 255
    std::uint64_t is_in_flight : 1;     ///< with the session; otherwise it waits
    std::uint64_t is_perhaps_sent : 1;  ///< goes out with DUP the next time
    std::uint64_t is_marked_sent : 1;   ///< the mark in the store says so, see device_queue.hpp
    std::uint64_t is_durable : 1;
    std::uint64_t is_only_now : 1;  ///< ttl 0
    std::uint32_t id_hash = 0;
    std::uint32_t bytes = 0;  ///< of its record
    DeviceTopics::Index topic = 0;
    std::uint32_t accepted_at_seconds = 0;  ///< since 1970

    WaitingMessage()
        : expires_at_ms(0),
          attempts(0),
          is_in_flight(0),
          is_perhaps_sent(0),
          is_marked_sent(0),
          is_durable(0),
          is_only_now(0) {}
    [[nodiscard]] Instant expires_at() const {
        return Instant{Milliseconds{static_cast<std::int64_t>(expires_at_ms)}};
    }
    void set_expires_at(Instant instant);
    void count_attempt() {
        if (attempts < 255) ++attempts;
    }
};
static_assert(sizeof(WaitingMessage) == 32);

class WaitingMessages {
public:
    using Table = boost::container::deque<WaitingMessage>;
    using iterator = Table::iterator;

    /// Precondition: its position is behind all others.
    WaitingMessage& add(const WaitingMessage& message);
    /// Where it was before. Precondition: it is not there.
    void put_back(const WaitingMessage& message);
    [[nodiscard]] WaitingMessage* find(store::Position position);
    /// Adds the positions of those whose identifier has that hash.
    void find_all(std::uint32_t id_hash, std::vector<store::Position>& found);
    /// The first one behind `position`.
    [[nodiscard]] iterator behind(store::Position position);
    /// How many are before it. Precondition: it is there.
    [[nodiscard]] std::size_t place_of(store::Position position);
    /// Removes it and returns what it was. Precondition: it is there.
    WaitingMessage take(store::Position position);

    [[nodiscard]] iterator begin() { return table_.begin(); }
    [[nodiscard]] iterator end() { return table_.end(); }
    [[nodiscard]] bool empty() const { return table_.empty(); }
    [[nodiscard]] std::size_t count() const { return table_.size(); }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

private:
    void count_hash(std::uint32_t id_hash);
    void uncount_hash(std::uint32_t id_hash);

    Table table_;
    /// How many have each hash; empty while there are few.
    boost::unordered_flat_map<std::uint32_t, std::uint32_t> hashes_;
    std::size_t bytes_ = 0;
};

}  // namespace holdfast::delivery
