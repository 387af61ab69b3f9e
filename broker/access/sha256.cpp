#include "access/sha256.hpp"

#include "base/error.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace holdfast::access {

Sha256 sha256_of(std::span<const std::uint8_t> data) {
    Sha256 digest{};
    CHECK(EVP_Digest(data.data(), data.size(), digest.data(), nullptr, EVP_sha256(), nullptr) == 1);
    return digest;
}

Sha256 hmac_sha256(std::span<const std::uint8_t> key, std::string_view message) {
    Sha256 digest{};
    unsigned size = 0;
    CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
               reinterpret_cast<const unsigned char*>(message.data()), message.size(),
               digest.data(), &size) != nullptr);
    return digest;
}

}  // namespace holdfast::access
