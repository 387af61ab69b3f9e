#pragma once
// Is it alive, is it ready, which version is it: GET /healthz/live, /healthz/ready, /version.

#include "api/routes.hpp"
#include "api/status_source.hpp"

namespace holdfast::api {

/// `source` must outlive the routes.
void add_health_routes(Routes& routes, const StatusSource& source);

}  // namespace holdfast::api
