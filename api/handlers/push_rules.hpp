#pragma once
// Rules and actions of the status push: /v5/iot/{project_id}/routing-rule/rules and .../routing-rule/actions.
// A change is answered when its document is durable, and is in force from then on; lists come from memory.
// docs/http-api-events.md has fields and answers. Threads: the HTTP side's shard.

#include "api/handlers/push_documents.hpp"

namespace holdfast::api {

void add_push_rule_routes(Routes& routes, const PushRoutesContext& context);

}  // namespace holdfast::api
