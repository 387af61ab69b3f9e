#include "access/base64url.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace holdfast::access {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t no_digit = 0xFF;

constexpr std::array<std::uint8_t, 256> make_digits() {
    std::array<std::uint8_t, 256> digits{};
    digits.fill(no_digit);
    for (std::size_t at = 0; at < alphabet.size(); ++at) {
        digits[static_cast<unsigned char>(alphabet[at])] = static_cast<std::uint8_t>(at);
    }
    return digits;
}

constexpr std::array<std::uint8_t, 256> digits = make_digits();

std::uint8_t digit_of(char character) { return digits[static_cast<unsigned char>(character)]; }

}  // namespace

bool is_base64url_alphabet(std::string_view text) {
    return std::ranges::all_of(text, [](char each) { return digit_of(each) != no_digit; });
}

std::optional<std::string> decode_base64url(std::string_view text) {
    if (text.size() % 4 == 1 || !is_base64url_alphabet(text)) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char each : text) {
        bits = bits << 6U | digit_of(each);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes += static_cast<char>(bits >> count & 0xFFU);
        bits &= (1U << count) - 1;
    }
    if (bits != 0) return std::nullopt;
    return bytes;
}

}  // namespace holdfast::access
