#pragma once
// Keys of applications, beyond the platform's contract; for who has logged in with a password:
//
//   POST   /v5/iot/{project_id}/keys             201, the key, and this one time its secret
//   GET    /v5/iot/{project_id}/keys             200, all of them, latest first
//   GET    /v5/iot/{project_id}/keys/{key_id}    200
//   PUT    /v5/iot/{project_id}/keys/{key_id}    200; name, permissions, status, expiry
//   DELETE /v5/iot/{project_id}/keys/{key_id}    204
//
// A change holds for the next request. Threads: the HTTP side's. Lifetime: the context's parts outlive the
// routes.

#include "api/app_keys.hpp"
#include "api/key_store.hpp"
#include "api/routes.hpp"
#include "base/environment.hpp"

namespace holdfast::api {

struct KeysContext {
    KeyStore& store;
    const AppKeys& keys;
    const Clock& clock;
    Random& random;
};

void add_key_routes(Routes& routes, const KeysContext& context);

}  // namespace holdfast::api
