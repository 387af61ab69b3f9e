#pragma once
// Batch tasks: POST and GET /v5/iot/{project_id}/batchtasks, GET and DELETE .../batchtasks/{task_id}, POST
// .../stop, .../retry and .../confirm.
// A task that is answered with 201 is durable with all its targets.
// Threads: the HTTP side's. Lifetime: the context's parts outlive the routes.

#include "api/apps.hpp"
#include "api/batch_runner.hpp"
#include "api/routes.hpp"
#include "base/environment.hpp"
#include "store/catalogue.hpp"

namespace holdfast::api {

struct BatchTasksContext {
    store::Catalogue& catalogue;
    store::Executor& executor;  ///< of the thread that the handlers run on
    const Apps& apps;
    BatchRunner& runner;
    const Clock& clock;
};

void add_batch_task_routes(Routes& routes, const BatchTasksContext& context);

}  // namespace holdfast::api
