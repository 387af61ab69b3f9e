#include "access/base64.hpp"

#include <openssl/evp.h>

#include <algorithm>

namespace holdfast::access {

namespace {

bool is_digit(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string to_base64(std::span<const std::uint8_t> bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // and what OpenSSL ends it with
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                                     static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.empty()) return std::string{};
    if (text.size() % 4 != 0) return std::nullopt;
    const auto padding_from = std::ranges::find_if_not(text, is_digit);
    const std::string_view padding{padding_from, text.end()};
    if (!padding.empty() && padding != "=" && padding != "==") return std::nullopt;
    std::string bytes(text.size() / 4 * 3, '\0');
    const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), bytes_of(text),
                                     static_cast<int>(text.size()));
    if (size != static_cast<int>(bytes.size())) return std::nullopt;
    bytes.resize(bytes.size() - padding.size());  // OpenSSL takes padding for zero bytes
    return bytes;
}

}  // namespace holdfast::access
