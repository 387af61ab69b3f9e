#pragma once
// The answers to requests about devices, products, keys and documents that cannot be done, each with its
// code: those of the platform's contract where it has one; IOTDA.00019x, IOTDA.00109x, IOTDA.01319x,
// IOTDA.01417x, IOTDA.01418x, IOTDA.01518x, IOTDA.01519x, IOTDA.01529x and IOTDA.01539x are ours. All of them
// are in docs/errors.md. Threads: any.

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

/// How a kind of document is called, and its codes.
struct DocumentWords {
    std::string_view noun;       ///< "device group"
    std::string_view not_found;  ///< code of a 404
    std::string_view limit;      ///< code of a 403: there are as many as are allowed
};
inline constexpr DocumentWords group_words{"device group", "IOTDA.015190", "IOTDA.015191"};
inline constexpr DocumentWords policy_words{"device policy", "IOTDA.015290", "IOTDA.015291"};
inline constexpr DocumentWords task_words{"batch task", "IOTDA.015390", "IOTDA.015391"};
inline constexpr DocumentWords rule_words{"rule", "IOTDA.015101", "IOTDA.015102"};
inline constexpr DocumentWords action_words{"action", "IOTDA.015101", "IOTDA.015102"};
inline constexpr DocumentWords certificate_words{"certificate", "IOTDA.015181", "IOTDA.015182"};
inline constexpr DocumentWords push_policy_words{"policy", "IOTDA.015184", "IOTDA.015185"};
inline constexpr DocumentWords subscription_words{"subscription", "IOTDA.015187", "IOTDA.015102"};
inline constexpr DocumentWords file_words{"file of a batch task", "IOTDA.015395", "IOTDA.015396"};
inline constexpr DocumentWords command_words{"asynchronous command", "IOTDA.014176",
                                             "IOTDA.014177"};
[[nodiscard]] Response document_refusal(std::error_code error, const DocumentWords& words,
                                        std::string_view id);
[[nodiscard]] Response app_refusal(std::error_code error, std::string_view app_id);
/// 403, of what its state forbids.
[[nodiscard]] Response not_allowed(std::string_view code, std::string_view why);

}  // namespace holdfast::api
