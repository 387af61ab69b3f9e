#include "access/token_key.hpp"

#include "base/digest.hpp"
#include "base/error.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <array>
#include <utility>

namespace holdfast::access {

namespace {

constexpr std::size_t secret_bytes_min = 32;
constexpr int rsa_bits_min = 2'048;
constexpr int rsa_bits_max = 8'192;
constexpr std::size_t coordinate_bytes = 32;
constexpr std::size_t ed25519_key_bytes = 32;

template <auto free_it>
struct FreeBy {
    template <class T>
    void operator()(T* object) const {
        free_it(object);
    }
};
using Bio = std::unique_ptr<BIO, FreeBy<BIO_free>>;
using Number = std::unique_ptr<BIGNUM, FreeBy<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, FreeBy<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, FreeBy<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeBy<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeBy<EVP_MD_CTX_free>>;
using CurveSignature = std::unique_ptr<ECDSA_SIG, FreeBy<ECDSA_SIG_free>>;

const unsigned char* data_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

Number number_of(std::string_view bytes) {
    return Number{BN_bin2bn(data_of(bytes), static_cast<int>(bytes.size()), nullptr)};
}

std::string hmac_of(std::string_view secret, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    CHECK(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), data_of(text),
               text.size(), digest.data(), &size) != nullptr);
    return {reinterpret_cast<const char*>(digest.data()), size};
}

/// R and S one after the other, as OpenSSL has them: in DER. Empty: that is no signature.
std::string der_of(std::string_view signature) {
    if (signature.size() != 2 * coordinate_bytes) return {};
    const CurveSignature both{ECDSA_SIG_new()};
    Number r = number_of(signature.substr(0, coordinate_bytes));
    Number s = number_of(signature.substr(coordinate_bytes));
    CHECK(both && r && s && ECDSA_SIG_set0(both.get(), r.get(), s.get()) == 1);
    static_cast<void>(r.release());
    static_cast<void>(s.release());
    std::array<unsigned char, 80> der{};
    unsigned char* end = der.data();
    const int size = i2d_ECDSA_SIG(both.get(), nullptr);
    if (size <= 0 || size > static_cast<int>(der.size())) return {};
    CHECK(i2d_ECDSA_SIG(both.get(), &end) == size);
    return {reinterpret_cast<const char*>(der.data()), static_cast<std::size_t>(size)};
}

bool is_on_p256(const EVP_PKEY* pair) {
    std::array<char, 32> name{};
    std::size_t size = 0;
    return EVP_PKEY_get_group_name(pair, name.data(), name.size(), &size) == 1 &&
           std::string_view{name.data(), size} == SN_X9_62_prime256v1;
}

bool is_point_of_its_curve(EVP_PKEY* pair) {
    const KeyContext context{EVP_PKEY_CTX_new_from_pkey(nullptr, pair, nullptr)};
    return context && EVP_PKEY_public_check(context.get()) == 1;
}

}  // namespace

std::string_view to_string(TokenAlgorithm algorithm) {
    switch (algorithm) {
        case TokenAlgorithm::hs256: return "HS256";
        case TokenAlgorithm::rs256: return "RS256";
        case TokenAlgorithm::es256: return "ES256";
        case TokenAlgorithm::eddsa: return "EdDSA";
    }
    UNREACHABLE();
}

void TokenKey::Free::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

TokenKey::Made TokenKey::from_secret(std::string_view secret) {
    if (secret.size() < secret_bytes_min) return "a secret of less than 32 bytes";
    return TokenKey{TokenAlgorithm::hs256, std::string{secret}, nullptr};
}

TokenKey::Made TokenKey::from_pair(Pair pair) {
    ERR_clear_error();
    switch (EVP_PKEY_get_base_id(pair.get())) {
        case EVP_PKEY_RSA: {
            const int bits = EVP_PKEY_get_bits(pair.get());
            if (bits < rsa_bits_min || bits > rsa_bits_max) {
                return "an RSA key of " + std::to_string(bits) + " bits, not of 2048 to 8192";
            }
            return TokenKey{TokenAlgorithm::rs256, {}, std::move(pair)};
        }
        case EVP_PKEY_EC:
            if (!is_on_p256(pair.get())) return "a key on another curve than P-256";
            if (!is_point_of_its_curve(pair.get())) return "a key that is no point of P-256";
            return TokenKey{TokenAlgorithm::es256, {}, std::move(pair)};
        case EVP_PKEY_ED25519: return TokenKey{TokenAlgorithm::eddsa, {}, std::move(pair)};
        default: return "a key that is neither of RSA, P-256 nor Ed25519";
    }
}

