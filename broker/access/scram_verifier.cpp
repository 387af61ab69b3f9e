#include "access/scram_verifier.hpp"

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/utf8.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace holdfast::access {

namespace {

constexpr std::string_view form = "scram-sha-256";

/// What is before the next ':' or the end.
std::string_view take_part(std::string_view& text) {
    const std::size_t end = std::min(text.find(':'), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

/// 0: they are none, or too few or too many.
std::uint32_t take_iterations(std::string_view& text) {
    const std::string_view part = take_part(text);
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    const bool is_number = error == std::errc{} && end == part.data() + part.size();
    const bool is_in_range =
        number >= ScramVerifier::iterations_min && number <= ScramVerifier::iterations_max;
    return is_number && is_in_range ? number : 0;
}

template <std::size_t size>
bool take_bytes(std::string_view& text, std::array<std::uint8_t, size>& to) {
    const std::vector<std::uint8_t> bytes = from_hex(take_part(text));
    if (bytes.size() != size) return false;
    std::ranges::copy(bytes, to.begin());
    return true;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

}  // namespace

std::optional<ScramVerifier> ScramVerifier::parse(std::string_view text) {
    constexpr auto colons = 4;
    if (std::ranges::count(text, ':') != colons || take_part(text) != form) return std::nullopt;
    ScramVerifier parsed;
    parsed.iterations = take_iterations(text);
    const bool is_whole = parsed.iterations != 0 && take_bytes(text, parsed.salt) &&
                          take_bytes(text, parsed.stored_key) &&
                          take_bytes(text, parsed.server_key);
    if (!is_whole) return std::nullopt;
    return parsed;
}

ScramKeys ScramKeys::of_password(std::string_view password, const ScramSalt& salt,
                                 std::uint32_t iterations) {
    Sha256 salted{};
    CHECK(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), salt.data(),
                            static_cast<int>(salt.size()), static_cast<int>(iterations),
                            EVP_sha256(), static_cast<int>(salted.size()), salted.data()) == 1);
    return {.client_key = hmac_sha256(salted, "Client Key"),
            .server_key = hmac_sha256(salted, "Server Key")};
}

ScramVerifier ScramVerifier::of_password(std::string_view password, const ScramSalt& salt,
                                         std::uint32_t iterations) {
    const ScramKeys keys = ScramKeys::of_password(password, salt, iterations);
    return {.iterations = iterations,
            .salt = salt,
            .stored_key = sha256_of(keys.client_key),
            .server_key = keys.server_key};
}

ScramVerifier ScramVerifier::of_nobody(std::string_view name, std::span<const std::uint8_t> secret,
                                       std::uint32_t iterations) {
    const auto derive = [&](std::string what) { return hmac_sha256(secret, what.append(name)); };
    ScramVerifier nobody{.iterations = iterations,
                         .salt = {},
                         .stored_key = derive("StoredKey "),
                         .server_key = derive("ServerKey ")};
    const Sha256 salt = derive("salt ");
    std::copy_n(salt.begin(), nobody.salt.size(), nobody.salt.begin());
    return nobody;
}

std::string ScramVerifier::text() const {
    return std::string{form} + ":" + std::to_string(iterations) + ":" + to_hex(salt) + ":" +
           to_hex(stored_key) + ":" + to_hex(server_key);
}

bool is_fit_for_scram(std::string_view password) {
    return is_valid_utf8_string(password) && std::ranges::none_of(password, is_control);
}

ScramVerifier new_scram_verifier(std::string_view password, Random& random,
                                 std::uint32_t iterations) {
    ScramSalt salt{};
    random.fill(salt);
    return ScramVerifier::of_password(password, salt, iterations);
}

}  // namespace holdfast::access
