#pragma once
// How fast events go: FlowLimit, a rate that one action or several share; PushFlow, all the limits that hold
// for one action; PushFlows, the limits that the policies in force make. An action without a policy of its
// own has [push] events_per_second for itself. What was taken stays taken when a policy is changed.
// Threads: one.

#include "api/push_policy.hpp"
#include "base/time.hpp"
#include "base/token_bucket.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::api {

struct FlowLimit {
    std::size_t per_second;
    TokenBucket bucket;
};
using FlowLimitPtr = std::shared_ptr<FlowLimit>;

class PushFlow {
public:
    explicit PushFlow(std::vector<FlowLimitPtr> limits = {}) : limits_(std::move(limits)) {}

    /// One event may go now: every limit has room for it.
    [[nodiscard]] bool has_room(Instant now) const;
    /// Counts one that goes. Precondition: has_room().
    void take(Instant now) const;

private:
    std::vector<FlowLimitPtr> limits_;
};

class PushFlows {
public:
    /// As the policies say from now on.
    void set(const std::map<std::string, FlowPolicy>& policies, Instant now);
    /// `own_rate`: without a policy for just this action.
    [[nodiscard]] PushFlow flow_of(const PushAction& action, std::size_t own_rate, Instant now);
    /// An action that is not served any more.
    void forget(const std::string& action_id) { own_.erase(action_id); }

private:
    static void set(FlowLimitPtr& limit, std::size_t per_second, Instant now);

    std::map<std::string, FlowPolicy> policies_;
    std::map<std::string, FlowLimitPtr> shared_;  ///< by the policy's id
    std::map<std::string, FlowLimitPtr> own_;     ///< by the action's id
};

}  // namespace holdfast::api
