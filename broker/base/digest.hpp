#pragma once
// The few things that credentials are made of: hexadecimal text, SHA-256, unpredictable identifiers, and a
// comparison that takes as long for a good guess as for a bad one. Threads: any.

#include "base/environment.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

/// Two digits for each byte, in lower case.
[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> bytes);
/// Empty: `text` is not hexadecimal, or has no digits.
[[nodiscard]] std::vector<std::uint8_t> from_hex(std::string_view text);
/// 64 digits.
[[nodiscard]] std::string sha256_hex(std::string_view data);
[[nodiscard]] std::string random_hex(Random& random, std::size_t bytes);
/// `length` letters and digits of an alphabet of 32 without those that look alike: 5 bits each.
[[nodiscard]] std::string random_word(Random& random, std::size_t length);
/// Its time depends on the lengths only.
[[nodiscard]] bool is_equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace holdfast
