#pragma once
// SHA-256 of bytes, alone and with a key (RFC 2104), as bytes. Threads: any.

#include "base/digest.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace holdfast::access {

using holdfast::Sha256;

[[nodiscard]] Sha256 sha256_of(std::span<const std::uint8_t> data);
[[nodiscard]] Sha256 hmac_sha256(std::span<const std::uint8_t> key, std::string_view message);

}  // namespace holdfast::access
