#pragma once
// Retained messages (MQTT 5 section 3.3.1.3): the last one per topic, walked by cursors so that a
// wildcard subscription gets every match, however many, without copying the table.
// A hash table finds a topic, an ordered tree walks a filter; the key of both is the message's own
// topic. Owns references to messages. Threads: any shard may call any member; one short mutex.

#include "base/message.hpp"
#include "router/partitioned_set.hpp"
#include "router/topic_hash.hpp"

#include <boost/intrusive/set.hpp>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace holdfast::router {

/// Where one subscription's walk over the retained messages stands. A value: sessions keep it.
struct RetainedCursor {
    std::string filter;  ///< without `$share`
    std::string after;   ///< last topic visited; meaningless before `started`
    bool started = false;
    std::uint64_t up_to_sequence = 0;  ///< messages retained later come live, not from here
};

enum class RetainOutcome : std::uint8_t { stored, replaced, cleared, nothing_to_clear, refused };

class RetainedMessages {
public:
    /// `hash_seed`: unpredictable to clients, so that none can choose topics that collide.
    explicit RetainedMessages(std::size_t messages_max, std::uint64_t hash_seed = 0);
    ~RetainedMessages();
    RetainedMessages(const RetainedMessages&) = delete;
    RetainedMessages& operator=(const RetainedMessages&) = delete;

    /// An empty payload removes the topic's message. [MQTT5-3.3.1-5] [MQTT5-3.3.1-6] [MQTT5-3.3.1-7]
    /// `refused`: a new topic beyond messages_max; the old ones stay.
    RetainOutcome set(const MessagePtr& message);

    [[nodiscard]] MessagePtr find(std::string_view topic, Instant now) const;

    /// A cursor over what is retained at this moment and matches `filter`.
    [[nodiscard]] RetainedCursor open(std::string_view filter) const;
    /// The next match that has not expired, nullptr at the end. The work of one call is bounded:
    /// topics that cannot match are sought past, not scanned.
    [[nodiscard]] MessagePtr next(RetainedCursor& cursor, Instant now) const;

    /// Removes what has expired, at most `visits_max` entries per call, going round; returns how many.
    std::size_t remove_expired(Instant now, std::size_t visits_max);

    [[nodiscard]] std::size_t count() const;
    /// Memory of the messages themselves, as ApplicationMessage::footprint() counts it.
    [[nodiscard]] std::size_t bytes() const;

private:
    struct Entry : boost::intrusive::set_base_hook<boost::intrusive::optimize_size<true>> {
        Entry(const MessagePtr& retained, std::uint64_t number)
            : message(retained), sequence(number) {}
        MessagePtr message;      ///< its topic is the key
        std::uint64_t sequence;  ///< counts set() calls that stored something
    };
    struct TopicOf {
        using type = std::string_view;
        type operator()(const Entry& entry) const { return entry.message->topic(); }
    };
    struct LevelOrder {
        bool operator()(std::string_view a, std::string_view b) const;
    };
    struct ByTopic {
        using Key = std::string_view;
        static std::string_view key_of(const Entry& entry) { return entry.message->topic(); }
        static std::uint64_t hash(std::string_view topic, std::uint64_t seed) {
            return hash_text(topic, seed);
        }
    };
    using Ordered = boost::intrusive::set<Entry, boost::intrusive::key_of_value<TopicOf>,
                                          boost::intrusive::compare<LevelOrder>>;

    [[nodiscard]] MessagePtr next_exact(RetainedCursor& cursor, Instant now) const;
    [[nodiscard]] Ordered::const_iterator resume(const RetainedCursor& cursor) const;
    [[nodiscard]] Ordered::const_iterator seek(Ordered::const_iterator from,
                                               std::string_view topic) const;
    [[nodiscard]] MessagePtr take_out(Entry& entry);

    const std::size_t messages_max_;
    mutable std::mutex mutex_;  ///< guards all that follows
    PartitionedSet<Entry, ByTopic> by_topic_;
    Ordered in_order_;
    Ordered::iterator sweep_;  ///< where remove_expired() goes on
    std::uint64_t sequence_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace holdfast::router
