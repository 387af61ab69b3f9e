#include "base/secret_box.hpp"

#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "base/error.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>
#include <span>
#include <vector>

namespace holdfast {

namespace {

constexpr std::string_view version = "1:";
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Cipher make_cipher() {
    Cipher cipher{EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
    CHECK(cipher != nullptr);
    return cipher;
}

int size_of(ByteView bytes) { return static_cast<int>(bytes.size()); }

}  // namespace

SecretBox::~SecretBox() { OPENSSL_cleanse(key_.data(), key_.size()); }

std::string SecretBox::seal(std::string_view secret, std::string_view place) const {
    const ByteView plain = as_bytes(secret);
    const ByteView bound = as_bytes(place);
    std::vector<std::uint8_t> sealed(nonce_bytes + plain.size() + tag_bytes);
    std::uint8_t* const body = sealed.data() + nonce_bytes;
    random_->fill(std::span{sealed}.first(nonce_bytes));
    const Cipher cipher = make_cipher();
    EVP_CIPHER_CTX* const raw = cipher.get();
    int written = 0;
    CHECK(EVP_EncryptInit_ex(raw, EVP_aes_256_gcm(), nullptr, key_.data(), sealed.data()) == 1);
    CHECK(EVP_EncryptUpdate(raw, nullptr, &written, bound.data(), size_of(bound)) == 1);
    CHECK(EVP_EncryptUpdate(raw, body, &written, plain.data(), size_of(plain)) == 1);
    CHECK(written == size_of(plain));
    CHECK(EVP_EncryptFinal_ex(raw, body + written, &written) == 1);
    CHECK(EVP_CIPHER_CTX_ctrl(raw, EVP_CTRL_GCM_GET_TAG, tag_bytes, body + plain.size()) == 1);
    return std::string{version} + to_hex(sealed);
}

std::optional<std::string> SecretBox::open(std::string_view sealed, std::string_view place) const {
    if (!sealed.starts_with(version)) return std::nullopt;
    std::vector<std::uint8_t> bytes = from_hex(sealed.substr(version.size()));
    if (bytes.size() < nonce_bytes + tag_bytes) return std::nullopt;
    const std::span all{bytes};
    const std::span body = all.subspan(nonce_bytes, bytes.size() - nonce_bytes - tag_bytes);
    const std::span tag = all.last(tag_bytes);
    const ByteView bound = as_bytes(place);
    std::string plain(body.size(), '\0');
    auto* const out = reinterpret_cast<std::uint8_t*>(plain.data());
    const Cipher cipher = make_cipher();
    EVP_CIPHER_CTX* const raw = cipher.get();
    int written = 0;
    CHECK(EVP_DecryptInit_ex(raw, EVP_aes_256_gcm(), nullptr, key_.data(), bytes.data()) == 1);
    CHECK(EVP_DecryptUpdate(raw, nullptr, &written, bound.data(), size_of(bound)) == 1);
    CHECK(EVP_DecryptUpdate(raw, out, &written, body.data(), size_of(body)) == 1);
    CHECK(EVP_CIPHER_CTX_ctrl(raw, EVP_CTRL_GCM_SET_TAG, tag_bytes, tag.data()) == 1);
    // Only now it is known to be what was sealed.
    if (EVP_DecryptFinal_ex(raw, out + plain.size(), &written) != 1) return std::nullopt;
    return plain;
}

}  // namespace holdfast
