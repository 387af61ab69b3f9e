#include "access/policy_book.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace holdfast::access {

namespace {

/// Ids have no line's end.
std::string key_of(PolicyScope scope, std::string_view id) {
    return std::to_string(static_cast<unsigned>(scope)) + "\n" + std::string{id};
}

}  // namespace

void PolicyBook::put(std::string_view policy_id, Policy policy) {
    auto made = std::make_shared<const Policy>(std::move(policy));
    const std::scoped_lock lock{mutex_};
    policies_.insert_or_assign(std::string{policy_id}, std::move(made));
    changed();
}

void PolicyBook::remove(std::string_view policy_id) {
    const std::scoped_lock lock{mutex_};
    policies_.erase(std::string{policy_id});
    boost::unordered::erase_if(bound_, [policy_id](auto& entry) {
        std::erase(entry.second, policy_id);
        return entry.second.empty();
    });
    changed();
}

void PolicyBook::bind(std::string_view policy_id, PolicyScope scope, std::string_view id) {
    const std::scoped_lock lock{mutex_};
    if (!policies_.contains(std::string{policy_id})) return;
    Ids& ids = bound_[key_of(scope, id)];
    if (std::ranges::find(ids, policy_id) == ids.end()) ids.emplace_back(policy_id);
    changed();
}

void PolicyBook::unbind(std::string_view policy_id, PolicyScope scope, std::string_view id) {
    const std::scoped_lock lock{mutex_};
    const auto found = bound_.find(key_of(scope, id));
    if (found == bound_.end()) return;
    std::erase(found->second, policy_id);
    if (found->second.empty()) bound_.erase(found);
    changed();
}

void PolicyBook::forget(PolicyScope scope, std::string_view id) {
    const std::scoped_lock lock{mutex_};
    if (bound_.erase(key_of(scope, id)) != 0) changed();
}

std::vector<PolicyPtr> PolicyBook::policies_of(const Who& who) const {
    const std::pair<PolicyScope, std::string_view> scopes[] = {
        {PolicyScope::device, who.device_id},
        {PolicyScope::product, who.product_id},
        {PolicyScope::app, who.app_id}};
    std::vector<PolicyPtr> policies;
    const std::scoped_lock lock{mutex_};
    if (bound_.empty()) return policies;
    for (const auto& [scope, id] : scopes) {
        const auto found = bound_.find(key_of(scope, id));
        if (found == bound_.end()) continue;
        for (const std::string& policy_id : found->second) {
            policies.push_back(policies_.at(policy_id));
        }
    }
    return policies;
}

}  // namespace holdfast::access
