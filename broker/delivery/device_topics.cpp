#include "delivery/device_topics.hpp"

#include "base/topic.hpp"

#include <algorithm>

namespace holdfast::delivery {

DeviceTopics::Index DeviceTopics::add(std::string_view name, bool is_system) {
    std::size_t unused = topics_.size();
    for (std::size_t i = 0; i < topics_.size(); ++i) {
        Topic& topic = topics_[i];
        if (topic.messages == 0) {
            unused = i;
        } else if (topic.is_system == is_system && topic.name == name) {
            ++topic.messages;
            return static_cast<Index>(i);
        }
    }
    if (unused == topics_.size()) topics_.emplace_back();
    Topic& topic = topics_[unused];
    topic = {.name = std::string{name}, .is_system = is_system, .messages = 1, .granted = {}};
    topic.granted = find_granted(topic);
    return static_cast<Index>(unused);
}

void DeviceTopics::remove(Index topic) {
    if (--topics_[topic].messages == 0) topics_[topic].name.clear();
}

void DeviceTopics::set_subscriptions(std::vector<FeedSubscription> subscriptions) {
    subscriptions_ = std::move(subscriptions);
    refresh();
}

void DeviceTopics::subscribe(const FeedSubscription& subscription) {
    const auto same =
        std::ranges::find(subscriptions_, subscription.filter, &FeedSubscription::filter);
    if (same == subscriptions_.end()) {
        subscriptions_.push_back(subscription);
    } else {
        same->qos = subscription.qos;
    }
    refresh();
}

void DeviceTopics::unsubscribe(std::string_view filter) {
    std::erase_if(subscriptions_, [filter](const FeedSubscription& subscription) {
        return subscription.filter == filter;
    });
    refresh();
}

std::optional<QoS> DeviceTopics::find_subscribed(std::string_view name) const {
    std::optional<QoS> highest;
    for (const FeedSubscription& subscription : subscriptions_) {
        if (!topic_matches(subscription.filter, name)) continue;
        highest = higher_of(highest.value_or(QoS::at_most_once), subscription.qos);
    }
    if (highest) highest = lower_of(*highest, QoS::at_least_once);
    return highest;
}

std::optional<QoS> DeviceTopics::find_granted(const Topic& topic) const {
    const std::optional<QoS> subscribed = find_subscribed(topic.name);
    if (!subscribed && topic.is_system) return lower_of(system_qos_, QoS::at_least_once);
    return subscribed;
}

void DeviceTopics::refresh() {
    for (Topic& topic : topics_) {
        if (topic.messages > 0) topic.granted = find_granted(topic);
    }
}

}  // namespace holdfast::delivery
