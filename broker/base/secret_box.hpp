#pragma once
// SecretBox: short secrets as text that only the owner of a key can read or make: AES-256-GCM with a random
// nonce of 96 bits. Each is bound to a place that is not in the text, so that one put into another's place
// is not opened there.
//
//   1:{hexadecimal, lower case: nonce, 12 bytes; ciphertext; tag, 16 bytes}
//
// Errors: what was made with another key, for another place, or was changed since is no secret at all.
// Threads: any. Lifetime: `random` outlives it. Limitations: 2^32 secrets for one key, by its nonces.

#include "base/environment.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

class SecretBox {
public:
    static constexpr std::size_t key_bytes = 32;
    using Key = std::array<std::uint8_t, key_bytes>;

    SecretBox(const Key& key, Random& random) : key_(key), random_(&random) {}
    ~SecretBox();
    SecretBox(const SecretBox&) = delete;
    SecretBox& operator=(const SecretBox&) = delete;

    [[nodiscard]] std::string seal(std::string_view secret, std::string_view place) const;
    /// Empty: it is none of this key for this place.
    [[nodiscard]] std::optional<std::string> open(std::string_view sealed,
                                                  std::string_view place) const;

private:
    Key key_;
    Random* random_;
};

}  // namespace holdfast