TokenKey::Made TokenKey::from_pem(std::string_view pem) {
    const Bio bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    CHECK(bio != nullptr);
    Pair pair{PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr)};
    ERR_clear_error();
    if (!pair) return "no public key in PEM";
    return from_pair(std::move(pair));
}

TokenKey::Pair TokenKey::make_pair(const char* type, void* parameters) {
    const KeyContext context{EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr)};
    EVP_PKEY* made = nullptr;
    if (context && EVP_PKEY_fromdata_init(context.get()) == 1) {
        static_cast<void>(EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY,
                                            static_cast<OSSL_PARAM*>(parameters)));
    }
    ERR_clear_error();
    return Pair{made};
}

TokenKey::Made TokenKey::from_rsa(std::string_view modulus, std::string_view exponent) {
    constexpr std::size_t exponent_bytes_max = 8;
    if (modulus.empty() || modulus.size() > rsa_bits_max / 8) return "an RSA key of another size";
    if (exponent.empty() || exponent.size() > exponent_bytes_max) return "an unusual RSA exponent";
    const Number n = number_of(modulus);
    const Number e = number_of(exponent);
    const Builder builder{OSSL_PARAM_BLD_new()};
    CHECK(n && e && builder);
    if (BN_is_odd(n.get()) == 0 || BN_is_odd(e.get()) == 0 || BN_is_one(e.get()) == 1) {
        return "numbers that are no RSA key";
    }
    CHECK(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
          OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1);
    const Parameters parameters{OSSL_PARAM_BLD_to_param(builder.get())};
    Pair pair = make_pair("RSA", parameters.get());
    if (!pair) return "numbers that are no RSA key";
    return from_pair(std::move(pair));
}

TokenKey::Made TokenKey::from_p256(std::string_view x, std::string_view y) {
    if (x.size() != coordinate_bytes || y.size() != coordinate_bytes) {
        return "coordinates that are not of 32 bytes each";
    }
    std::string point{'\x04'};  // uncompressed
    point.append(x).append(y);
    std::array parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
                                         const_cast<char*>(SN_X9_62_prime256v1), 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
        OSSL_PARAM_construct_end()};
    Pair pair = make_pair("EC", parameters.data());
    if (!pair) return "a key that is no point of P-256";
    return from_pair(std::move(pair));
}

TokenKey::Made TokenKey::from_ed25519(std::string_view bytes) {
    if (bytes.size() != ed25519_key_bytes) return "a key of Ed25519 that is not of 32 bytes";
    Pair pair{EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, data_of(bytes), bytes.size())};
    if (!pair) return "no key of Ed25519";
    return from_pair(std::move(pair));
}

bool TokenKey::has_signed(std::string_view text, std::string_view signature) const {
    if (algorithm_ == TokenAlgorithm::hs256) {
        return is_equal_in_constant_time(hmac_of(secret_, text), signature);
    }
    std::string der;
    if (algorithm_ == TokenAlgorithm::es256) {
        der = der_of(signature);
        signature = der;
    }
    if (signature.empty()) return false;
    const DigestContext context{EVP_MD_CTX_new()};
    CHECK(context != nullptr);
    // Ed25519 has its digest inside.
    const EVP_MD* const digest = algorithm_ == TokenAlgorithm::eddsa ? nullptr : EVP_sha256();
    const bool is_right =
        EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, pair_.get()) == 1 &&
        EVP_DigestVerify(context.get(), data_of(signature), signature.size(), data_of(text),
                         text.size()) == 1;
    ERR_clear_error();  // what is left would be taken for a fault of the next TLS record
    return is_right;
}

}  // namespace holdfast::access
