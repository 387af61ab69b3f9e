#pragma once
// Certificates of authorities that receivers of pushes are checked with: /v5/iot/{project_id}/certificates.
// One that an action names cannot be deleted; another text for it holds from the next connection on.
// docs/http-api-events.md has fields and answers. Threads: the HTTP side's shard.

#include "api/handlers/push_documents.hpp"

namespace holdfast::api {

void add_push_certificate_routes(Routes& routes, const PushRoutesContext& context);

}  // namespace holdfast::api
