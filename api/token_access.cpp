#include "api/token_access.hpp"

#include <utility>

namespace holdfast::api {

namespace {

constexpr std::string_view not_authenticated = "IOTDA.000002";
constexpr std::string_view wrong_project = "IOTDA.000004";

Response ask_for_token(std::string_view why) {
    Response response = error_response(
        http::status::unauthorized, not_authenticated,
        "Authentication failed: " + std::string{why} + "; POST /v3/auth/tokens gives a token");
    response.set(http::field::www_authenticate, "Keystone uri=\"/v3\"");
    return response;
}

}  // namespace

TokenAccess::TokenAccess(const Tokens& tokens, const Clock& clock, std::string project_id)
    : tokens_(tokens), clock_(clock), project_id_(std::move(project_id)) {}

std::optional<Response> TokenAccess::refuse(const Exchange& exchange) const {
    if (exchange.is_inner()) return std::nullopt;
    auto user = user_of(exchange);
    if (user.has_error()) return std::move(user.error());
    if (exchange.parameter("project_id") == project_id_) return std::nullopt;
    return error_response(http::status::forbidden, wrong_project,
                          "the token is not for the project of the path");
}

boost::system::result<std::string, Response> TokenAccess::user_of(const Exchange& exchange) const {
    const auto token = exchange.header()["X-Auth-Token"];
    if (token.empty()) return ask_for_token("the header X-Auth-Token is missing");
    auto user = tokens_.find_user({token.data(), token.size()}, clock_.wall_now());
    if (!user) return ask_for_token("the token is unknown or has expired");
    return std::move(*user);
}

}  // namespace holdfast::api
