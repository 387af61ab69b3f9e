#include "api/push_flow.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace holdfast::api {

bool PushFlow::has_room(Instant now) const {
    return std::ranges::all_of(limits_, [&](const FlowLimitPtr& limit) {
        return limit->bucket.room_at(limit->per_second, now) <= now;
    });
}

void PushFlow::take(Instant now) const {
    for (const FlowLimitPtr& limit : limits_) {
        const bool is_taken = limit->bucket.try_take(limit->per_second, now);
        CHECK(is_taken);
    }
}

void PushFlows::set(const std::map<std::string, FlowPolicy>& policies, Instant now) {
    policies_ = policies;
    std::erase_if(shared_, [&](const auto& each) { return !policies_.contains(each.first); });
    for (const auto& [id, policy] : policies_) {
        set(shared_[id], static_cast<std::size_t>(policy.limit), now);
    }
}

PushFlow PushFlows::flow_of(const PushAction& action, std::size_t own_rate, Instant now) {
    std::vector<FlowLimitPtr> limits;
    bool has_own = false;
    for (const auto& [id, policy] : policies_) {
        if (!policy.is_for(action)) continue;
        has_own = has_own || policy.scope == PushScope::action;
        limits.push_back(shared_.at(id));
    }
    if (has_own) {
        own_.erase(action.action_id);
    } else {
        FlowLimitPtr& own = own_[action.action_id];
        set(own, own_rate, now);
        limits.push_back(own);
    }
    return PushFlow{std::move(limits)};
}

void PushFlows::set(FlowLimitPtr& limit, std::size_t per_second, Instant now) {
    if (!limit) {
        limit = std::make_shared<FlowLimit>(FlowLimit{per_second, TokenBucket{per_second, now}});
    }
    limit->per_second = per_second;
}

}  // namespace holdfast::api
