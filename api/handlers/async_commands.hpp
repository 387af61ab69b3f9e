#pragma once
// Commands that are not waited for: POST and GET /v5/iot/{project_id}/devices/{device_id}/async-commands,
// GET .../async-commands/{command_id}, GET .../async-commands-history and POST
// .../async-commands-history/count. docs/http-api-commands.md has the fields and the answers.
// Threads: the HTTP side's shard, which is home to AsyncCommands.

#include "api/async_commands.hpp"
#include "api/routes.hpp"
#include "store/catalogue.hpp"

namespace holdfast::api {

/// Everything that is referred to outlives the routes.
struct AsyncCommandsContext {
    AsyncCommands& commands;
    store::Catalogue& catalogue;
    store::Executor& executor;  ///< the shard on which the handlers run
};

void add_async_command_routes(Routes& routes, const AsyncCommandsContext& context);

}  // namespace holdfast::api
