#include "api/handlers/auth.hpp"

#include "api/await_answer.hpp"
#include "api/iso_time.hpp"
#include "api/json_body.hpp"
#include "api/keystone_error.hpp"
#include "api/password_check.hpp"
#include "base/digest.hpp"

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
        : context(from),
          check({.catalogue = from.catalogue,
                 .executor = from.executor,
                 .passwords = from.passwords,
                 .clock = from.clock,
                 .cost = from.cost}) {}

    const AuthContext context;
    PasswordCheck check;
};
using AuthPtr = std::shared_ptr<Auth>;

struct TokenRequest {
    std::string user_name;
    std::string password;
    std::optional<std::string> project_id;
    std::string project_name{default_project_name};
};

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

std::string user_id_of(std::string_view user_name) { return sha256_hex(user_name).substr(0, 32); }

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
               {{"id", user_id_of(request.user_name)},
                {"name", request.user_name},
                {"domain", domain_of(context)},
                {"password_expires_at", ""}}}}}};
}

/// Makes the tokens that are valid now durable.
awaitable<std::error_code> keep_tokens(AuthPtr auth) {
    const AuthContext& context = auth->context;
    const auto begin = [&](auto done) {
        context.catalogue.put_settings({{std::string{Tokens::setting_name},
                                         context.tokens.to_text(context.clock.wall_now())}},
                                       context.executor, done);
    };
    co_return co_await await_answer<std::error_code>(begin);
}

awaitable<Response> issue_token(AuthPtr auth, const TokenRequest& request) {
    const AuthContext& context = auth->context;
    const WallTime now = context.clock.wall_now();
    const std::string token = context.tokens.issue(request.user_name, now);
    const std::error_code error = co_await keep_tokens(auth);
    if (error) {
        context.tokens.revoke(token);
        co_return keystone_try_later(http::status::service_unavailable, Seconds{1},
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
    auto refusal =
        co_await auth->check.refuse(std::string{exchange.peer()}, request->user_name, request->password);
    if (refusal) co_return std::move(*refusal);
    if (request->project_id && *request->project_id != auth->context.installation.project_id) {
        co_return keystone_error(http::status::unauthorized,
                                 "the project auth.scope.project.id is not of this server");
    }
    co_return co_await issue_token(auth, *request);
}

struct PasswordChange {
    std::string original_password;
    std::string password;
};

boost::system::result<PasswordChange, Response> parse_change(const std::string& body) {
    const auto parsed = parse_json_body(body);
    if (parsed.has_error()) {
        return keystone_error(http::status::bad_request, message_of(parsed.error()));
    }
    std::optional<FieldError> error;
    JsonFields user = JsonFields{*parsed, error}.object("user");
    PasswordChange change;
    change.original_password =
        user.text("original_password", {1, password_bytes_max, any_character, true});
    change.password =
        user.text("password", {password_characters_min, password_bytes_max, any_character, true});
    for (const auto& [name, text] : {std::pair{"original_password", &change.original_password},
                                     std::pair{"password", &change.password}}) {
        if (text->size() <= password_bytes_max) continue;
        user.fail(name, "must have at most " + std::to_string(password_bytes_max) + " bytes");
    }
    if (error) return keystone_error(http::status::bad_request, to_string(*error));
    return change;
}

/// The tokens go first: a crash on the way leaves the old password and nobody logged in. They go once more
/// behind it, with those that somebody got in between.
awaitable<std::error_code> put_password(AuthPtr auth, std::string user_name, std::string hash) {
    const AuthContext& context = auth->context;
    auth->check.on_change();
    context.tokens.revoke_all(user_name);
    if (const std::error_code error = co_await keep_tokens(auth)) co_return error;
    store::User user;
    user.name = user_name;
    user.domain = domain_name;
    user.password_hash = std::move(hash);
    user.created_at = context.clock.wall_now();
    const auto begin = [&](auto done) {
        context.catalogue.put_user(std::move(user), context.executor, done);
    };
    const std::error_code error = co_await await_answer<std::error_code>(begin);
    auth->check.on_change();
    context.tokens.revoke_all(user_name);
    if (error) co_return error;
    co_return co_await keep_tokens(auth);
}

awaitable<Response> change_password(Exchange exchange, AuthPtr auth) {
    const AuthContext& context = auth->context;
    const std::string& user_id = exchange.parameter("user_id");
    const std::string user_name{administrator_name};
    if (user_id != user_name && user_id != user_id_of(user_name)) {
        co_return keystone_error(http::status::not_found, "there is no user of this id");
    }
    auto change = parse_change(exchange.body());
    if (change.has_error()) co_return change.error();
    auto refusal =
        co_await auth->check.refuse(std::string{exchange.peer()}, user_name, change->original_password);
    if (refusal) co_return std::move(*refusal);
    auto hash = co_await context.passwords.hash(change->password, context.random, context.cost);
    if (!hash) {
        co_return keystone_try_later(http::status::service_unavailable, Seconds{1},
                                     "too many passwords are being checked");
    }
    const std::error_code error = co_await put_password(auth, user_name, std::move(*hash));
    if (!error) co_return empty_response(http::status::no_content);
    co_return keystone_try_later(http::status::service_unavailable, Seconds{1},
                                 "the password cannot be kept: " + error.message());
}

awaitable<Response> list_projects(Exchange exchange, AuthPtr auth) {
    const std::string name =
        exchange.find_query("name").value_or(std::string{default_project_name});
    co_return json_response(
        http::status::ok,
        {{"projects", json::array{project_of(auth->context, name)}}, {"links", json::object{}}});
}

awaitable<Response> list_domains(Exchange, AuthPtr auth) {
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
        http::verb::post, "/v3/auth/tokens", Action::open,
        [auth](Exchange exchange) { return create_token(std::move(exchange), auth); },
        BodyKind::json);
    routes.add(
        http::verb::post, "/v3/users/{user_id}/password", Action::open,
        [auth](Exchange exchange) { return change_password(std::move(exchange), auth); },
        BodyKind::json);
    routes.add(http::verb::get, "/v3/projects", Action::identity,
               [auth](Exchange exchange) { return list_projects(std::move(exchange), auth); });
    routes.add(http::verb::get, "/v3/auth/domains", Action::identity,
               [auth](Exchange exchange) { return list_domains(std::move(exchange), auth); });
}

}  // namespace holdfast::api
