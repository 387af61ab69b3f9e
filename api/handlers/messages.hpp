#pragma once
// Messages for devices: POST and GET /v5/iot/{project_id}/devices/{device_id}/messages, GET and DELETE
// .../messages/{message_id}, and beyond the contract GET .../messages/{message_id}/trace.
// A post is judged in this order: access, load, JSON, fields, device, topic, then the queue's own
// judgement (message id, room, disk). docs/http-api.md has the table of answers.
// Threads: the HTTP side's shard; MessageService is called in a turn of it.

#include "api/message_service.hpp"
#include "api/routes.hpp"
#include "base/environment.hpp"
#include "base/turn.hpp"
#include "store/catalogue.hpp"
#include "store/store.hpp"

#include <cstddef>
#include <functional>

namespace holdfast::api {

struct MessagesLimits {
    std::size_t posts_in_flight_max = 10'000;  ///< accepted by HTTP and not yet answered; 429
    /// Committed to the store and not yet durable: more posts would only wait longer; 429.
    store::Level store_backlog_max{.records = 100'000, .bytes = 64 * 1024 * 1024};
};

/// Everything that is referred to outlives the routes.
struct MessagesParts {
    MessageService& messages;
    store::Catalogue& catalogue;
    store::Executor& executor;  ///< the shard on which the handlers run
    TurnGate& turns;
    Random& random;
    std::function<store::Level()> store_backlog;
    MessagesLimits limits;
    std::function<bool()> is_memory_exhausted{};  ///< nothing is posted while it is; empty: never
};

void add_messages_routes(Routes& routes, MessagesParts parts);

}  // namespace holdfast::api
