#pragma once
// Passwords as they are kept: scrypt with a salt of their own, so that who reads the place does not know
// them. The text names its cost, so that the cost can rise without a migration:
//
//   scrypt:15:8:1:{salt, hexadecimal}:{hash, hexadecimal}      log2(N), r, p
//
// Threads: any. Both functions take as long as the cost says, about 100 ms and 32 MB: never on a shard.

#include "base/environment.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast {

struct PasswordCost {
    std::uint32_t log2_n = 15;
    std::uint32_t r = 8;
    std::uint32_t p = 1;
};

/// Longer ones are refused before they are hashed.
inline constexpr std::size_t password_bytes_max = 1'024;

[[nodiscard]] std::string hash_password(std::string_view password, Random& random,
                                        PasswordCost cost = {});

/// False also for a text that hash_password() has not written, and for a cost beyond reason.
[[nodiscard]] bool is_password(std::string_view password, std::string_view hash);

/// Whether `text` is such a hash, whole and of a cost within reason.
[[nodiscard]] bool is_password_hash(std::string_view text);

/// The hash of no password, as costly to refuse as that of a user: who is asked for and does not exist
/// cannot be told by the time it takes.
[[nodiscard]] std::string hash_of_nobody(PasswordCost cost = {});

}  // namespace holdfast
