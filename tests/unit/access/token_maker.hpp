#pragma once
// Key pairs and signed tokens, made by OpenSSL, for the tests of tokens. Errors: CHECK. Threads: one.

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

namespace test_support {

struct FreePair {
    void operator()(EVP_PKEY* pair) const { EVP_PKEY_free(pair); }
};
using KeyPair = std::unique_ptr<EVP_PKEY, FreePair>;

[[nodiscard]] std::string base64url(std::string_view bytes);

[[nodiscard]] KeyPair make_rsa(unsigned bits = 2'048);
[[nodiscard]] KeyPair make_ec(const char* curve = "P-256");
[[nodiscard]] KeyPair make_ed25519();
/// `BEGIN PUBLIC KEY`.
[[nodiscard]] std::string public_pem(const KeyPair& pair);
[[nodiscard]] std::string private_pem(const KeyPair& pair);
/// With that `kid`, and `more` behind it: `,"alg":"RS256"`.
[[nodiscard]] std::string public_jwk(const KeyPair& pair, std::string_view id,
                                     std::string_view more = "");

/// As RFC 7515 wants it of a key of that kind.
[[nodiscard]] std::string sign(const KeyPair& pair, std::string_view text);
[[nodiscard]] std::string sign_by_secret(std::string_view secret, std::string_view text);

/// The token of these two JSON texts, signed by `signer(text)`.
template <class Signer>
std::string make_token(std::string_view header, std::string_view claims, Signer&& signer) {
    const std::string text = base64url(header) + "." + base64url(claims);
    return text + "." + base64url(signer(text));
}

}  // namespace test_support
