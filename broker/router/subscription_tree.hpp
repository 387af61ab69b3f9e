#pragma once
// SubscriptionTree: which subscriptions match a Topic Name (MQTT 5 section 4.7). Exact filters are
// found by one hash look-up; only filters with wildcards are in the trie. Shared subscriptions
// (4.8.2) are groups beside the ordinary subscribers of their filter.
// Owns the filters, not the subscribers. Lifetime: a Filter lives while it has a subscription;
// pointers to it are stable. Threads: none; router guards it.
// Limitations: cost of a match grows with the wildcards along the topic's levels, not with their number
// elsewhere.

#include "router/filter.hpp"
#include "router/partitioned_set.hpp"
#include "router/topic_hash.hpp"
#include "router/topic_trie.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace holdfast::router {

class SubscriptionTree {
public:
    /// `hash_seed`: unpredictable to clients, so that none can choose filters that collide.
    explicit SubscriptionTree(std::uint64_t hash_seed = 0);
    ~SubscriptionTree();
    SubscriptionTree(const SubscriptionTree&) = delete;
    SubscriptionTree& operator=(const SubscriptionTree&) = delete;

    struct Subscribed {
        const Filter* filter;
        bool is_new;  ///< false: replaced the options and identifier of an existing subscription
    };
    /// `filter` is valid; `$share/{ShareName}/...` joins that group. [MQTT5-3.8.4-3]
    Subscribed subscribe(std::string_view filter, const Subscription& subscription);
    /// False when there was none. The Filter is destroyed with its last subscription.
    bool unsubscribe(std::string_view filter, const Subscriber& subscriber);
    bool unsubscribe(const Filter& filter, const Subscriber& subscriber);

    [[nodiscard]] const Filter* find(std::string_view filter) const;
    /// The entry of one subscriber in a filter, nullptr when it has none.
    [[nodiscard]] static const Subscription* find(const Filter& filter,
                                                  const Subscriber& subscriber) {
        return filter.find(subscriber);
    }

    /// Adds every filter that matches the Topic Name. [MQTT5-4.7.2-1] [MQTT5-3.3.2-3]
    void match(std::string_view topic, Matches& matches) const;

    /// The member of a shared group that takes the next message: connected ones in turn; when nobody
    /// is, any in turn. `except` is passed over. Empty group: nullptr. Safe under a reader lock.
    [[nodiscard]] static const Subscription* choose_member(const Filter& group,
                                                           const Subscriber* except = nullptr) {
        return group.choose_member(except);
    }

    [[nodiscard]] std::size_t subscription_count() const { return subscription_count_; }
    [[nodiscard]] std::size_t filter_count() const { return filters_.size(); }

private:
    struct ByText {
        using Key = std::string_view;
        static std::string_view key_of(const Filter& filter) { return filter.text(); }
        static std::uint64_t hash(std::string_view text, std::uint64_t seed) {
            return hash_text(text, seed);
        }
    };

    bool unsubscribe_own(Filter& filter, const Subscriber& subscriber);

    PartitionedSet<Filter, ByText> filters_;  ///< all of them
    TopicTrie trie_;                          ///< those that are not exact
    std::size_t subscription_count_ = 0;
};

}  // namespace holdfast::router
