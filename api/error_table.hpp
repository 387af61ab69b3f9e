#pragma once
// ErrorTable: every error_code that an answer of the HTTP interface can carry, or a message's error_info,
// with its status, what it means and what to do. docs/errors.md is made of it. Values.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace holdfast::api {

struct ErrorRow {
    std::string_view code;
    std::string_view statuses;  ///< "400"; "-": it stands in the error_info of a message only
    std::string_view cause;
    std::string_view cure;
};

/// In the order of their codes.
[[nodiscard]] std::span<const ErrorRow> error_table();

/// The page docs/errors.md.
[[nodiscard]] std::string error_page();

}  // namespace holdfast::api
