#pragma once
// The server's counters and levels for Prometheus: GET /metrics.

#include "api/routes.hpp"
#include "api/status_source.hpp"

namespace holdfast::api {

/// `source` must outlive the routes.
void add_metrics_routes(Routes& routes, const StatusSource& source);

}  // namespace holdfast::api
