#pragma once
// Who may not log in for a while, and ending that. For operators; beyond the platform's contract.
//
//   GET    /admin/bans              200, those in force
//   DELETE /admin/bans/{ban_id}     204, that one is lifted; 404
//   DELETE /admin/bans              200, all are lifted, those of one address with ?address=
//
// Threads: the HTTP side's. Lifetime: the context's parts outlive the routes.

#include "api/ban_source.hpp"
#include "api/routes.hpp"
#include "base/environment.hpp"

namespace holdfast::api {

struct BansContext {
    BanSource& source;
    const Clock& clock;
};

void add_ban_routes(Routes& routes, const BansContext& context);

}  // namespace holdfast::api
