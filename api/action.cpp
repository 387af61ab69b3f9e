#include "api/action.hpp"

#include <array>

namespace holdfast::api {

namespace {

/// In the order of the enumeration.
constexpr std::array<std::string_view, action_count> names{
    "",
    "",
    "iotda:messages:send",
    "iotda:messages:query",
    "iotda:messages:queryList",
    "iotda:messages:delete",
    "iotda:devices:register",
    "iotda:devices:query",
    "iotda:devices:queryList",
    "iotda:devices:search",
    "iotda:devices:modify",
    "iotda:devices:delete",
    "iotda:devices:resetSecret",
    "iotda:devices:resetFingerprint",
    "iotda:devices:freeze",
    "iotda:devices:unfreeze",
    "iotda:products:create",
    "iotda:products:query",
    "iotda:products:queryList",
    "iotda:products:modify",
    "iotda:products:delete",
    "iotda:commands:send",
    "iotda:asyncCommands:send",
    "iotda:asyncCommands:query",
    "iotda:asyncCommands:queryList",
    "iotda:properties:modify",
    "iotda:properties:query",
    "iotda:apps:create",
    "iotda:apps:query",
    "iotda:apps:queryList",
    "iotda:apps:modify",
    "iotda:apps:delete",
    "iotda:deviceGroups:create",
    "iotda:deviceGroups:query",
    "iotda:deviceGroups:queryList",
    "iotda:deviceGroups:modify",
    "iotda:deviceGroups:delete",
    "iotda:devicePolicies:create",
    "iotda:devicePolicies:query",
    "iotda:devicePolicies:queryList",
    "iotda:devicePolicies:modify",
    "iotda:devicePolicies:delete",
    "iotda:tags:bind",
    "iotda:tags:unbind",
    "iotda:tags:query",
    "iotda:routingRules:create",
    "iotda:routingRules:query",
    "iotda:routingRules:queryList",
    "iotda:routingRules:modify",
    "iotda:routingRules:delete",
    "iotda:routingActions:create",
    "iotda:routingActions:query",
    "iotda:routingActions:queryList",
    "iotda:routingActions:modify",
    "iotda:routingActions:delete",
    "iotda:routingPolicies:create",
    "iotda:routingPolicies:query",
    "iotda:routingPolicies:queryList",
    "iotda:routingPolicies:modify",
    "iotda:routingPolicies:delete",
    "iotda:certificates:create",
    "iotda:certificates:query",
    "iotda:certificates:queryList",
    "iotda:certificates:modify",
    "iotda:certificates:delete",
    "iotda:subscriptions:create",
    "iotda:subscriptions:query",
    "iotda:subscriptions:queryList",
    "iotda:subscriptions:modify",
    "iotda:subscriptions:delete",
    "iotda:messages:broadcast",
    "iotda:batchTasks:create",
    "iotda:batchTasks:query",
    "iotda:batchTasks:queryList",
    "iotda:batchTasks:modify",
    "iotda:batchTasks:delete",
    "iotda:batchTaskFiles:upload",
    "iotda:batchTaskFiles:queryList",
    "iotda:batchTaskFiles:delete",
    "holdfast:events:query",
    "holdfast:bans:query",
    "holdfast:bans:lift",
    "holdfast:access:explain",
    "holdfast:keys:manage",
};
static_assert(!names.back().empty());

}  // namespace

std::string_view name_of(Action action) { return names[static_cast<std::size_t>(action)]; }

bool is_for_keys(Action action) {
    return !name_of(action).empty() && action != Action::keys_manage;
}

}  // namespace holdfast::api
