#pragma once
// What a device is asked and answers at once: POST /v5/iot/{project_id}/devices/{device_id}/commands, and
// PUT and GET .../properties. A request waits for the device's answer, at most
// DeviceRequestSettings::timeout. docs/http-api-commands.md has the table of answers.
// Limitations: that an application has hung up is not noticed before the answer is written; until then its
// request counts among those that wait.
// Threads: the HTTP side's shard; devices are asked in a turn of it.

#include "api/device_requests.hpp"
#include "api/routes.hpp"
#include "base/environment.hpp"
#include "base/turn.hpp"
#include "store/catalogue.hpp"

namespace holdfast::api {

/// Everything that is referred to outlives the routes.
struct CommandsContext {
    DeviceRequests& requests;
    store::Catalogue& catalogue;
    store::Executor& executor;  ///< the shard on which the handlers run
    TurnGate& turns;
    Random& random;
    bool object_device_id_always = false;  ///< else a device that is connected itself gets none
};

void add_command_routes(Routes& routes, const CommandsContext& context);

}  // namespace holdfast::api
