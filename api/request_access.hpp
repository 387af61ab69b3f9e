#pragma once
// RequestAccess: lets in who proves one of these, in this order; a request is judged by the first it shows:
//
//   X-Auth-Token: {token}                        somebody who logged in: may do everything
//   X-Api-Key: hf_...                            an application, as its key allows
//   Authorization: Bearer hf_...                 the same
//   Authorization: SDK-HMAC-SHA256 ...           an application that signs (signature.hpp)
//   Authorization: V11-HMAC-SHA256 ...           the same, derived
//
// 401 IOTDA.000002, of signatures APIGW.0301; 403 IOTDA.000004 for another project than the caller's, 403
// IOTDA.000022 without the permission. Paths of Action::identity get errors in the shape of Keystone.
// Threads: any. Lifetime: tokens, keys and clock outlive it.

#include "api/access.hpp"
#include "api/app_keys.hpp"
#include "api/tokens.hpp"
#include "base/environment.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace holdfast::api {

class RequestAccess final : public Access {
public:
    /// Told when a key is used for the first time in its step of AppKeys: that is worth keeping.
    using NoteUse = std::function<void(const AppKey& key, WallTime step)>;

    RequestAccess(const Tokens& tokens, AppKeys& keys, const Clock& clock, std::string project_id,
                  NoteUse note_use = {});

    [[nodiscard]] boost::system::result<Caller, Response> judge(const Exchange& exchange,
                                                                Action action) const override;

private:
    using Identified = boost::system::result<Caller, Response>;

    [[nodiscard]] Identified judge_named(const Exchange& exchange, Action action) const;
    [[nodiscard]] Identified identify(const Exchange& exchange) const;
    [[nodiscard]] Identified of_token(std::string_view token) const;
    [[nodiscard]] Identified of_api_key(std::string_view shown) const;
    [[nodiscard]] Identified of_signature(const Exchange& exchange,
                                          std::string_view authorization) const;
    [[nodiscard]] Identified of_key(AppKeyPtr key, WallTime now) const;

    const Tokens& tokens_;
    AppKeys& keys_;
    const Clock& clock_;
    const std::string project_id_;
    const NoteUse note_use_;
};

}  // namespace holdfast::api
