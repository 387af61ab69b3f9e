#pragma once
// Rules and actions of the status push: /v5/iot/{project_id}/routing-rule/rules and .../routing-rule/actions.
// A change is answered when its document is durable, and is in force from then on; lists come from memory.
// docs/http-api-events.md has fields and answers. Threads: the HTTP side's shard.

#include "api/pusher.hpp"
#include "api/routes.hpp"
#include "store/catalogue.hpp"

namespace holdfast::api {

/// Everything that is referred to outlives the routes.
struct PushRulesContext {
    Pusher& pusher;
    store::Documents& documents;
    store::Executor& executor;
};

void add_push_rule_routes(Routes& routes, const PushRulesContext& context);

}  // namespace holdfast::api
