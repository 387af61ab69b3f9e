#pragma once
// What Catalogue and its Documents share: errors, times, pages. Part of catalogue.hpp, which is the header to
// include. Values.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

namespace holdfast::store {

using CatalogueTime = std::chrono::sys_time<std::chrono::milliseconds>;

enum class CatalogueError {
    not_found = 1,
    already_exists,
    still_in_use,
    limit_reached,
    secret_unreadable,  ///< it was not encrypted for this place with this key
};
[[nodiscard]] std::error_code make_error_code(CatalogueError error);

/// Newest first: those whose place is behind `marker` (empty: from the newest), then `offset` are skipped.
struct Paging {
    std::string marker;  ///< 24 hexadecimal digits, as a page before gave it
    std::size_t offset = 0;
    std::size_t limit = 10;
};
/// Of the record with that number: 24 hexadecimal digits.
[[nodiscard]] std::string marker_of(std::int64_t number);
template <class T>
struct CataloguePage {
    std::vector<T> records;
    std::size_t count = 0;  ///< that match, on all pages
    std::string marker;     ///< of the last record
};

using Answered = std::function<void(std::error_code)>;

}  // namespace holdfast::store

template <>
struct std::is_error_code_enum<holdfast::store::CatalogueError> : std::true_type {};
