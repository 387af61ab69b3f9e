#pragma once
// AppKey: what an application shows in place of a token, without an end unless it is given one: an access key
// (its requests are signed with the secret, which never travels) or an API key (shown as it is).
// Immutable once it is shared; a change is a new one. Threads: any.

#include "api/permissions.hpp"
#include "base/digest.hpp"
#include "base/hmac.hpp"
#include "base/small_mutex.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace holdfast::api {

enum class KeyKind : std::uint8_t { access_key, api_key };

struct AppKeyFacts {
    std::string key_id;  ///< of an access key its AK, which is public
    KeyKind kind = KeyKind::access_key;
    std::string name;
    std::string project_id;
    /// Of an access key its SK. Of an API key the SHA-256 of it, hexadecimal: with 256 random bits there is
    /// nothing that a slow hash could make harder to guess.
    std::string secret;
    Permissions permissions;
    WallTime created_at{};
    std::optional<WallTime> expires_at;
    bool is_enabled = true;

    [[nodiscard]] bool has_expired(WallTime now) const { return expires_at && *expires_at <= now; }
};

/// What signatures of the derived scheme are made with: the hexadecimal text of a key for one day, region and
/// service ("20260101/cn-north-4/iotdm"). HKDF of RFC 5869, with the AK as the salt.
[[nodiscard]] Sha256Text derive_key(std::string_view access_key, std::string_view secret,
                                    std::string_view scope);

class AppKey : public AppKeyFacts {
public:
    explicit AppKey(AppKeyFacts facts) : AppKeyFacts(std::move(facts)), signing_(secret) {}

    /// Of access keys: what their signatures are made with.
    [[nodiscard]] const HmacKey& signing() const { return signing_; }
    /// The same of the derived scheme; the last one is kept.
    [[nodiscard]] std::shared_ptr<const HmacKey> signing_of(std::string_view scope) const;

private:
    const HmacKey signing_;
    mutable SmallMutex mutex_;
    mutable std::string derived_scope_;
    mutable std::shared_ptr<const HmacKey> derived_;
};
using AppKeyPtr = std::shared_ptr<const AppKey>;

/// Whose request it is: somebody who logged in, or an application with a key; neither: nobody asked.
struct Caller {
    std::string user;
    AppKeyPtr key;

    /// For the log: "admin", "key HF...".
    [[nodiscard]] std::string name() const { return key ? "key " + key->key_id : user; }
};

}  // namespace holdfast::api
