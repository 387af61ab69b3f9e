#include "api/handlers/auth.hpp"

#include "api/await_answer.hpp"
#include "base/digest.hpp"
#include "api/guess_gate.hpp"
#include "api/iso_time.hpp"
#include "api/json_body.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace holdfast::api {

namespace {

namespace json = boost::json;
using boost::asio::awaitable;

constexpr std::size_t name_characters_max = 64;
constexpr std::string_view default_project_name = "default";

/// What the routes share, and outlives their handlers.
struct Auth {
    explicit Auth(const AuthContext& from)
        : context(from), nobody_hash(hash_of_nobody(from.cost)) {}

    const AuthContext context;
    const std::string nobody_hash;
    GuessGate gate;
};
using AuthPtr = std::shared_ptr<Auth>;

struct TokenRequest {
    std::string user_name;
    std::string password;
    std::optional<std::string> project_id;
    std::string project_name{default_project_name};
};

Response keystone_error(http::status status, std::string_view message) {
    const auto title = http::obsolete_reason(status);
    return json_response(status, {{"error",
                                   {{"code", static_cast<unsigned>(status)},
                                    {"message", message},
                                    {"title", json::string_view{title.data(), title.size()}}}}});
}

Response try_later(http::status status, Seconds wait, std::string_view message) {
    Response response = keystone_error(status, message);
    response.set(http::field::retry_after, std::to_string(wait.count()));
    return response;
}

/// The words of an error of the platform's own shape.
std::string message_of(const Response& error) {
    return std::string{json::parse(error.body()).at("error_msg").as_string()};
}

boost::system::result<TokenRequest, Response> parse_request(const std::string& body) {
    const auto parsed = parse_json_body(body);
    if (parsed.has_error()) {
        return keystone_error(http::status::bad_request, message_of(parsed.error()));
    }
    std::optional<FieldError> error;
    TokenRequest request;
    const TextRule name{1, name_characters_max};
    JsonFields auth = JsonFields{*parsed, error}.object("auth");
    JsonFields identity = auth.object("identity");
    const auto methods = identity.find_texts("methods", 8, name);
    if (!error && std::ranges::find(methods, "password") == methods.end()) {
        identity.fail("methods", "must contain \"password\", the one method that is offered");
    }
    JsonFields user = identity.object("password").object("user");
    request.user_name = user.text("name", name);
    request.password = user.text("password", {1, password_bytes_max, any_character, true});
    if (request.password.size() > password_bytes_max) {
        user.fail("password", "must have at most " + std::to_string(password_bytes_max) + " bytes");
    }
    if (auto scope = auth.find_object("scope")) {
        if (auto project = scope->find_object("project")) {
            if (const auto id = project->find_text("id", name)) request.project_id = *id;
            if (const auto given = project->find_text("name", name)) request.project_name = *given;
        }
    }
    if (error) return keystone_error(http::status::bad_request, to_string(*error));
    return request;
}

json::object domain_of(const AuthContext& context) {
    return {{"id", context.installation.domain_id}, {"name", domain_name}};
}

json::object project_of(const AuthContext& context, std::string_view name) {
    return {{"id", context.installation.project_id},
            {"name", name},
            {"domain_id", context.installation.domain_id},
            {"parent_id", context.installation.domain_id},
            {"is_domain", false},
            {"enabled", true},
            {"description", ""},
            {"links", json::object{}}};
}

json::value token_body(const AuthContext& context, const TokenRequest& request, WallTime now) {
    const std::string user_id = sha256_hex(request.user_name).substr(0, 32);
    return {{"token",
             {{"expires_at", iso_time_microseconds(now + token_lifetime)},
              {"issued_at", iso_time_microseconds(now)},
              {"methods", json::array{"password"}},
              {"catalog", json::array{}},
              {"roles", json::array{json::object{{"id", "0"}, {"name", "te_admin"}}}},
              {"project",
               {{"id", context.installation.project_id},
                {"name", request.project_name},
                {"domain", domain_of(context)}}},
              {"user",
               {{"id", user_id},
                {"name", request.user_name},
                {"domain", domain_of(context)},
                {"password_expires_at", ""}}}}}};
}

/// Whose guesses count together: those from one address, and those at one name.
struct GuessKeys {
    std::string address;
    std::string user;
};

GuessKeys keys_of(const Exchange& exchange, const TokenRequest& request) {
    const std::string& peer = exchange.peer();
    return {"address " + peer.substr(0, peer.rfind(':')), "user " + request.user_name};
}

/// Empty: the password is the user's. Unknown users take as long and are told the same.
awaitable<std::optional<Response>> check_password(AuthPtr auth, const TokenRequest& request) {
    const AuthContext& context = auth->context;
    const auto begin = [&](auto done) {
        context.catalogue.find_user(request.user_name, context.executor, done);
    };
    const auto [error, user] =
        co_await await_answer<std::error_code, std::optional<store::User>>(begin);
    if (error && error != store::CatalogueError::not_found) {
        co_return try_later(http::status::service_unavailable, Seconds{1},
                            "users cannot be looked up: " + error.message());
    }
    const std::string hash = user ? user->password_hash : auth->nobody_hash;
    const PasswordVerdict verdict = co_await context.passwords.verify(request.password, hash);
    if (verdict == PasswordVerdict::busy) {
        co_return try_later(http::status::service_unavailable, Seconds{1},
                            "too many passwords are being checked");
    }
    if (verdict == PasswordVerdict::wrong) {
        co_return keystone_error(http::status::unauthorized, "The username or password is wrong.");
    }
    co_return std::nullopt;
}

awaitable<Response> issue_token(AuthPtr auth, const TokenRequest& request) {
    const AuthContext& context = auth->context;
    const WallTime now = context.clock.wall_now();
    const std::string token = context.tokens.issue(request.user_name, now);
    const auto begin = [&](auto done) {
        context.catalogue.put_setting(std::string{Tokens::setting_name},
                                      context.tokens.to_text(now), context.executor, done);
    };
    const std::error_code error = co_await await_answer<std::error_code>(begin);
    if (error) {
        context.tokens.revoke(token);
        co_return try_later(http::status::service_unavailable, Seconds{1},
                            "the token cannot be kept: " + error.message());
    }
    Response response = json_response(http::status::created, token_body(context, request, now));
    response.set("X-Subject-Token", token);
    response.set(http::field::cache_control, "no-store");
    co_return response;
}

awaitable<Response> create_token(Exchange exchange, AuthPtr auth) {
    const auto request = parse_request(exchange.body());
    if (request.has_error()) co_return request.error();
    const GuessKeys keys = keys_of(exchange, *request);
    const Instant now = auth->context.clock.now();
    const Seconds wait =
        std::max(auth->gate.wait_of(keys.address, now), auth->gate.wait_of(keys.user, now));
    if (wait > Seconds{0}) {
        co_return try_later(
            http::status::too_many_requests, wait,
            "too many wrong passwords; try again in " + std::to_string(wait.count()) + " s");
    }
    auto refusal = co_await check_password(auth, *request);
    if (refusal) {
        if (refusal->result() == http::status::unauthorized) {
            auth->gate.on_failure(keys.address, now);
            auth->gate.on_failure(keys.user, now);
        }
        co_return std::move(*refusal);
    }
    auth->gate.on_success(keys.address);
    auth->gate.on_success(keys.user);
    if (request->project_id && *request->project_id != auth->context.installation.project_id) {
        co_return keystone_error(http::status::unauthorized,
                                 "the project auth.scope.project.id is not of this server");
    }
    co_return co_await issue_token(auth, *request);
}

awaitable<Response> list_projects(Exchange exchange, AuthPtr auth) {
    auto user = auth->context.access.user_of(exchange);
    if (user.has_error()) co_return std::move(user.error());
    const std::string name =
        exchange.find_query("name").value_or(std::string{default_project_name});
    co_return json_response(
        http::status::ok,
        {{"projects", json::array{project_of(auth->context, name)}}, {"links", json::object{}}});
}

awaitable<Response> list_domains(Exchange exchange, AuthPtr auth) {
    auto user = auth->context.access.user_of(exchange);
    if (user.has_error()) co_return std::move(user.error());
    json::object domain = domain_of(auth->context);
    domain["enabled"] = true;
    domain["description"] = "";
    domain["links"] = json::object{};
    co_return json_response(http::status::ok,
                            {{"domains", json::array{domain}}, {"links", json::object{}}});
}

}  // namespace

void add_auth_routes(Routes& routes, const AuthContext& context) {
    const auto auth = std::make_shared<Auth>(context);
    routes.add(
        http::verb::post, "/v3/auth/tokens",
        [auth](Exchange exchange) { return create_token(std::move(exchange), auth); },
        BodyKind::json);
    routes.add(http::verb::get, "/v3/projects",
               [auth](Exchange exchange) { return list_projects(std::move(exchange), auth); });
    routes.add(http::verb::get, "/v3/auth/domains",
               [auth](Exchange exchange) { return list_domains(std::move(exchange), auth); });
}

}  // namespace holdfast::api
