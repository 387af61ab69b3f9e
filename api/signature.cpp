#include "api/signature.hpp"

#include "api/canonical_request.hpp"
#include "api/contract_time.hpp"
#include "base/digest.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace holdfast::api {

namespace {

constexpr std::string_view plain_scheme = "SDK-HMAC-SHA256";
constexpr std::string_view derived_scheme = "V11-HMAC-SHA256";
constexpr std::string_view date_header = "X-Sdk-Date";
constexpr std::size_t date_digits = 8;
/// Without the first the request could be sent to another server, without the second at another time.
constexpr std::array<std::string_view, 2> must_be_signed{"host", "x-sdk-date"};

std::string_view view_of(boost::beast::string_view text) { return {text.data(), text.size()}; }

bool has_scheme(std::string_view authorization, std::string_view scheme) {
    return authorization.starts_with(scheme) &&
           authorization.substr(scheme.size()).starts_with(' ');
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
    text.remove_prefix(begin);
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

/// What stands behind `name=` in a list with commas; empty: nothing.
std::string_view value_of(std::string_view list, std::string_view name) {
    while (!list.empty()) {
        const std::string_view part = list.substr(0, std::min(list.find(','), list.size()));
        list.remove_prefix(std::min(part.size() + 1, list.size()));
        const std::string_view entry = trimmed(part);
        const bool is_it = entry.starts_with(name) && entry.substr(name.size()).starts_with('=');
        if (is_it) return entry.substr(name.size() + 1);
    }
    return {};
}

bool is_in_list(std::string_view list, std::string_view name) {
    while (!list.empty()) {
        const std::string_view part = list.substr(0, std::min(list.find(';'), list.size()));
        if (part == name) return true;
        list.remove_prefix(std::min(part.size() + 1, list.size()));
    }
    return false;
}

/// Splits Credential={AK}/{YYYYMMDD}/{region}/{service}. False: it has another form.
bool read_credential(std::string_view credential, Signature& signature) {
    const std::size_t slash = credential.find('/');
    if (slash == std::string_view::npos) return false;
    signature.access_key = credential.substr(0, slash);
    signature.scope = credential.substr(slash + 1);
    std::string_view rest = signature.scope;
    for (int parts = 1;; ++parts) {
        const std::size_t end = std::min(rest.find('/'), rest.size());
        if (end == 0) return false;
        if (end == rest.size()) return parts == 3;
        rest.remove_prefix(end + 1);
    }
}

/// Empty: the date is about now, and the one that the key was derived for.
std::optional<std::string> find_fault_of_date(const Signature& signature, std::string_view date,
                                              WallTime now) {
    const auto signed_at = parse_contract_time(date);
    if (!signed_at) return "the header X-Sdk-Date must be a UTC time as 20260131T120000Z";
    const std::string day = std::string{date.substr(0, date_digits)} + "/";
    if (signature.is_derived && !signature.scope.starts_with(day)) {
        return "the date of Credential is not that of X-Sdk-Date";
    }
    if (*signed_at + signature_tolerance >= now && *signed_at - signature_tolerance <= now) {
        return std::nullopt;
    }
    return "the request was signed at " + std::string{date} + " and it is " + contract_time(now) +
           " here; set the clock: 15 minutes are allowed";
}

std::string string_to_sign(const Signature& signature, std::string_view date,
                           std::string_view digest) {
    std::string text;
    text.reserve(192);
    text.append(signature.is_derived ? derived_scheme : plain_scheme).append("\n");
    text.append(date).append("\n");
    if (signature.is_derived) text.append(signature.scope).append("\n");
    return text.append(digest);
}

}  // namespace

bool is_signature(std::string_view authorization) {
    return has_scheme(authorization, plain_scheme) || has_scheme(authorization, derived_scheme);
}

boost::system::result<Signature, std::string> parse_signature(std::string_view authorization) {
    Signature signature;
    signature.is_derived = has_scheme(authorization, derived_scheme);
    const std::string_view list = authorization.substr(plain_scheme.size());
    static_assert(plain_scheme.size() == derived_scheme.size());
    if (!signature.is_derived) {
        signature.access_key = value_of(list, "Access");
    } else if (!read_credential(value_of(list, "Credential"), signature)) {
        return std::string{"Credential must be {AK}/{YYYYMMDD}/{region}/{service}"};
    }
    signature.signed_headers = value_of(list, "SignedHeaders");
    signature.digits = value_of(list, "Signature");
    const std::pair<std::string_view, bool> parts[] = {
        {"Access", !signature.access_key.empty()},
        {"SignedHeaders", !signature.signed_headers.empty()},
        {"Signature", !signature.digits.empty()}};
    for (const auto& [name, is_there] : parts) {
        if (!is_there) return "the header Authorization has no " + std::string{name} + "=";
    }
    for (const std::string_view name : must_be_signed) {
        if (is_in_list(signature.signed_headers, name)) continue;
        return "SignedHeaders must contain " + std::string{name};
    }
    return signature;
}

std::optional<std::string> find_fault(const Signature& signature, const RequestHeader& header,
                                      std::string_view body, const AppKey& key, WallTime now) {
    const std::string_view date = view_of(header[date_header]);
    if (auto fault = find_fault_of_date(signature, date, now)) return fault;
    const auto canonical = canonical_request(header, body, signature.signed_headers);
    if (canonical.has_error()) return canonical.error().text;
    const Sha256Text digest = to_hex_text(sha256({*canonical}));
    const std::string text = string_to_sign(signature, date, as_text(digest));
    const Sha256 mac =
        signature.is_derived ? key.signing_of(signature.scope)->mac(text) : key.signing().mac(text);
    if (is_equal_in_constant_time(as_text(to_hex_text(mac)), signature.digits)) return std::nullopt;
    return "verify aksk signature fail; the SHA-256 of the CanonicalRequest that arrived is " +
           std::string{as_text(digest)};
}

}  // namespace holdfast::api
