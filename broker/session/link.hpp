#pragma once
// Link: the sending half of a connection, everything about it that delivery needs. A connection has
// one from its birth; once a session is attached, that session's mutex guards it until its end.
// Send quota and topic aliases live here, so they start afresh with each connection.
// MQTT 5 sections 4.9 (flow control), 3.3.2.3.4 (topic alias).

#include "base/ids.hpp"
#include "base/limits.hpp"
#include "codec/packet.hpp"
#include "session/outbox.hpp"
#include "store/store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace holdfast::session {

/// Topic Aliases towards the client: the first topics sent get one and keep it.
class OutboundAliases {
public:
    explicit OutboundAliases(std::uint16_t maximum) : maximum_(maximum) {}
    struct Choice {
        std::uint16_t alias = 0;  ///< 0: none left
        bool is_known = false;    ///< the client knows it: the topic may be left out
    };
    /// The topic's alias, or the one it would get.
    [[nodiscard]] Choice choose(std::string_view topic) const;
    /// The client is told: the topic has the alias that was chosen.
    void assign(std::string_view topic);

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    const std::uint16_t maximum_;
    boost::unordered_flat_map<std::string, std::uint16_t, Hash, std::equal_to<>> aliases_;
};

/// Messages of the device's feed that are in the outbox, not yet with the kernel.
class UnsentFeedItems {
public:
    struct Item {
        store::Position position;
        QoS qos;
        std::uint64_t end;  ///< bytes written until its last one is with the kernel
    };
    /// The outbox, of so many bytes, ends with it.
    void add(store::Position position, QoS qos, std::size_t outbox_bytes) {
        items_.push_back({position, qos, written_ + outbox_bytes});
    }
    /// `count` bytes more are with the kernel: calls told(Item) for what is now.
    template <class Told>
    void on_written(std::size_t count, Told told) {
        written_ += count;
        while (!items_.empty() && items_.front().end <= written_) {
            told(items_.front());
            items_.pop_front();
        }
    }
    [[nodiscard]] const std::deque<Item>& items() const { return items_; }

private:
    std::deque<Item> items_;
    std::uint64_t written_ = 0;
};

struct Link {
    Outbox outbox;
    std::unique_ptr<OutboundAliases> aliases;  ///< null: the client allows none
    std::unique_ptr<UnsentFeedItems> unsent_feed_items;  ///< null: there never was one
    std::uint32_t packet_bytes_max = remaining_length_max + fixed_header_bytes_max;
    std::uint32_t send_quota = receive_maximum_default;
    std::uint32_t qos0_unsent = 0;    ///< QoS 0 messages in the outbox, not yet with the kernel
    codec::ProtocolVersion version = codec::ProtocolVersion::v5;
    bool flush_scheduled = false;     ///< some shard has it in its to_flush
    bool socket_full = false;         ///< the owner waits for writability
    bool closed = false;              ///< takes no more bytes

    [[nodiscard]] OutboundAliases::Choice alias_of(std::string_view topic) const {
        return aliases ? aliases->choose(topic) : OutboundAliases::Choice{};
    }
    /// A message of the feed is the last one in the outbox.
    void note_unsent(store::Position position, QoS qos) {
        if (!unsent_feed_items) unsent_feed_items = std::make_unique<UnsentFeedItems>();
        unsent_feed_items->add(position, qos, outbox.size());
    }
    [[nodiscard]] bool is_v5() const { return version == codec::ProtocolVersion::v5; }
};

}  // namespace holdfast::session
