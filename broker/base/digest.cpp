#include "base/digest.hpp"

#include "base/bytes.hpp"
#include "base/error.hpp"

#include <boost/container/small_vector.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>

namespace holdfast {

namespace {

constexpr std::string_view hexadecimal = "0123456789abcdef";

/// Looked up once: that costs more than the digest of a short text.
const EVP_MD* sha256_algorithm() {
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    CHECK(algorithm != nullptr);
    return algorithm;
}

using Digester = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

}  // namespace

void append_hex(std::string& text, std::span<const std::uint8_t> bytes) {
    std::size_t at = text.size();
    text.resize(at + 2 * bytes.size());
    for (const std::uint8_t byte : bytes) {
        text[at++] = hexadecimal[byte >> 4U];
        text[at++] = hexadecimal[byte & 0x0FU];
    }
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
    std::string text;
    append_hex(text, bytes);
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

Sha256 sha256(std::initializer_list<std::string_view> parts) {
    const Digester digester{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
    CHECK(digester != nullptr);
    CHECK(EVP_DigestInit_ex2(digester.get(), sha256_algorithm(), nullptr) == 1);
    for (const std::string_view part : parts) {
        CHECK(EVP_DigestUpdate(digester.get(), part.data(), part.size()) == 1);
    }
    Sha256 digest{};
    CHECK(EVP_DigestFinal_ex(digester.get(), digest.data(), nullptr) == 1);
    return digest;
}

Sha256Text to_hex_text(const Sha256& digest) {
    Sha256Text text{};
    for (std::size_t i = 0; i < digest.size(); ++i) {
        text[2 * i] = hexadecimal[digest[i] >> 4U];
        text[2 * i + 1] = hexadecimal[digest[i] & 0x0FU];
    }
    return text;
}

std::string sha256_hex(std::string_view data) {
    return std::string{as_text(to_hex_text(sha256({data})))};
}

std::string random_hex(Random& random, std::size_t bytes) {
    boost::container::small_vector<std::uint8_t, 32> raw(bytes);
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
