#include "access/sha256.hpp"

#include "base/bytes.hpp"
#include "base/hmac.hpp"

namespace holdfast::access {

Sha256 sha256_of(std::span<const std::uint8_t> data) { return sha256({as_text(data)}); }

Sha256 hmac_sha256(std::span<const std::uint8_t> key, std::string_view message) {
    return HmacKey{as_text(key)}.mac(message);
}

}  // namespace holdfast::access
