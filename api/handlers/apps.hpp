#pragma once
// Resource spaces: POST and GET /v5/iot/{project_id}/apps, GET, PUT and DELETE .../apps/{app_id}.
// A space that is deleted takes nothing new from the moment on that its products and devices are counted.
// Threads: the HTTP side's. Lifetime: the context's parts outlive the routes.

#include "api/apps.hpp"
#include "api/policy_enforcer.hpp"
#include "api/routes.hpp"
#include "base/environment.hpp"
#include "store/catalogue.hpp"

namespace holdfast::api {

struct AppsContext {
    store::Catalogue& catalogue;
    store::Executor& executor;  ///< of the thread that the handlers run on
    Apps& apps;
    PolicyEnforcer& policies;
    const Clock& clock;
};

void add_app_routes(Routes& routes, const AppsContext& context);

}  // namespace holdfast::api
