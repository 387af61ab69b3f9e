#pragma once
// Subscriptions, as the platform's first contract had the status push: /v5/iot/{project_id}/subscriptions.
// One is an active rule with one action, made together, and the rule's id is its own: everything about
// delivery is said of rules and actions. docs/http-api-events.md has fields and answers.
// Threads: the HTTP side's shard.

#include "api/handlers/push_documents.hpp"

namespace holdfast::api {

void add_subscription_routes(Routes& routes, const PushRoutesContext& context);

}  // namespace holdfast::api
