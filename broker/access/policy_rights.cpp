#include "access/policy_rights.hpp"

#include "base/topic.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace holdfast::access {

namespace {

bool is_platform_matter(std::string_view topic) {
    return topic == "$oc" || topic.starts_with("$oc/");
}

bool denies(const PolicyStatement& statement, std::string_view filter, const Who& device) {
    return std::ranges::any_of(statement.topics, [&](const TopicPattern& topic) {
        return topic.overlaps(filter, {device, true});
    });
}

bool allows(const PolicyStatement& statement, std::string_view filter, const Who& device) {
    return std::ranges::any_of(statement.topics, [&](const TopicPattern& topic) {
        return topic.covers(filter, {device, false});
    });
}

}  // namespace

PolicyRights::PolicyRights(std::shared_ptr<const PolicyBook> book, Who device)
    : book_(std::move(book)), device_(std::move(device)) {}

/// With the mutex held.
void PolicyRights::refresh() const {
    const std::uint64_t edition = book_->edition();
    if (edition == edition_) return;
    policies_ =
        book_->policies_of(device_);  // perhaps of a later edition: then it is asked once more
    edition_ = edition;
}

bool PolicyRights::is_allowed(Deeds deed, std::string_view filter) const {
    if (is_platform_matter(filter)) return true;
    const std::scoped_lock lock{mutex_};
    refresh();
    bool is_some_allowed = false;
    bool is_this_allowed = false;
    for (const PolicyPtr& policy : policies_) {
        for (const PolicyStatement& statement : policy->statements) {
            if (!has(statement.deeds, deed)) continue;
            if (!statement.is_allow) {
                if (denies(statement, filter, device_)) return false;
                continue;
            }
            is_some_allowed = true;
            is_this_allowed = is_this_allowed || allows(statement, filter, device_);
        }
    }
    return is_this_allowed || !is_some_allowed;
}

bool PolicyRights::may_publish(std::string_view topic, QoS, bool) const {
    return is_allowed(Deeds::publish, topic);
}

bool PolicyRights::may_subscribe(std::string_view filter, QoS) const {
    if (is_shared_filter(filter)) {
        const auto shared = parse_shared_filter(filter, unlimited);
        if (!shared) return false;
        filter = shared->filter;
    }
    return is_allowed(Deeds::subscribe, filter);
}

bool PolicyRights::may_receive(std::string_view topic) const {
    return is_allowed(Deeds::subscribe, topic);
}

}  // namespace holdfast::access
