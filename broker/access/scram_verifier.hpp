#pragma once
// ScramVerifier: what the server keeps of a password for SCRAM-SHA-256 (RFC 5802 section 3, RFC 7677). Who
// reads it can neither log in with it nor read the password from it, but can try passwords at the price of
// `iterations` each, and pretend to be the server. In a file of users it follows the hash of the password:
//
//   scram-sha-256:15000:{salt}:{StoredKey}:{ServerKey}      all three hexadecimal
//
// A value. Threads: any. of_password() takes as long as its iterations say: never on a shard.

#include "access/sha256.hpp"
#include "base/environment.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace holdfast::access {

using ScramSalt = std::array<std::uint8_t, 16>;

/// What a client makes of the password at each login, and the server once.
struct ScramKeys {
    Sha256 client_key{};
    Sha256 server_key{};
    [[nodiscard]] static ScramKeys of_password(std::string_view password, const ScramSalt& salt,
                                               std::uint32_t iterations);
};

struct ScramVerifier {
    /// RFC 7677 asks for no fewer.
    static constexpr std::uint32_t iterations_min = 4'096;
    static constexpr std::uint32_t iterations_max = 1'000'000;
    /// A client pays them at each login: 5 ms of a desktop, some 2 s of a microcontroller without a unit for
    /// SHA-256, which leaves it time within the connect_deadline of 10 s.
    static constexpr std::uint32_t iterations_default = 15'000;

    std::uint32_t iterations = iterations_default;
    ScramSalt salt{};
    Sha256 stored_key{};
    Sha256 server_key{};

    /// Empty: it is not what text() writes, or has too few or too many iterations.
    [[nodiscard]] static std::optional<ScramVerifier> parse(std::string_view text);
    [[nodiscard]] static ScramVerifier of_password(std::string_view password, const ScramSalt& salt,
                                                   std::uint32_t iterations = iterations_default);
    /// Of a name that has none: the same for the same secret, and no password fits.
    [[nodiscard]] static ScramVerifier of_nobody(std::string_view name,
                                                 std::span<const std::uint8_t> secret,
                                                 std::uint32_t iterations);

    [[nodiscard]] std::string text() const;
    friend bool operator==(const ScramVerifier&, const ScramVerifier&) = default;
};

/// Whether it is UTF-8 without control characters. What SASLprep (RFC 4013) would change of other text is not
/// changed.
[[nodiscard]] bool is_fit_for_scram(std::string_view password);

[[nodiscard]] ScramVerifier new_scram_verifier(
    std::string_view password, Random& random,
    std::uint32_t iterations = ScramVerifier::iterations_default);

}  // namespace holdfast::access
