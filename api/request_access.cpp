#include "api/request_access.hpp"

#include "api/keystone_error.hpp"
#include "api/signature.hpp"

#include <utility>

namespace holdfast::api {

namespace {

constexpr std::string_view not_authenticated = "IOTDA.000002";
constexpr std::string_view not_signed = "APIGW.0301";
constexpr std::string_view wrong_project = "IOTDA.000004";
constexpr std::string_view not_permitted = "IOTDA.000022";
constexpr std::string_view bearer = "Bearer ";

std::string_view view_of(boost::beast::string_view text) { return {text.data(), text.size()}; }

Response unauthorized(std::string_view code, const std::string& message) {
    Response response = error_response(http::status::unauthorized, code, message);
    response.set(http::field::www_authenticate, "Keystone uri=\"/v3\"");
    return response;
}

Response ask_again(std::string_view why) {
    return unauthorized(not_authenticated, "Authentication failed: " + std::string{why});
}

/// In the words of the platform's gateway.
Response bad_signature(std::string_view why) {
    return unauthorized(not_signed,
                        "Incorrect IAM authentication information: " + std::string{why});
}

Response forbidden(std::string_view code, const std::string& message) {
    return error_response(http::status::forbidden, code, message);
}

Response lacks_permission(Action action) {
    const std::string name{name_of(action)};
    if (!is_for_keys(action)) {
        return forbidden(not_permitted, "Operation not allowed. " + name +
                                            " is for who has logged in: use a token, not a key");
    }
    return forbidden(not_permitted,
                     "Operation not allowed. The key does not have the permission " + name);
}

}  // namespace

RequestAccess::RequestAccess(const Tokens& tokens, AppKeys& keys, const Clock& clock,
                             std::string project_id, NoteUse note_use)
    : tokens_(tokens),
      keys_(keys),
      clock_(clock),
      project_id_(std::move(project_id)),
      note_use_(std::move(note_use)) {}

RequestAccess::Identified RequestAccess::judge(const Exchange& exchange, Action action) const {
    if (action == Action::open) return Caller{};
    auto judged = judge_named(exchange, action);
    if (!judged && action == Action::identity) return as_keystone_error(judged.error());
    return judged;
}

RequestAccess::Identified RequestAccess::judge_named(const Exchange& exchange,
                                                     Action action) const {
    auto caller = identify(exchange);
    if (!caller) return caller;
    const std::string& own_project = caller->key ? caller->key->project_id : project_id_;
    const std::string* const project = exchange.find_parameter("project_id");
    if (project != nullptr && *project != own_project) {
        return forbidden(wrong_project, caller->key
                                            ? "the key is not for the project of the path"
                                            : "the token is not for the project of the path");
    }
    const bool is_allowed = caller->key == nullptr || action == Action::identity ||
                            caller->key->permissions.allow(action);
    if (!is_allowed) return lacks_permission(action);
    return caller;
}

RequestAccess::Identified RequestAccess::identify(const Exchange& exchange) const {
    const RequestHeader& header = exchange.header();
    const std::string_view token = view_of(header["X-Auth-Token"]);
    if (!token.empty()) return of_token(token);
    const std::string_view api_key = view_of(header["X-Api-Key"]);
    if (!api_key.empty()) return of_api_key(api_key);
    const std::string_view authorization = view_of(header[http::field::authorization]);
    if (authorization.starts_with(bearer)) return of_api_key(authorization.substr(bearer.size()));
    if (is_signature(authorization)) return of_signature(exchange, authorization);
    if (!authorization.empty()) {
        return ask_again(
            "the header Authorization has another scheme than SDK-HMAC-SHA256, V11-HMAC-SHA256 and "
            "Bearer");
    }
    return ask_again(
        "the header X-Auth-Token is missing; POST /v3/auth/tokens gives a token, and a key of an "
        "application does instead");
}

RequestAccess::Identified RequestAccess::of_token(std::string_view token) const {
    auto user = tokens_.find_user(token, clock_.wall_now());
    if (user) return Caller{std::move(*user), nullptr};
    return ask_again("the token is unknown or has expired; POST /v3/auth/tokens gives a token");
}

RequestAccess::Identified RequestAccess::of_api_key(std::string_view shown) const {
    AppKeyPtr key = keys_.find_api_key(shown);
    const WallTime now = clock_.wall_now();
    if (key == nullptr) return ask_again("the API key is unknown");
    if (!key->is_enabled) return ask_again("the API key " + key->key_id + " is disabled");
    if (key->has_expired(now)) return ask_again("the API key " + key->key_id + " has expired");
    return of_key(std::move(key), now);
}

RequestAccess::Identified RequestAccess::of_signature(const Exchange& exchange,
                                                      std::string_view authorization) const {
    if (!exchange.header()["X-Security-Token"].empty()) {
        return bad_signature(
            "X-Security-Token belongs to temporary credentials, which are not offered; sign with a "
            "permanent access key, without it");
    }
    const auto signature = parse_signature(authorization);
    if (signature.has_error()) return bad_signature(signature.error());
    AppKeyPtr key = keys_.find_access_key(signature->access_key);
    if (key == nullptr) {
        return bad_signature("ak " + std::string{signature->access_key.substr(0, 64)} +
                             " not exist");
    }
    const WallTime now = clock_.wall_now();
    if (const auto fault = find_fault(*signature, exchange.header(), exchange.body(), *key, now)) {
        return bad_signature(*fault);
    }
    // Only who has the secret learns why it does not help.
    if (!key->is_enabled) return bad_signature("ak " + key->key_id + " is disabled");
    if (key->has_expired(now)) return bad_signature("ak " + key->key_id + " has expired");
    return of_key(std::move(key), now);
}

RequestAccess::Identified RequestAccess::of_key(AppKeyPtr key, WallTime now) const {
    const auto step = keys_.note_use(key->key_id, now);
    if (step && note_use_) note_use_(*key, *step);
    return Caller{{}, std::move(key)};
}

}  // namespace holdfast::api
