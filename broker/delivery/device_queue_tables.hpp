#pragma once
// DeviceQueueTables: what a DeviceQueue knows of its messages and its session, and what can be answered
// from that alone: state, cause, who is next. Guarded by the queue's mutex; no locks, no store here.

#include "delivery/device_queue_parts.hpp"
#include "delivery/device_topics.hpp"
#include "delivery/trace_ring.hpp"
#include "delivery/waiting_messages.hpp"

#include <boost/container/deque.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include <map>
#include <utility>

namespace holdfast::delivery {

class DeviceQueueTables {
protected:
    using Position = store::Position;
    using Deferred = std::function<void(std::error_code)>;
    enum class Load : std::uint8_t { not_loaded, loading, loaded };

    explicit DeviceQueueTables(QoS system_qos) : topics_(system_qos) {}

    [[nodiscard]] EndingMessage* find_ending(Position position);
    [[nodiscard]] std::vector<Position> positions_with(std::uint32_t id_hash);
    /// In their order; all of them without a status.
    [[nodiscard]] std::vector<Position> positions_of(std::optional<MessageStatus> status);

    /// Why a message waits.
    [[nodiscard]] Cause cause_of(const WaitingMessage& entry);
    /// What is known besides the record. False: the message is forgotten.
    [[nodiscard]] bool fill_state(Position position, WallOffset offset, MessageView& view);
    [[nodiscard]] bool is_append_durable(Position position);
    /// Nothing is to be expected for the answer: the message is durable, and has no way to the device, or
    /// has been under way long enough.
    [[nodiscard]] bool is_answerable(Position position, const Waiter& waiter, Instant now);

    /// A session is there and its topic is subscribed. It may be in flight already.
    [[nodiscard]] bool can_be_sent(const WaitingMessage& entry) const;
    /// The first message behind a position that waits and can be sent.
    [[nodiscard]] WaitingMessage* first_to_send(Position behind);
    /// Everything that can be sent is in the window or with the session, and the window has room.
    [[nodiscard]] bool has_direct_way();
    /// Why a message of ttl 0 cannot go now; empty: it can, or may wait.
    [[nodiscard]] std::optional<Cause> failure_of_only_now(const WaitingMessage& entry) const;
    /// What a message whose time is over comes to.
    [[nodiscard]] Cause cause_of_expiry(const WaitingMessage& entry) const;

    std::string device_id_;
    Load load_ = Load::not_loaded;
    bool is_removed_ = false;
    std::vector<std::pair<Turn*, Deferred>>
        deferred_;                ///< calls that wait for the queue to be loaded
    std::size_t open_calls_ = 0;  ///< to the store

    Position next_position_{1};
    WaitingMessages waiting_;
    std::map<Position, EndingMessage> ending_;
    boost::container::deque<FinishedMessage> finished_;  ///< the oldest end first
    DeviceTopics topics_;
    std::multimap<Position, Waiter> waiters_;
    TraceRing trace_;
    Position sent_at_load_{};  ///< while loading: highest mark with `sent`

    LiveSessionPtr session_;              ///< null: not attached
    const void* last_session_ = nullptr;  ///< to be compared only
    std::uint16_t session_tag_ = 0;
    std::optional<Cause> pause_;
    boost::unordered_flat_map<Position, SentMessage> in_flight_;
    /// Of messages that wait and are neither there nor in the window, while their status is recorded.
    std::map<Position, MessageName> names_;

    boost::container::deque<ReadyMessage> window_;
    std::size_t window_bytes_ = 0;
    Position cursor_{};      ///< what is behind it was not looked at for the window
    Position sent_bound_{};  ///< some durable mark at or behind it has `sent`
    bool is_reading_ = false;
    bool has_marks_failed_ = false;  ///< a commit failed: is_marked_sent may be wrong
    std::uint64_t reading_ = 0;      ///< changes when what is being read is no longer wanted

    Instant earliest_expiry_ = never;  ///< or earlier
    Instant earliest_answer_ = never;  ///< or earlier
    Instant retry_at_ = never;
    Instant scheduled_ = never;          ///< what the deadlines know
    std::int64_t counted_messages_ = 0;  ///< this queue's part of DeliveryLevels
    std::int64_t counted_bytes_ = 0;
    std::size_t counted_loaded_ = 0;  ///< and of DeliveryCore::loaded_messages
};

}  // namespace holdfast::delivery
