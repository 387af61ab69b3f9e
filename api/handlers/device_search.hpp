#pragma once
// Search for devices: POST /v5/iot/{project_id}/search/query-devices with a statement (device_sql.hpp).
// Threads: the HTTP side's. Lifetime: the context's parts outlive the routes.

#include "api/device_views.hpp"
#include "api/routes.hpp"

namespace holdfast::api {

void add_device_search_routes(Routes& routes, const DeviceViews::Context& context);

}  // namespace holdfast::api
