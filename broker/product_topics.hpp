#pragma once
// ProductTopics: enforces the custom topics of products, which the API keeps: in each device's rights, and at
// once on the subscriptions of those that are connected or wait.
// Threads: the HTTP side's shard; rights_of() any, with a small lock that takes none itself.
// Lifetime: registry and turns outlive it.

#include "access/custom_topics.hpp"
#include "api/custom_topics.hpp"
#include "base/small_mutex.hpp"
#include "base/turn.hpp"
#include "session/registry.hpp"
#include "session/rights.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

class ProductTopics final : public api::CustomTopics {
public:
    ProductTopics(session::Registry& registry, TurnGate& turns, access::WithoutTopics without)
        : registry_(registry), turns_(turns), without_(without) {}

    [[nodiscard]] session::RightsPtr rights_of(const std::string& product_id) const {
        return find_or_make(product_id);
    }

    void put(const std::string& product_id,
             const std::vector<store::ProductTopic>& topics) override;
    void forget(const std::string& product_id) override;
    [[nodiscard]] bool may_publish(const std::string& product_id,
                                   std::string_view topic) const override;
    [[nodiscard]] bool may_subscribe(const std::string& product_id,
                                     std::string_view filter) const override;

    /// From now on there are sessions to review.
    void start() { has_started_ = true; }

private:
    [[nodiscard]] access::CustomTopicsPtr find_or_make(const std::string& product_id) const;

    session::Registry& registry_;
    TurnGate& turns_;
    const access::WithoutTopics without_;
    bool has_started_ = false;
    mutable SmallMutex mutex_;
    /// Guarded; of each product that has topics, or had a device that connected.
    mutable boost::unordered_flat_map<std::string, access::CustomTopicsPtr> by_product_;
};

}  // namespace holdfast
