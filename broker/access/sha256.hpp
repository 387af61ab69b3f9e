#pragma once
// SHA-256 of bytes, alone and with a key (RFC 2104), as bytes. Threads: any.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace holdfast::access {

using Sha256 = std::array<std::uint8_t, 32>;

[[nodiscard]] Sha256 sha256_of(std::span<const std::uint8_t> data);
[[nodiscard]] Sha256 hmac_sha256(std::span<const std::uint8_t> key, std::string_view message);

}  // namespace holdfast::access
