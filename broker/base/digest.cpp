#include "base/digest.hpp"

#include "base/bytes.hpp"
#include "base/error.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>

namespace holdfast {

namespace {

constexpr std::string_view hexadecimal = "0123456789abcdef";

}  // namespace

std::string to_hex(std::span<const std::uint8_t> bytes) {
    std::string text;
    text.reserve(2 * bytes.size());
    for (const std::uint8_t byte : bytes) {
        text += hexadecimal[byte >> 4U];
        text += hexadecimal[byte & 0x0FU];
    }
    return text;
}

std::vector<std::uint8_t> from_hex(std::string_view text) {
    std::vector<std::uint8_t> bytes;
    if (text.size() % 2 != 0) return bytes;
    for (std::size_t at = 0; at < text.size(); at += 2) {
        const std::size_t high = hexadecimal.find(text[at]);
        const std::size_t low = hexadecimal.find(text[at + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) return {};
        bytes.push_back(static_cast<std::uint8_t>(high << 4U | low));
    }
    return bytes;
}

std::string sha256_hex(std::string_view data) {
    std::array<std::uint8_t, 32> digest{};
    CHECK(EVP_Digest(data.data(), data.size(), digest.data(), nullptr, EVP_sha256(), nullptr) == 1);
    return to_hex(digest);
}

std::string random_hex(Random& random, std::size_t bytes) {
    std::vector<std::uint8_t> raw(bytes);
    random.fill(raw);
    return to_hex(raw);
}

std::string random_word(Random& random, std::size_t length) {
    constexpr std::string_view alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
    static_assert(alphabet.size() == 32);
    std::vector<std::uint8_t> raw(length);
    random.fill(raw);
    std::string word;
    for (const std::uint8_t byte : raw) word += alphabet[byte % alphabet.size()];
    return word;
}

bool is_equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace holdfast
