#include "unit/access/token_maker.hpp"

#include "base/error.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <cstdint>
#include <vector>

namespace test_support {

namespace {

std::string take(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string text{data, static_cast<std::size_t>(size)};
    BIO_free(bio);
    return text;
}

/// The number as that many bytes at least.
std::string number(const KeyPair& pair, const char* name, int bytes = 0) {
    BIGNUM* value = nullptr;
    CHECK(EVP_PKEY_get_bn_param(pair.get(), name, &value) == 1);
    std::string text(static_cast<std::size_t>(std::max(bytes, BN_num_bytes(value))), '\0');
    CHECK(BN_bn2binpad(value, reinterpret_cast<unsigned char*>(text.data()),
                       static_cast<int>(text.size())) >= 0);
    BN_free(value);
    return text;
}

}  // namespace

std::string base64url(std::string_view bytes) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string text;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char each : bytes) {
        bits = bits << 8U | static_cast<unsigned char>(each);
        for (count += 8; count >= 6;) text += alphabet[bits >> (count -= 6) & 63U];
    }
    if (count != 0) text += alphabet[bits << (6 - count) & 63U];
    return text;
}

KeyPair make_rsa(unsigned bits) { return KeyPair{EVP_RSA_gen(bits)}; }
KeyPair make_ec(const char* curve) { return KeyPair{EVP_EC_gen(curve)}; }
KeyPair make_ed25519() { return KeyPair{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")}; }

std::string public_pem(const KeyPair& pair) {
    BIO* const bio = BIO_new(BIO_s_mem());
    CHECK(PEM_write_bio_PUBKEY(bio, pair.get()) == 1);
    return take(bio);
}

std::string private_pem(const KeyPair& pair) {
    BIO* const bio = BIO_new(BIO_s_mem());
    CHECK(PEM_write_bio_PrivateKey(bio, pair.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    return take(bio);
}

std::string public_jwk(const KeyPair& pair, std::string_view id, std::string_view more) {
    std::string text = R"({"kid":")" + std::string{id} + "\"" + std::string{more};
    switch (EVP_PKEY_get_base_id(pair.get())) {
        case EVP_PKEY_RSA:
            return text + R"(,"kty":"RSA","n":")" + base64url(number(pair, OSSL_PKEY_PARAM_RSA_N)) +
                   R"(","e":")" + base64url(number(pair, OSSL_PKEY_PARAM_RSA_E)) + "\"}";
        case EVP_PKEY_EC:
            return text + R"(,"kty":"EC","crv":"P-256","x":")" +
                   base64url(number(pair, OSSL_PKEY_PARAM_EC_PUB_X, 32)) + R"(","y":")" +
                   base64url(number(pair, OSSL_PKEY_PARAM_EC_PUB_Y, 32)) + "\"}";
        default: break;
    }
    std::array<unsigned char, 32> raw{};
    std::size_t size = raw.size();
    CHECK(EVP_PKEY_get_raw_public_key(pair.get(), raw.data(), &size) == 1);
    return text + R"(,"kty":"OKP","crv":"Ed25519","x":")" +
           base64url({reinterpret_cast<const char*>(raw.data()), size}) + "\"}";
}

std::string sign(const KeyPair& pair, std::string_view text) {
    const bool is_ed25519 = EVP_PKEY_get_base_id(pair.get()) == EVP_PKEY_ED25519;
    const auto* const data = reinterpret_cast<const unsigned char*>(text.data());
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    CHECK(EVP_DigestSignInit(context, nullptr, is_ed25519 ? nullptr : EVP_sha256(), nullptr,
                             pair.get()) == 1);
    std::size_t size = 0;
    CHECK(EVP_DigestSign(context, nullptr, &size, data, text.size()) == 1);
    std::vector<unsigned char> raw(size);
    CHECK(EVP_DigestSign(context, raw.data(), &size, data, text.size()) == 1);
    EVP_MD_CTX_free(context);
    if (EVP_PKEY_get_base_id(pair.get()) != EVP_PKEY_EC) {
        return {reinterpret_cast<const char*>(raw.data()), size};
    }
    const unsigned char* der = raw.data();
    ECDSA_SIG* const both = d2i_ECDSA_SIG(nullptr, &der, static_cast<long>(size));
    CHECK(both != nullptr);
    const int half = (EVP_PKEY_get_bits(pair.get()) + 7) / 8;
    std::string joined(2 * static_cast<std::size_t>(half), '\0');
    auto* const out = reinterpret_cast<unsigned char*>(joined.data());
    CHECK(BN_bn2binpad(ECDSA_SIG_get0_r(both), out, half) == half);
    CHECK(BN_bn2binpad(ECDSA_SIG_get0_s(both), out + half, half) == half);
    ECDSA_SIG_free(both);
    return joined;
}

std::string sign_by_secret(std::string_view secret, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    CHECK(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
               reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(),
               &size) != nullptr);
    return {reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace test_support
