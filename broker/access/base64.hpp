#pragma once
// Base64 with padding, as password files and SCRAM write it (RFC 4648 section 4). Threads: any.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace holdfast::access {

[[nodiscard]] std::string to_base64(std::span<const std::uint8_t> bytes);
/// The bytes that the text stands for; empty: it is not base64 with all of its padding.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace holdfast::access
