#pragma once
// GET /openapi.json: this interface as an OpenAPI 3.1 document, for whoever asks, pages of other places
// included. It is made of docs/openapi, and stands in the program. Threads: the HTTP side's.

#include "api/routes.hpp"

#include <string_view>

namespace holdfast::api {

/// The whole document.
[[nodiscard]] std::string_view openapi_document();

void add_openapi_routes(Routes& routes);

}  // namespace holdfast::api
