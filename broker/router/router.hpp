#pragma once
// Router: who gets a publication. Matches it against the subscriptions, merges overlapping ones of
// one session into one delivery, chooses a member of each shared group, keeps the retained message.
// MQTT 5 sections 3.3.1.3, 3.3.4, 3.8, 4.7, 4.8.2.
// Owns the subscription tree and the retained messages. Threads: any shard. Readers lock only their own
// shard's cache line; a writer takes all of them, so publishing scales and subscribing stays cheap.
// Lock order: router before session.

#include "base/limits.hpp"
#include "base/message.hpp"
#include "base/turn.hpp"
#include "router/retained.hpp"
#include "router/subscription_tree.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace holdfast::router {

/// One lock per shard: readers take theirs, a writer takes all.
class ShardLocks {
public:
    explicit ShardLocks(std::size_t shards);
    [[nodiscard]] std::unique_lock<std::mutex> lock_shared(ShardIndex shard);
    void lock();
    void unlock();

private:
    struct alignas(64) Slot {
        std::mutex mutex;
    };
    std::unique_ptr<Slot[]> slots_;
    std::size_t count_;
};

struct PublishOutcome {
    std::size_t matched = 0;   ///< sessions that were meant to get it
    std::size_t refused = 0;   ///< of these, sessions without room whose policy is reject
    bool retain_refused = false;
};

/// Is told what must be remembered.
class RouterListener {
public:
    /// A retained message was set or cleared; in the order of the changes.
    virtual void on_retained(const MessagePtr& message, Turn& turn) = 0;
    /// One publication, or one message redelivered, was given to all its receivers, none of which has
    /// lost its subscription since.
    virtual void on_routed(Turn& turn) = 0;

protected:
    ~RouterListener() = default;
};

class Router {
public:
    /// `listener` may be null. `hash_seed`: random, so that no client can choose topics that collide.
    Router(const Limits& limits, std::size_t shards, RouterListener* listener = nullptr,
           std::uint64_t hash_seed = 0);
    ~Router();

    /// Delivers to every matching session and keeps or clears the retained message.
    PublishOutcome publish(const MessageParts& parts, Turn& turn);
    PublishOutcome publish(const MessagePtr& message, Turn& turn);

    /// Gives a message that a member of a shared group did not take to another one; null `except` means
    /// anyone. False: nobody else is a member.
    bool redeliver(const std::string& shared_filter, const MessagePtr& message,
                   const Subscriber* except, Turn& turn);
    /// Another member of the group is connected.
    [[nodiscard]] bool has_other_member(std::string_view shared_filter, const Subscriber& member,
                                        ShardIndex shard);

    /// Calls change(SubscriptionTree&) while nobody reads.
    template <class Change>
    decltype(auto) update(Change&& change) {
        const std::lock_guard lock{locks_};
        return change(tree_);
    }
    /// Calls look(const SubscriptionTree&) while nobody writes.
    template <class Look>
    decltype(auto) read(ShardIndex shard, Look&& look) {
        const auto lock = locks_.lock_shared(shard);
        return look(static_cast<const SubscriptionTree&>(tree_));
    }

    [[nodiscard]] RetainedMessages& retained() { return retained_; }

private:
    struct Target {
        Subscriber* subscriber;
        SubscriptionOptions options;
        std::uint32_t identifier;
    };
    /// Scratch of one shard, reused from one publication to the next.
    struct alignas(64) Scratch {
        Matches matches;
        std::vector<Target> targets;
        std::vector<std::uint32_t> identifiers;
    };

    template <class MakeMessage>
    PublishOutcome route(std::string_view topic, bool is_retained, Turn& turn,
                         MakeMessage make_message);
    void deliver_all(Scratch& scratch, const MessagePtr& message, Turn& turn,
                     PublishOutcome& outcome);
    void deliver_single(const Filter& filter, const MessagePtr& message, Turn& turn,
                        PublishOutcome& outcome);
    void deliver_merged(Scratch& scratch, const MessagePtr& message, Turn& turn,
                        PublishOutcome& outcome);
    void deliver_groups(const Scratch& scratch, const MessagePtr& message, Turn& turn,
                        PublishOutcome& outcome);
    void retain(const MessagePtr& message, Turn& turn, PublishOutcome& outcome);

    ShardLocks locks_;
    SubscriptionTree tree_;
    RetainedMessages retained_;
    std::mutex retained_order_;  ///< a change and its telling are one step
    RouterListener* const listener_;
    std::unique_ptr<Scratch[]> scratch_;
};

}  // namespace holdfast::router
