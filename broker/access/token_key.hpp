#pragma once
// TokenKey: a key that tokens are signed with, as who checks them has it: a secret, or the public half of a
// pair. The key is of one algorithm and no other, whatever a token says of itself.
//
//   HS256   HMAC with SHA-256; a secret of 32 bytes at least (RFC 7518 section 3.2)
//   RS256   RSASSA-PKCS1-v1_5 with SHA-256; 2,048 to 8,192 bits
//   ES256   ECDSA on P-256 with SHA-256
//   EdDSA   Ed25519 (RFC 8037)
//
// Immutable. Threads: any. Errors: what is wrong, in a few words.

#include <boost/system/result.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

struct evp_pkey_st;

namespace holdfast::access {

enum class TokenAlgorithm : std::uint8_t { hs256, rs256, es256, eddsa };

/// As the `alg` of a token names it.
[[nodiscard]] std::string_view to_string(TokenAlgorithm algorithm);

class TokenKey {
public:
    using Made = boost::system::result<TokenKey, std::string>;

    /// Of HS256.
    [[nodiscard]] static Made from_secret(std::string_view secret);
    /// `BEGIN PUBLIC KEY` of RSA, P-256 or Ed25519.
    [[nodiscard]] static Made from_pem(std::string_view pem);
    /// Modulus and exponent, big-endian.
    [[nodiscard]] static Made from_rsa(std::string_view modulus, std::string_view exponent);
    /// The coordinates of the point, 32 bytes each.
    [[nodiscard]] static Made from_p256(std::string_view x, std::string_view y);
    /// 32 bytes.
    [[nodiscard]] static Made from_ed25519(std::string_view bytes);

    [[nodiscard]] TokenAlgorithm algorithm() const { return algorithm_; }
    /// Whether `signature`, in the form of RFC 7518 and RFC 8037, is one of `text` by this key.
    [[nodiscard]] bool has_signed(std::string_view text, std::string_view signature) const;

private:
    struct Free {
        void operator()(evp_pkey_st* key) const;
    };
    using Pair = std::unique_ptr<evp_pkey_st, Free>;

    TokenKey(TokenAlgorithm algorithm, std::string secret, Pair pair)
        : algorithm_(algorithm), secret_(std::move(secret)), pair_(std::move(pair)) {}
    [[nodiscard]] static Made from_pair(Pair pair);
    [[nodiscard]] static Pair make_pair(const char* type, void* parameters);

    TokenAlgorithm algorithm_;
    std::string secret_;  ///< of HS256
    Pair pair_;           ///< null: HS256
};

}  // namespace holdfast::access
