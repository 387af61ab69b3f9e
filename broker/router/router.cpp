#include "router/router.hpp"

#include <algorithm>

namespace holdfast::router {

ShardLocks::ShardLocks(std::size_t shards)
    : slots_(std::make_unique<Slot[]>(shards)), count_(shards) {}

std::unique_lock<std::mutex> ShardLocks::lock_shared(ShardIndex shard) {
    return std::unique_lock{slots_[index_of(shard)].mutex};
}

void ShardLocks::lock() {
    for (std::size_t i = 0; i < count_; ++i) slots_[i].mutex.lock();
}

void ShardLocks::unlock() {
    for (std::size_t i = count_; i-- > 0;) slots_[i].mutex.unlock();
}

namespace {

void count(DeliveryOutcome delivered, PublishOutcome& outcome) {
    ++outcome.matched;
    if (delivered == DeliveryOutcome::refused) ++outcome.refused;
}

/// The client asked not to get what it published itself. [MQTT5-3.8.3-3]
bool is_own(const Subscription& subscription, SessionNumber publisher) {
    return subscription.options.no_local && subscription.subscriber->number() == publisher;
}

Delivery delivery_of(const ApplicationMessage& message, const SubscriptionOptions& options) {
    return {
        .qos = lower_of(message.qos(), options.maximum_qos),         // [MQTT5-3.8.4-8]
        .retain = options.retain_as_published && message.retain(),   // [MQTT5-3.3.1-12]
    };
}

}  // namespace

Router::Router(const Limits& limits, std::size_t shards, RouterListener* listener,
               std::uint64_t hash_seed)
    : locks_(shards),
      tree_(hash_seed),
      retained_(limits.retained_messages_max, hash_seed),
      listener_(listener),
      scratch_(std::make_unique<Scratch[]>(shards)) {}

Router::~Router() = default;

PublishOutcome Router::publish(const MessageParts& parts, Turn& turn) {
    return route(parts.topic, parts.retain, turn,
                 [&] { return ApplicationMessage::create(parts); });
}

PublishOutcome Router::publish(const MessagePtr& message, Turn& turn) {
    return route(message->topic(), message->retain(), turn, [&] { return message; });
}

template <class MakeMessage>
PublishOutcome Router::route(std::string_view topic, bool is_retained, Turn& turn,
                             MakeMessage make_message) {
    PublishOutcome outcome;
    MessagePtr message;
    // Retained and delivered under one lock: who subscribes meanwhile gets it once.
    const auto lock = locks_.lock_shared(turn.shard);
    if (is_retained) {
        message = make_message();
        retain(message, turn, outcome);
    }
    Scratch& scratch = scratch_[index_of(turn.shard)];
    scratch.matches.clear();
    tree_.match(topic, scratch.matches);
    const Matches& matches = scratch.matches;
    if (matches.filters.empty() && matches.groups.empty()) return outcome;

    if (!message) message = make_message();
    deliver_all(scratch, message, turn, outcome);
    if (listener_ != nullptr) listener_->on_routed(turn);
    return outcome;
}

void Router::deliver_all(Scratch& scratch, const MessagePtr& message, Turn& turn,
                         PublishOutcome& outcome) {
    const Matches& matches = scratch.matches;
    if (matches.filters.size() == 1) {
        deliver_single(*matches.filters.front(), message, turn, outcome);
    } else if (!matches.filters.empty()) {
        deliver_merged(scratch, message, turn, outcome);
    }
    if (!matches.groups.empty()) deliver_groups(scratch, message, turn, outcome);
}

void Router::deliver_single(const Filter& filter, const MessagePtr& message, Turn& turn,
                            PublishOutcome& outcome) {
    for (const Subscription& subscription : filter.subscriptions()) {
        if (is_own(subscription, message->publisher())) continue;
        Delivery delivery = delivery_of(*message, subscription.options);
        if (subscription.identifier != 0) {
            delivery.subscription_identifiers = {&subscription.identifier, 1};  // [MQTT5-3.3.4-3]
        }
        count(subscription.subscriber->deliver(message, delivery, turn), outcome);
    }
}

void Router::deliver_merged(Scratch& scratch, const MessagePtr& message, Turn& turn,
                            PublishOutcome& outcome) {
    auto& targets = scratch.targets;
    targets.clear();
    for (const Filter* filter : scratch.matches.filters) {
        for (const Subscription& subscription : filter->subscriptions()) {
            if (is_own(subscription, message->publisher())) continue;
            targets.push_back(
                {subscription.subscriber, subscription.options, subscription.identifier});
        }
    }
    // One copy for each session, with the highest QoS and every identifier. [MQTT5-3.3.4-2]
    std::sort(targets.begin(), targets.end(), [](const Target& a, const Target& b) {
        return a.subscriber->number() < b.subscriber->number();
    });
    for (std::size_t i = 0; i < targets.size();) {
        Subscriber* const subscriber = targets[i].subscriber;
        SubscriptionOptions options = targets[i].options;
        scratch.identifiers.clear();
        for (; i < targets.size() && targets[i].subscriber == subscriber; ++i) {
            options.maximum_qos = higher_of(options.maximum_qos, targets[i].options.maximum_qos);
            options.retain_as_published |= targets[i].options.retain_as_published;
            const std::uint32_t identifier = targets[i].identifier;
            if (identifier != 0) scratch.identifiers.push_back(identifier);  // [MQTT5-3.3.4-4]
        }
        Delivery delivery = delivery_of(*message, options);
        delivery.subscription_identifiers = scratch.identifiers;
        count(subscriber->deliver(message, delivery, turn), outcome);
    }
}

void Router::deliver_groups(const Scratch& scratch, const MessagePtr& message, Turn& turn,
                            PublishOutcome& outcome) {
    for (const Filter* group : scratch.matches.groups) {
        const Subscription* member = SubscriptionTree::choose_member(*group);  // [MQTT5-4.8.2-4]
        if (member == nullptr) continue;
        const auto shared_filter = std::make_shared<const std::string>(group->text());
        Delivery delivery = delivery_of(*message, member->options);
        if (member->identifier != 0) delivery.subscription_identifiers = {&member->identifier, 1};
        delivery.shared_filter = &shared_filter;
        count(member->subscriber->deliver(message, delivery, turn), outcome);
    }
}

void Router::retain(const MessagePtr& message, Turn& turn, PublishOutcome& outcome) {
    const std::scoped_lock lock{retained_order_};
    const RetainOutcome retained = retained_.set(message);
    const bool has_changed = retained != RetainOutcome::refused &&
                             retained != RetainOutcome::nothing_to_clear;
    if (has_changed && listener_ != nullptr) {
        listener_->on_retained(message, turn);
    }
    switch (retained) {
        case RetainOutcome::stored:
        case RetainOutcome::replaced: turn.counters.add(Counter::retained_set); break;
        case RetainOutcome::cleared: turn.counters.add(Counter::retained_cleared); break;
        case RetainOutcome::nothing_to_clear: break;
        case RetainOutcome::refused:
            turn.counters.add(Counter::retained_refused);
            outcome.retain_refused = true;
            break;
    }
}

bool Router::redeliver(const std::string& shared_filter, const MessagePtr& message,
                       const Subscriber* except, Turn& turn) {
    const auto lock = locks_.lock_shared(turn.shard);
    const Filter* group = tree_.find(shared_filter);
    const Subscription* member =
        group == nullptr ? nullptr : SubscriptionTree::choose_member(*group, except);
    if (member == nullptr) return false;
    const auto shared = std::make_shared<const std::string>(shared_filter);
    Delivery delivery = delivery_of(*message, member->options);
    if (member->identifier != 0) delivery.subscription_identifiers = {&member->identifier, 1};
    delivery.shared_filter = &shared;
    member->subscriber->deliver(message, delivery, turn);
    if (listener_ != nullptr) listener_->on_routed(turn);
    return true;
}

bool Router::has_other_member(std::string_view shared_filter, const Subscriber& member,
                              ShardIndex shard) {
    return read(shard, [&](const SubscriptionTree& tree) {
        const Filter* group = tree.find(shared_filter);
        if (group == nullptr) return false;
        const Subscription* other = SubscriptionTree::choose_member(*group, &member);
        return other != nullptr && other->subscriber->is_connected();
    });
}

}  // namespace holdfast::router
