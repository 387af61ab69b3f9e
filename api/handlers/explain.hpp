#pragma once
// What would be decided about an MQTT client, by the rules, users and devices that are in force now, and why.
// For operators; beyond the platform's contract. Looks at no password.
//
//   GET /admin/explain/connect?client_id=&user=&listener=                    200, {"allowed", "because"}
//   GET /admin/explain/publish?client_id=&user=&listener=&topic=&qos=&retain=
//   GET /admin/explain/subscribe?client_id=&user=&listener=&topic=&qos=
//
// Threads: the HTTP side's. Lifetime: the context's parts outlive the routes.

#include "api/custom_topics.hpp"
#include "api/explain_source.hpp"
#include "api/routes.hpp"
#include "store/catalogue.hpp"

namespace holdfast::api {

struct ExplainContext {
    const ExplainSource& source;
    store::Catalogue& catalogue;
    store::Executor& executor;  ///< of the thread that the handlers run on
    const CustomTopics& topics;
};

void add_explain_routes(Routes& routes, const ExplainContext& context);

}  // namespace holdfast::api
