#pragma once
// What happened: GET /v5/iot/{project_id}/events, beyond the contract: the events behind a cursor, at once,
// or when some come (`wait`), or as a stream of server-sent events (Accept: text/event-stream).
// docs/http-api-events.md has the parameters. Threads: the HTTP side's shard, which is the log's home.

#include "api/event_log.hpp"
#include "api/routes.hpp"

namespace holdfast::api {

/// Everything that is referred to outlives the routes.
struct EventsContext {
    EventLog& log;
};

void add_event_routes(Routes& routes, const EventsContext& context);

}  // namespace holdfast::api
