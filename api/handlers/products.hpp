#pragma once
// Products: POST and GET /v5/iot/{project_id}/products, GET, PUT and DELETE .../products/{product_id}, and
// beyond the contract GET and PUT .../products/{product_id}/topics, the custom topics of its devices.
// Threads: the HTTP side's. Lifetime: the context's parts outlive the routes.

#include "api/apps.hpp"
#include "api/custom_topics.hpp"
#include "api/installation.hpp"
#include "api/policy_enforcer.hpp"
#include "api/platform_event.hpp"
#include "api/routes.hpp"
#include "base/environment.hpp"
#include "store/catalogue.hpp"

namespace holdfast::api {

struct ProductsContext {
    store::Catalogue& catalogue;
    store::Executor& executor;  ///< of the thread that the handlers run on
    const Installation& installation;
    const Clock& clock;
    Random& random;
    const Apps& apps;
    PolicyEnforcer& policies;
    CustomTopics* topics = nullptr;     ///< null: nobody enforces them
    PlatformEventSink* sink = nullptr;  ///< is told what was changed; null: nobody is
};

void add_product_routes(Routes& routes, const ProductsContext& context);

}  // namespace holdfast::api
