#include "access/jwt.hpp"

#include "access/base64url.hpp"
#include "access/token_json.hpp"
#include "base/limits.hpp"
#include "base/utf8.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace holdfast::access {

namespace {

using boost::json::object;
using boost::json::value;

TokenRefusal refusal(std::string detail) { return {std::move(detail), false}; }

struct Parts {
    std::string_view header;
    std::string_view claims;
    std::string_view signature;
    std::string_view signed_text;
};

std::optional<Parts> split(std::string_view token) {
    const std::size_t first = token.find('.');
    if (first == std::string_view::npos) return std::nullopt;
    const std::size_t second = token.find('.', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    return Parts{.header = token.substr(0, first),
                 .claims = token.substr(first + 1, second - first - 1),
                 .signature = token.substr(second + 1),
                 .signed_text = token.substr(0, second)};
}

std::string_view view(const boost::json::string& text) { return {text.data(), text.size()}; }

bool is(const value& each, std::string_view word) {
    return each.is_string() && view(each.get_string()) == word;
}

/// A NumericDate of RFC 7519, seconds with or without a fraction; empty: it is none, or beyond the year 9999.
std::optional<WallTime> instant_of(const value& number) {
    constexpr double seconds_max = 253'402'300'799.0;
    double seconds = 0;
    if (number.is_int64()) {
        seconds = static_cast<double>(number.get_int64());
    } else if (number.is_uint64()) {
        seconds = static_cast<double>(number.get_uint64());
    } else if (number.is_double()) {
        seconds = number.get_double();
    } else {
        return std::nullopt;
    }
    if (!(seconds >= 0 && seconds <= seconds_max)) return std::nullopt;
    return WallTime{Milliseconds{static_cast<std::int64_t>(std::floor(seconds * 1'000))}};
}

/// Can be the name of a user: what MQTT may carry as one, and no control characters.
bool is_name(std::string_view text) {
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
    return !text.empty() && text.size() <= string_bytes_max && is_valid_utf8_string(text) &&
           std::ranges::none_of(text, is_control);
}

bool is_for(const value& audience, std::string_view name) {
    if (const auto* const list = audience.if_array()) {
        return std::ranges::any_of(*list, [&](const value& each) { return is(each, name); });
    }
    return is(audience, name);
}

/// What is wrong with whom the token is from, for and about; empty: nothing.
std::string problem_of_names(const object& claims, const TokenDemands& demands,
                             const TokenLogin& login) {
    const boost::json::string* const subject = find_text(claims, "sub");
    if (subject == nullptr || !is_name(view(*subject))) return "it has no sub that can be a name";
    if (login.user_name && *login.user_name != view(*subject)) {
        return "its sub is not the user name of CONNECT";
    }
    const value* const client_id = claims.if_contains("client_id");
    if (client_id != nullptr && !is(*client_id, login.client_id)) {
        return "its client_id is not the Client Identifier";
    }
    const value* const issuer = claims.if_contains("iss");
    if (!demands.issuer.empty() && (issuer == nullptr || !is(*issuer, demands.issuer))) {
        return "its iss is not jwt_issuer";
    }
    const value* const audience = claims.if_contains("aud");
    if (!demands.audience.empty() && (audience == nullptr || !is_for(*audience, demands.audience))) {
        return "its aud does not name jwt_audience";
    }
    return {};
}

}  // namespace

bool looks_like_token(std::string_view password) {
    const auto parts = split(password);
    return parts && !parts->header.empty() && !parts->claims.empty() &&
           is_base64url_alphabet(parts->header) && is_base64url_alphabet(parts->claims) &&
           is_base64url_alphabet(parts->signature);
}

TokenResult<TokenHeader> read_token_header(std::string_view json) {
    const auto header = parse_token_json(json);
    if (!header) return refusal("its header is no JSON object, or has a name twice");
    // Nothing that a token could make critical is known here. RFC 7515 section 4.1.11
    if (header->contains("crit")) return refusal("its header makes something critical");
    const boost::json::string* const algorithm = find_text(*header, "alg");
    if (algorithm == nullptr) return refusal("its header has no alg");
    TokenHeader read{.algorithm = std::string{view(*algorithm)}, .key_id = {}};
    if (header->contains("kid")) {
        const boost::json::string* const id = find_text(*header, "kid");
        if (id == nullptr) return refusal("its kid is no text");
        read.key_id.emplace(view(*id));
    }
    return read;
}

TokenResult<TokenClaims> read_token_claims(std::string_view json, const TokenDemands& demands,
                                           const TokenLogin& login) {
    const auto claims = parse_token_json(json);
    if (!claims) return refusal("its claims are no JSON object, or have a name twice");
    if (auto problem = problem_of_names(*claims, demands, login); !problem.empty()) {
        return refusal(std::move(problem));
    }
    TokenClaims read{.user_name = std::string{view(*find_text(*claims, "sub"))}, .rules = {}};
    if (const value* const acl = claims->if_contains("acl")) {
        auto rules = read_token_rules(*acl);
        if (!rules) return refusal("its " + std::move(rules).error());
        read.rules = *std::move(rules);
    }
    if (const value* const not_before = claims->if_contains("nbf")) {
        const auto start = instant_of(*not_before);
        if (!start) return refusal("its nbf is no time");
        if (*start - token_clock_leeway > login.now) return refusal("it does not hold yet");
    }
    const value* const expiry = claims->if_contains("exp");
    const auto end = expiry == nullptr ? std::nullopt : instant_of(*expiry);
    if (!end) return refusal("it has no exp that is a time");
    // The connection ends at `exp`; who comes with a token that has just expired stays for the leeway only.
    const WallTime until = *end > login.now ? *end : *end + token_clock_leeway;
    if (until <= login.now) return TokenRefusal{"it has expired", true};
    read.valid_for = until - login.now;
    return read;
}

TokenResult<TokenClaims> judge_token(std::string_view token, const TokenKeys& keys,
                                     const TokenDemands& demands, const TokenLogin& login) {
    if (token.size() > token_bytes_max) return refusal("it is longer than 16 KiB");
    const auto parts = split(token);
    if (!parts) return refusal("it has no three parts");
    const auto header_json = decode_base64url(parts->header);
    const auto claims_json = decode_base64url(parts->claims);
    const auto signature = decode_base64url(parts->signature);
    if (!header_json || !claims_json || !signature) return refusal("a part is not base64url");
    const auto header = read_token_header(*header_json);
    if (!header) return header.error();
    const TokenKey* const key = keys.find(header->key_id);
    if (key == nullptr) return refusal("no key has its kid");
    // Or an HMAC with the public key as its secret would do. RFC 8725 section 3.1
    if (header->algorithm != to_string(key->algorithm())) {
        return refusal("its alg is not that of the key");
    }
    if (!key->has_signed(parts->signed_text, *signature)) {
        return refusal("its signature is wrong");
    }
    return read_token_claims(*claims_json, demands, login);
}

}  // namespace holdfast::access
