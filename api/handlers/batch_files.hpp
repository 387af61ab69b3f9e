#pragma once
// Files of batch tasks: POST and GET /v5/iot/{project_id}/batchtask-files, DELETE .../{file_id}. Their rows
// may have secrets, and are encrypted at rest.
// Threads: the HTTP side's. Lifetime: the context's parts outlive the routes.

#include "api/routes.hpp"
#include "base/environment.hpp"
#include "store/catalogue.hpp"

namespace holdfast::api {

struct BatchFilesContext {
    store::Catalogue& catalogue;
    store::Executor& executor;  ///< of the thread that the handlers run on
    const Clock& clock;
};

void add_batch_file_routes(Routes& routes, const BatchFilesContext& context);

}  // namespace holdfast::api
