#pragma once
// Endpoints of the identity service as far as applications need them to use the platform: a token for a
// password, and the project and account that it is for. Errors have Keystone's shape:
// {"error":{"code":401,"message":"...","title":"Unauthorized"}}.
//
//   POST /v3/auth/tokens     201, the token in X-Subject-Token
//   POST /v3/users/{user_id}/password    204, the password is another one and the user's tokens are gone
//   GET  /v3/projects        the one project, whatever region's name is asked for
//   GET  /v3/auth/domains    the one account
//
// Threads: the HTTP side's. Lifetime: the context's parts outlive the routes.

#include "api/installation.hpp"
#include "api/password_worker.hpp"
#include "api/routes.hpp"
#include "api/tokens.hpp"
#include "base/environment.hpp"
#include "store/catalogue.hpp"

namespace holdfast::api {

struct AuthContext {
    store::Catalogue& catalogue;
    store::Executor& executor;  ///< of the thread that the handlers run on
    Tokens& tokens;
    PasswordWorker& passwords;
    const Installation& installation;
    const Clock& clock;
    Random& random;
    PasswordCost cost;  ///< that of the users' hashes
};

void add_auth_routes(Routes& routes, const AuthContext& context);

}  // namespace holdfast::api
