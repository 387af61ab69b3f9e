#pragma once
// Policies of the status push: /v5/iot/{project_id}/routing-rule/flowcontrol-policy, how many events go in a
// second, and .../routing-rule/backlog-policy, how much may wait for a receiver.
// docs/http-api-events.md has fields and answers. Threads: the HTTP side's shard.

#include "api/handlers/push_documents.hpp"

namespace holdfast::api {

void add_push_policy_routes(Routes& routes, const PushRoutesContext& context);

}  // namespace holdfast::api
