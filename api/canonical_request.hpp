#pragma once
// CanonicalRequest: what a signature of a request is about, made from the request as it was received: method,
// path, query, the headers that were signed, the digest of the body, a line each.
//
//   path      percent-decoded, then each byte but A-Z a-z 0-9 - . _ ~ and / encoded; ends in /
//   query     the same of each name and value (/ encoded, too; + is a space), sorted by name, then value;
//             `name=` for a name without value; of a name that comes several times all are there
//   headers   `name:value` for each name of SignedHeaders, in its order, values without spaces around them
//   digest    SHA-256 of the body, or UNSIGNED-PAYLOAD where X-Sdk-Content-Sha256 says so
//
// Errors: a sentence that says what to change. Pure functions. Threads: any.

#include "api/exchange.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace holdfast::api {

/// Of names in SignedHeaders; a request has less.
inline constexpr std::size_t signed_headers_max = 64;

/// A sentence.
struct CanonicalFault {
    std::string text;
};

[[nodiscard]] boost::system::result<std::string, CanonicalFault> canonical_request(
    const RequestHeader& header, std::string_view body, std::string_view signed_headers);

}  // namespace holdfast::api
