#pragma once
// Tags of devices: POST /v5/iot/{project_id}/tags/bind-resource, /tags/unbind-resource,
// /tags/query-resources.
// Threads: the HTTP side's. Lifetime: the context's parts outlive the routes.

#include "api/routes.hpp"
#include "store/catalogue.hpp"

namespace holdfast::api {

struct TagsContext {
    store::Catalogue& catalogue;
    store::Executor& executor;  ///< of the thread that the handlers run on
};

void add_tag_routes(Routes& routes, const TagsContext& context);

}  // namespace holdfast::api
