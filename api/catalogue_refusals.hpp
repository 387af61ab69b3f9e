#pragma once
// The answers to requests about devices and products that cannot be done, each with its code: those of
// the platform's contract where it has one; IOTDA.00019x, IOTDA.01319x and IOTDA.01418x are ours. The
// tables are in docs/http-api-devices.md and docs/http-api-access.md. Threads: any.

#include "api/exchange.hpp"

#include <string_view>
#include <system_error>

namespace holdfast::api {

[[nodiscard]] Response no_such_device(std::string_view device_id);
[[nodiscard]] Response no_such_product(std::string_view product_id);
/// The resource space, which the contract calls application.
[[nodiscard]] Response no_such_app(std::string_view app_id);

/// What adding, changing or removing a device or product met. Of errors that are not CatalogueError: 507
/// when the disk is full, else 503 with Retry-After; nothing was changed.
[[nodiscard]] Response device_refusal(std::error_code error, std::string_view device_id);
[[nodiscard]] Response product_refusal(std::error_code error, std::string_view product_id);
/// The same of a key of an application.
[[nodiscard]] Response key_refusal(std::error_code error, std::string_view key_id);

}  // namespace holdfast::api
