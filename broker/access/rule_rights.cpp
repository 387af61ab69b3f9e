#include "access/rule_rights.hpp"

#include "base/topic.hpp"

#include <utility>

namespace holdfast::access {

void RuleBook::replace(RuleSetPtr rules) {
    const std::scoped_lock lock{mutex_};
    rules_.swap(rules);
    edition_.fetch_add(1, std::memory_order_release);
}

RuleSetPtr RuleBook::current() const {
    const std::scoped_lock lock{mutex_};
    return rules_;
}

Decider RuleRights::decider() const {
    const std::uint64_t edition = book_->edition();
    if (edition != edition_) {
        rules_ = book_->current();  // perhaps of a later edition: then it is looked up once more
        selection_ = select(*rules_, who_);
        selection_.shrink_to_fit();
        edition_ = edition;
    }
    return {*rules_, selection_, who_};
}

bool RuleRights::is_platform_matter(std::string_view topic) const {
    return !who_.device_id.empty() && topic.starts_with("$oc/");
}

bool RuleRights::may_publish(std::string_view topic, QoS qos, bool retain) const {
    if (is_platform_matter(topic)) return true;
    const std::scoped_lock lock{mutex_};
    return decider().publish(topic, qos, retain).is_allowed;
}

bool RuleRights::may_subscribe(std::string_view filter, QoS qos) const {
    if (is_platform_matter(filter)) return true;
    if (is_shared_filter(filter)) {
        const auto shared = parse_shared_filter(filter, unlimited);
        if (!shared) return false;
        filter = shared->filter;
    }
    const std::scoped_lock lock{mutex_};
    return decider().subscribe(filter, qos).is_allowed;
}

bool RuleRights::may_receive(std::string_view topic) const {
    if (is_platform_matter(topic)) return true;
    const std::scoped_lock lock{mutex_};
    return decider().receive(topic).is_allowed;
}

}  // namespace holdfast::access
