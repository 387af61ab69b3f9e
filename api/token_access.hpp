#pragma once
// TokenAccess: lets in who shows a valid token (X-Auth-Token) and asks for the project of this server.
// Threads: any. Lifetime: tokens and clock outlive it.

#include "api/access.hpp"
#include "api/tokens.hpp"
#include "base/environment.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace holdfast::api {

class TokenAccess final : public Access {
public:
    TokenAccess(const Tokens& tokens, const Clock& clock, std::string project_id);

    /// For routes with {project_id}. 401 IOTDA.000002, 403 IOTDA.000004.
    [[nodiscard]] std::optional<Response> refuse(const Exchange& exchange) const override;
    /// For routes without: whose request it is, or a 401 IOTDA.000002.
    [[nodiscard]] boost::system::result<std::string, Response> user_of(
        const Exchange& exchange) const;

private:
    const Tokens& tokens_;
    const Clock& clock_;
    const std::string project_id_;
};

}  // namespace holdfast::api
