#include "api/app_key.hpp"

#include "base/bytes.hpp"

#include <mutex>

namespace holdfast::api {

Sha256Text derive_key(std::string_view access_key, std::string_view secret,
                      std::string_view scope) {
    const Sha256 extracted = HmacKey{access_key}.mac(secret);
    const std::string info = std::string{scope} + '\x01';
    return to_hex_text(HmacKey{as_text(extracted)}.mac(info));
}

std::shared_ptr<const HmacKey> AppKey::signing_of(std::string_view scope) const {
    {
        const std::scoped_lock lock{mutex_};
        if (derived_ != nullptr && derived_scope_ == scope) return derived_;
    }
    auto derived = std::make_shared<const HmacKey>(as_text(derive_key(key_id, secret, scope)));
    const std::scoped_lock lock{mutex_};
    derived_scope_ = scope;
    derived_ = derived;
    return derived;
}

}  // namespace holdfast::api
