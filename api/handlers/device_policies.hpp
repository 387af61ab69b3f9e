#pragma once
// Device topic policies: POST and GET /v5/iot/{project_id}/device-policies, GET, PUT and DELETE
// .../{policy_id}, POST .../{policy_id}/bind, /unbind and /list-targets. What is answered is durable, and
// holds for connected devices.
// Threads: the HTTP side's. Lifetime: the context's parts outlive the routes.

#include "api/apps.hpp"
#include "api/policy_enforcer.hpp"
#include "api/routes.hpp"
#include "base/environment.hpp"
#include "store/catalogue.hpp"

#include <vector>

namespace holdfast::api {

struct DevicePoliciesContext {
    store::Catalogue& catalogue;
    store::Executor& executor;  ///< of the thread that the handlers run on
    const Apps& apps;
    PolicyEnforcer& policies;
    const Clock& clock;
};

void add_device_policy_routes(Routes& routes, const DevicePoliciesContext& context);

/// Tells `enforcer` what the catalogue has. Waits, before the server's threads run.
[[nodiscard]] Result<void> load_policies(store::Documents& documents, PolicyEnforcer& enforcer);

}  // namespace holdfast::api
