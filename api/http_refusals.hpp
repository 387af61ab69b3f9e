#pragma once
// Answers to requests that are none: what could not be read, and what HTTP/1.1 forbids. Pure functions.

#include "api/exchange.hpp"
#include "api/http_limits.hpp"

#include <boost/system/error_code.hpp>

#include <optional>

namespace holdfast::api {

/// The answer to a request that could not be read; empty: there is nobody to answer.
[[nodiscard]] std::optional<Response> refusal_of(const boost::system::error_code& error,
                                                 const HttpLimits& limits, bool has_timed_out);
/// What Beast's parser lets pass and HTTP/1.1 does not.
[[nodiscard]] std::optional<Response> judge_framing(const RequestHeader& header);

}  // namespace holdfast::api
