#include "access/verified_passwords.hpp"

#include "access/sha256.hpp"

#include <cstring>

namespace holdfast::access {

std::size_t VerifiedPasswords::ByDigest::operator()(const Digest& digest) const {
    std::size_t value = 0;
    std::memcpy(&value, digest.data(), sizeof value);
    return value;
}

VerifiedPasswords::Digest VerifiedPasswords::digest_of(std::string_view user,
                                                       std::string_view password,
                                                       std::string_view hash) const {
    // The lengths keep the parts apart.
    std::string text = std::to_string(user.size()) + ":" + std::to_string(password.size()) + ":";
    text.append(user).append(password).append(hash);
    return hmac_sha256(key_, text);
}

bool VerifiedPasswords::contains(const Digest& digest, Instant now) const {
    const std::scoped_lock lock{mutex_};
    const auto known = known_until_.find(digest);
    return known != known_until_.end() && known->second > now;
}

void VerifiedPasswords::insert(const Digest& digest, Instant now) {
    const std::scoped_lock lock{mutex_};
    if (known_until_.size() >= entries_max) {
        boost::unordered::erase_if(known_until_,
                                   [&](const auto& entry) { return entry.second <= now; });
        if (known_until_.size() >= entries_max) known_until_.clear();
    }
    known_until_.insert_or_assign(digest, now + lifetime);
}

std::size_t VerifiedPasswords::size() const {
    const std::scoped_lock lock{mutex_};
    return known_until_.size();
}

}  // namespace holdfast::access
