#pragma once
// Signatures of requests, as the SDKs of the device platform make them with an access key (AK and SK):
//
//   Authorization: SDK-HMAC-SHA256 Access={AK}, SignedHeaders={a;b}, Signature={hexadecimal}
//   Authorization: V11-HMAC-SHA256 Credential={AK}/{YYYYMMDD}/{region}/{service}, SignedHeaders=..., ...
//
// The second one signs with a key that is derived from the SK for one day, region and service.
// X-Sdk-Date may be 15 minutes off. Within these a signed request can be sent again by who has read it: the
// scheme has nothing against that. Errors: sentences. Lifetime: views point into the header. Threads: any.

#include "api/app_key.hpp"
#include "api/exchange.hpp"

#include <boost/system/result.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace holdfast::api {

/// Either way.
inline constexpr Seconds signature_tolerance{15 * 60};

struct Signature {
    bool is_derived = false;  ///< V11-HMAC-SHA256
    std::string_view access_key;
    std::string_view scope;  ///< of a derived one: {YYYYMMDD}/{region}/{service}
    std::string_view signed_headers;
    std::string_view digits;
};

/// Whether the header Authorization is for us.
[[nodiscard]] bool is_signature(std::string_view authorization);
/// Precondition: is_signature().
[[nodiscard]] boost::system::result<Signature, std::string> parse_signature(
    std::string_view authorization);

/// Precondition: `key` is the access key that `signature` names. Empty: the request is as it was signed, and
/// that was about now.
[[nodiscard]] std::optional<std::string> find_fault(const Signature& signature,
                                                    const RequestHeader& header,
                                                    std::string_view body, const AppKey& key,
                                                    WallTime now);

}  // namespace holdfast::api
