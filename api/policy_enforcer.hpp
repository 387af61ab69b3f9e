#pragma once
// Device topic policies as who keeps them tells who enforces them: which topics devices may publish and
// subscribe to, beside the platform's own below `$oc/`. The interface is owned here; the composition root,
// which knows sessions, implements it. A change holds for connected devices when the call returns.
// Threads: the HTTP side's; enters a turn by itself.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::api {

/// Whose devices a policy is for. The word before the id in store::LinkKind::policy_target.
enum class PolicyTargetKind : std::uint8_t { device, product, app };

/// All there are, so no target has more.
inline constexpr std::size_t policies_max = 1'000;
inline constexpr std::size_t policies_per_target_max = policies_max;

struct PolicyStatement {
    bool is_allow = false;
    bool is_about_publishing = false;
    bool is_about_subscribing = false;
    std::vector<std::string> topics;  ///< filters, with variables such as ${devices.deviceId}
};

class PolicyEnforcer {
public:
    virtual ~PolicyEnforcer() = default;

    /// What is wrong with a topic of a statement, in a few words; empty: nothing.
    [[nodiscard]] virtual std::optional<std::string> problem_of(std::string_view topic) const = 0;
    /// Adds it, or replaces its statements, which have no problem.
    virtual void put(std::string_view policy_id,
                     const std::vector<PolicyStatement>& statements) = 0;
    virtual void remove(std::string_view policy_id) = 0;
    virtual void bind(std::string_view policy_id, PolicyTargetKind kind, std::string_view id) = 0;
    virtual void unbind(std::string_view policy_id, PolicyTargetKind kind, std::string_view id) = 0;
    /// It is gone, with what was bound to it.
    virtual void forget_target(PolicyTargetKind kind, std::string_view id) = 0;
};

}  // namespace holdfast::api
