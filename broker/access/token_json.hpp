#pragma once
// The JSON of tokens and their keys: one object in UTF-8, of bounded depth, in which no name stands twice.
// What a reader takes first and another last can be two things to the one who checks and the one who acts.
// Limits: as deep as an access list needs; the size is the caller's. Threads: any.

#include <boost/json/object.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::access {

/// Arrays and objects inside each other, the outermost included.
inline constexpr std::size_t token_json_depth_max = 8;

/// Empty: the text is no such object.
[[nodiscard]] std::optional<boost::json::object> parse_token_json(std::string_view text);

/// The text of that name, or null when there is none or it is something else.
[[nodiscard]] const boost::json::string* find_text(const boost::json::object& object,
                                                   std::string_view name);

}  // namespace holdfast::access
