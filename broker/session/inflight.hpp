#pragma once
// Inflight: messages sent to the client and not yet acknowledged, by Packet Identifier, and the
// choice of the next free identifier. Part of the Session State: it outlives connections.
// MQTT 5 sections 2.2.1, 4.3, 4.4. Owns the messages; without any it owns no memory.
// A hash table with open addressing, at most half full, so finding one costs a look or two. The hash
// spreads identifiers that follow one another, and gives each a slot of its own at the largest size.
// Threads: the session's mutex guards it.

#include "session/outbound_message.hpp"

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace holdfast::session {

enum class InflightState : std::uint8_t {
    published,  ///< PUBLISH sent, waiting for PUBACK or PUBREC
    released,   ///< PUBREC received, PUBREL sent, waiting for PUBCOMP; the message is forgotten
};

struct InflightEntry {
    OutboundMessage outbound;
    std::uint64_t order = 0;  ///< of first sending
    PacketId packet_id = 0;   ///< 0: free slot
    InflightState state = InflightState::published;
    bool holds_quota = false; ///< counted against this connection's send quota
    bool is_release_durable = false;  ///< the store, if it has the message, knows that it is released
};

class Inflight {
public:
    /// Nothing more can be inserted: every identifier is in use.
    [[nodiscard]] bool full() const { return count_ == 65'535; }
    [[nodiscard]] std::size_t count() const { return count_; }
    [[nodiscard]] bool empty() const { return count_ == 0; }

    /// Entries whose message is not yet with the client for sure; those of a feed are not the session's.
    [[nodiscard]] std::size_t unacknowledged() const;

    /// Entries that the store has.
    [[nodiscard]] std::size_t stored_count() const;
    /// The next identifier that is chosen by itself is behind this one.
    void choose_behind(PacketId packet_id) { last_packet_id_ = packet_id; }

    /// Takes `preferred`, which must be free, or (0) the next free identifier. [MQTT5-2.2.1-4]
    /// [MQTT3-2.3.1-4]. Entries found before may have moved.
    InflightEntry& insert(OutboundMessage outbound, PacketId preferred = 0);
    /// An identifier that is not in use. Precondition: not full().
    [[nodiscard]] PacketId find_free();
    [[nodiscard]] InflightEntry* find(PacketId packet_id);
    /// Entries found before may have moved.
    void erase(InflightEntry& entry);

    /// Identifiers in the order of first sending. [MQTT5-4.6.0-1] [MQTT3-4.6.0-1]
    [[nodiscard]] std::vector<PacketId> in_order() const;
    void clear();

private:
    [[nodiscard]] std::size_t slot_of(PacketId packet_id) const {
        return packet_id * std::size_t{0x9E37} & (slot_count_ - 1);
    }
    [[nodiscard]] std::size_t behind(std::size_t slot) const {
        return (slot + 1) & (slot_count_ - 1);
    }
    /// Where the identifier is or would go. Precondition: the table is not full.
    [[nodiscard]] InflightEntry& place_of(PacketId packet_id);
    void grow();

    [[nodiscard]] std::span<const InflightEntry> slots() const {
        return {slots_.get(), slot_count_};
    }

    std::unique_ptr<InflightEntry[]> slots_;
    std::uint32_t slot_count_ = 0;  ///< a power of two, or none
    std::uint16_t count_ = 0;
    PacketId last_packet_id_ = 0;
    std::uint64_t next_order_ = 1;
};

}  // namespace holdfast::session
