#include "base/hmac.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace holdfast {

namespace {

std::string_view text_of(const auto& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

HmacKey::HmacKey(std::string_view key) {
    Sha256 digest{};
    if (key.size() > block_bytes) {
        digest = sha256({key});
        key = text_of(digest);
    }
    std::ranges::copy(key, inner_.begin());
    std::ranges::copy(key, outer_.begin());
    for (char& byte : inner_) byte = static_cast<char>(byte ^ 0x36);
    for (char& byte : outer_) byte = static_cast<char>(byte ^ 0x5C);
    OPENSSL_cleanse(digest.data(), digest.size());
}

HmacKey::~HmacKey() {
    OPENSSL_cleanse(inner_.data(), inner_.size());
    OPENSSL_cleanse(outer_.data(), outer_.size());
}

Sha256 HmacKey::mac(std::string_view data) const {
    const Sha256 inner = sha256({text_of(inner_), data});
    return sha256({text_of(outer_), text_of(inner)});
}

}  // namespace holdfast
