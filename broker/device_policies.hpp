#pragma once
// DevicePolicies: enforces the device topic policies that the API keeps: in each device's rights, and at
// once on the subscriptions of those that are connected or wait.
// Threads: the HTTP side's shard; rights() any. Lifetime: registry and turns outlive it.

#include "access/policy_book.hpp"
#include "api/policy_enforcer.hpp"
#include "base/turn.hpp"
#include "session/registry.hpp"
#include "session/rights.hpp"
#include "store/catalogue.hpp"

#include <memory>

namespace holdfast {

class DevicePolicies final : public api::PolicyEnforcer {
public:
    DevicePolicies(session::Registry& registry, TurnGate& turns);

    [[nodiscard]] session::RightsPtr rights_of(const store::Device& device) const;

    [[nodiscard]] std::optional<std::string> problem_of(std::string_view topic) const override;
    void put(std::string_view policy_id,
             const std::vector<api::PolicyStatement>& statements) override;
    void remove(std::string_view policy_id) override;
    void bind(std::string_view policy_id, api::PolicyTargetKind kind, std::string_view id) override;
    void unbind(std::string_view policy_id, api::PolicyTargetKind kind,
                std::string_view id) override;
    void forget_target(api::PolicyTargetKind kind, std::string_view id) override;

    /// From now on there are sessions to review.
    void start() { has_started_ = true; }

private:
    void review_all();
    void review(api::PolicyTargetKind kind, std::string_view id);

    session::Registry& registry_;
    TurnGate& turns_;
    const std::shared_ptr<access::PolicyBook> book_;
    bool has_started_ = false;
};

}  // namespace holdfast
