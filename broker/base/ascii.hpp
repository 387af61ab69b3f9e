#pragma once
// Texts whose letters are compared without regard to case, where they are ASCII. Not boost::beast::iequals,
// which reads a byte behind the end of texts that differ in the case of a letter (Boost 1.81).

#include <algorithm>
#include <string_view>

namespace holdfast {

[[nodiscard]] constexpr char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] constexpr bool equals_ignoring_case(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, {}, ascii_lower, ascii_lower);
}

}  // namespace holdfast
