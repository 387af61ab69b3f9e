#pragma once
// The few things that credentials are made of: hexadecimal text, SHA-256, unpredictable identifiers, and a
// comparison that takes as long for a good guess as for a bad one. Threads: any.

#include "base/environment.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

/// Two digits for each byte, in lower case.
[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> bytes);
void append_hex(std::string& text, std::span<const std::uint8_t> bytes);
/// Empty: `text` is not hexadecimal, or has no digits.
[[nodiscard]] std::vector<std::uint8_t> from_hex(std::string_view text);
using Sha256 = std::array<std::uint8_t, 32>;
/// Of the parts one behind the other.
[[nodiscard]] Sha256 sha256(std::initializer_list<std::string_view> parts);
/// The same as text, 64 digits.
using Sha256Text = std::array<char, 64>;
[[nodiscard]] Sha256Text to_hex_text(const Sha256& digest);
[[nodiscard]] inline std::string_view as_text(const Sha256Text& text) { return {text.data(), text.size()}; }
/// 64 digits.
[[nodiscard]] std::string sha256_hex(std::string_view data);
[[nodiscard]] std::string random_hex(Random& random, std::size_t bytes);
/// `length` letters and digits of an alphabet of 32 without those that look alike: 5 bits each.
[[nodiscard]] std::string random_word(Random& random, std::size_t length);
/// Its time depends on the lengths only.
[[nodiscard]] bool is_equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace holdfast
