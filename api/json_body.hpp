#pragma once
// The body of a request as JSON, and the two answers to one that is wrong: 400 IOTDA.000008 when it is
// not JSON, 400 IOTDA.000006 when a field breaks its rule.
// What it may be is bounded before it is believed: its size by HttpLimits, its depth here.
// Lifetime: the value keeps what it needs. Threads: any.

#include "api/exchange.hpp"
#include "api/json_fields.hpp"

#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace holdfast::api {

/// Arrays and objects inside each other, the outermost included: what takes a value apart recurses.
inline constexpr std::size_t json_depth_max = 32;

/// Why a text is not taken for JSON.
struct JsonProblem {
    std::string text;  ///< "is not JSON: syntax error at byte 3"
};
/// One whole JSON text in UTF-8.
[[nodiscard]] boost::system::result<boost::json::value, JsonProblem> parse_json(
    std::string_view text);

/// The same of a request; else the answer, which says what is wrong and at which byte.
[[nodiscard]] boost::system::result<boost::json::value, Response> parse_json_body(
    std::string_view body);

[[nodiscard]] Response field_error_response(const FieldError& error);

}  // namespace holdfast::api
