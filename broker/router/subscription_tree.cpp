#include "router/subscription_tree.hpp"

namespace holdfast::router {

SubscriptionTree::SubscriptionTree(std::uint64_t hash_seed)
    : filters_(hash_seed), trie_(hash_seed) {}

SubscriptionTree::~SubscriptionTree() {
    filters_.for_each([](Filter& filter) { Filter::Destroy{}(&filter); });
}

SubscriptionTree::Subscribed SubscriptionTree::subscribe(std::string_view text,
                                                         const Subscription& subscription) {
    Filter* filter = filters_.find(text);
    if (filter == nullptr) {
        filter = Filter::create(text).release();
        filters_.insert(*filter);
        if (!filter->is_exact()) trie_.insert(*filter);
    }
    // [MQTT5-3.8.4-3] [MQTT3-3.8.4-3]
    const bool is_new = filter->add_or_replace(subscription);
    if (is_new) ++subscription_count_;
    return {filter, is_new};
}

bool SubscriptionTree::unsubscribe(std::string_view text, const Subscriber& subscriber) {
    // [MQTT5-3.10.4-1] [MQTT3-3.10.4-1]
    Filter* filter = filters_.find(text);
    return filter != nullptr && unsubscribe_own(*filter, subscriber);
}

bool SubscriptionTree::unsubscribe(const Filter& filter, const Subscriber& subscriber) {
    // Every Filter is the tree's own and was made as not const; others only read it.
    return unsubscribe_own(const_cast<Filter&>(filter), subscriber);
}

bool SubscriptionTree::unsubscribe_own(Filter& filter, const Subscriber& subscriber) {
    if (!filter.remove(subscriber)) return false;
    --subscription_count_;
    if (filter.subscriptions().empty()) {
        filters_.erase(filter);
        if (!filter.is_exact()) trie_.erase(filter);
        Filter::Destroy{}(&filter);
    }
    return true;
}

const Filter* SubscriptionTree::find(std::string_view text) const { return filters_.find(text); }

void SubscriptionTree::match(std::string_view topic, Matches& matches) const {
    const auto hash = filters_.prefetch(topic);
    trie_.match(topic, matches);
    const Filter* filter = filters_.find(topic, hash);
    // A topic may be spelled like a shared filter; that is not a match.
    if (filter != nullptr && filter->is_exact()) matches.filters.push_back(filter);
}

}  // namespace holdfast::router
