#pragma once
// The shadow of a device: GET, PUT and DELETE /v5/iot/{project_id}/devices/{device_id}/shadow: what it has
// reported, and what is desired of it. docs/http-api-commands.md has the rules and the table of answers.
// Threads: the HTTP side's shard.

#include "api/routes.hpp"
#include "api/shadows.hpp"
#include "base/environment.hpp"
#include "store/catalogue.hpp"

namespace holdfast::api {

/// Everything that is referred to outlives the routes.
struct ShadowContext {
    Shadows& shadows;
    store::Catalogue& catalogue;
    store::Executor& executor;  ///< the shard on which the handlers run
    const Clock& clock;
};

void add_shadow_routes(Routes& routes, const ShadowContext& context);

}  // namespace holdfast::api
