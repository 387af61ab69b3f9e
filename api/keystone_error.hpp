#pragma once
// Errors in the shape of Keystone, which the paths below /v3 have. Pure functions.

#include "api/exchange.hpp"

#include <string_view>

namespace holdfast::api {

/// {"error": {"code": 401, "message": ..., "title": "Unauthorized"}}
[[nodiscard]] Response keystone_error(http::status status, std::string_view message);
/// The same for an error of the platform's own shape, with its header fields.
[[nodiscard]] Response as_keystone_error(const Response& error);

}  // namespace holdfast::api
