#include "api/base64.hpp"

#include <array>
#include <cstdint>

namespace holdfast::api {

namespace {

constexpr std::uint8_t no_digit = 0xFF;

constexpr std::array<std::uint8_t, 256> make_values() {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::array<std::uint8_t, 256> values{};
    values.fill(no_digit);
    for (std::size_t i = 0; i < digits.size(); ++i) {
        values[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}

/// Of each character; a number of six bits, or no_digit.
constexpr std::array<std::uint8_t, 256> value_of = make_values();

std::uint32_t value(char c) { return value_of[static_cast<unsigned char>(c)]; }

/// The text without its padding, which is one or two characters in the last group of four.
std::string_view without_padding(std::string_view text) {
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    return text;
}

}  // namespace

std::optional<std::size_t> base64_decoded_size(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    const std::string_view digits = without_padding(text);
    for (const char c : digits) {
        if (value(c) == no_digit) return std::nullopt;
    }
    return digits.size() * 3 / 4;
}

bool decode_base64(std::string_view text, std::string& bytes) {
    const auto size = base64_decoded_size(text);
    if (!size) return false;
    bytes.reserve(bytes.size() + *size);
    std::uint32_t bits = 0;
    unsigned count = 0;  // of the bits that no byte has taken yet
    for (const char c : without_padding(text)) {
        bits = (bits << 6U) | value(c);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes += static_cast<char>((bits >> count) & 0xFFU);
    }
    return true;
}

std::string encode_base64(std::string_view bytes) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    constexpr std::size_t group = 3;
    std::string text;
    text.reserve((bytes.size() + group - 1) / group * 4);
    for (; !bytes.empty(); bytes.remove_prefix(std::min(group, bytes.size()))) {
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < group; ++i) {
            const auto byte = i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U;
            bits = bits << 8U | byte;
        }
        for (std::size_t i = 0; i < 4; ++i) {
            const bool is_padding = i > bytes.size();
            text += is_padding ? '=' : digits[bits >> (18U - 6U * i) & 0x3FU];
        }
    }
    return text;
}

}  // namespace holdfast::api
