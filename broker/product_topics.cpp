#include "product_topics.hpp"

#include <memory>
#include <mutex>
#include <utility>

namespace holdfast {

access::CustomTopicsPtr ProductTopics::find_or_make(const std::string& product_id) const {
    const std::scoped_lock lock{mutex_};
    access::CustomTopicsPtr& topics = by_product_[product_id];
    if (!topics) topics = std::make_shared<access::CustomTopics>(without_);
    return topics;
}

void ProductTopics::put(const std::string& product_id,
                        const std::vector<store::ProductTopic>& topics) {
    std::vector<access::CustomTopic> made;
    made.reserve(topics.size());
    for (const store::ProductTopic& topic : topics) {
        made.push_back({topic.suffix, topic.may_publish, topic.may_subscribe});
    }
    find_or_make(product_id)->replace(std::move(made));
    if (!has_started_) return;
    turns_.enter(
        [&](Turn& turn) { registry_.review_subscriptions(static_cast<session::Actions&>(turn)); });
}

void ProductTopics::forget(const std::string& product_id) {
    const std::scoped_lock lock{mutex_};
    by_product_.erase(product_id);
}

bool ProductTopics::may_publish(const std::string& product_id, std::string_view topic) const {
    return find_or_make(product_id)->may_publish(topic, QoS::at_most_once, false);
}

bool ProductTopics::may_subscribe(const std::string& product_id, std::string_view filter) const {
    return find_or_make(product_id)->may_subscribe(filter, QoS::at_most_once);
}

}  // namespace holdfast
