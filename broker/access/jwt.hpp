#pragma once
// JSON Web Tokens in place of passwords (RFC 7519), signed in the compact form of RFC 7515: whether one is
// signed by our key, holds now and for this client, and what it says about it. RFC 8725 is the checklist.
//
//   exp        required. A token that has expired holds for another minute at CONNECT: clocks differ
//   nbf        if it is there, it may be a minute ahead
//   sub        required: the user's name, that of CONNECT if it has one
//   client_id  if it is there: the Client Identifier
//   iss, aud   what the configuration asks for
//   acl        what the client may do (token_rules.hpp)
//
// The key decides the algorithm, and the token's `alg` must name it. A header that makes something critical,
// a name that stands twice, and JSON that is deeper than an access list are refused.
// Threads: any. Time: a signature of RSA some 50 us, of P-256 and Ed25519 some 150 us: on the shard.
// Limits: 16 KiB, and those of token_json.hpp. Errors: what is wrong, for the log and never for the peer.

#include "access/jwks.hpp"
#include "access/token_rules.hpp"
#include "base/time.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::access {

inline constexpr std::size_t token_bytes_max = 16 * 1024;
inline constexpr Seconds token_clock_leeway{60};

/// What the configuration asks of tokens; empty: nothing.
struct TokenDemands {
    std::string issuer;
    std::string audience;
};

/// Who shows the token, and when.
struct TokenLogin {
    std::string_view client_id;
    std::optional<std::string_view> user_name;
    WallTime now;
};

struct TokenHeader {
    std::string algorithm;
    std::optional<std::string> key_id;
};

struct TokenClaims {
    std::string user_name;
    Milliseconds valid_for{0};  ///< from now on
    TokenRulesPtr rules;        ///< null: the token says nothing of topics
};

struct TokenRefusal {
    std::string detail;
    bool has_expired = false;  ///< and nothing else is wrong with it
};

template <class T>
using TokenResult = boost::system::result<T, TokenRefusal>;

/// Three parts of base64url with dots between them; the last may be empty, as in a token without signature.
[[nodiscard]] bool looks_like_token(std::string_view password);

[[nodiscard]] TokenResult<TokenClaims> judge_token(std::string_view token, const TokenKeys& keys,
                                                   const TokenDemands& demands,
                                                   const TokenLogin& login);

// Its parts, of JSON as it was signed.
[[nodiscard]] TokenResult<TokenHeader> read_token_header(std::string_view json);
[[nodiscard]] TokenResult<TokenClaims> read_token_claims(std::string_view json,
                                                         const TokenDemands& demands,
                                                         const TokenLogin& login);

}  // namespace holdfast::access
