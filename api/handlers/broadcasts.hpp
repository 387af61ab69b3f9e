#pragma once
// Broadcasts: POST /v5/iot/{project_id}/broadcast-messages: a message to every device of a resource space
// that has a connection and has subscribed to its topic, below $oc/broadcast/.
// Threads: the HTTP side's. Lifetime: the context's parts outlive the routes.

#include "api/apps.hpp"
#include "api/broadcast_service.hpp"
#include "api/routes.hpp"
#include "base/environment.hpp"
#include "store/catalogue.hpp"

#include <cstddef>

namespace holdfast::api {

/// Of a broadcast with a ttl.
inline constexpr std::size_t broadcast_receivers_max = 10;
/// Identifiers of broadcasts with a ttl that is not over, of which none may come twice.
inline constexpr std::size_t broadcast_ids_max = 10'000;

struct BroadcastsContext {
    store::Catalogue& catalogue;
    store::Executor& executor;  ///< of the thread that the handlers run on
    const Apps& apps;
    BroadcastService& broadcasts;
    const Clock& clock;
    Random& random;
};

void add_broadcast_routes(Routes& routes, const BroadcastsContext& context);

}  // namespace holdfast::api
