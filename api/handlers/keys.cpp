#include "api/handlers/keys.hpp"

#include "api/catalogue_refusals.hpp"
#include "api/json_body.hpp"
#include "api/key_schema.hpp"
#include "base/digest.hpp"

#include <boost/json/array.hpp>

#include <optional>
#include <string>
#include <utility>

namespace holdfast::api {

namespace {

namespace json = boost::json;
using boost::asio::awaitable;

/// What is shown once.
struct MadeSecret {
    std::string shown;
    std::string kept;
};

MadeSecret make_secret(KeyKind kind, Random& random) {
    if (kind == KeyKind::access_key) {
        const std::string secret = make_secret_key(random);
        return {secret, secret};
    }
    const std::string key = make_api_key(random);
    return {key, sha256_hex(key)};
}

json::object to_json(const AppKey& key, const AppKeys& keys) {
    return key_json(key, keys.last_used(key.key_id));
}

awaitable<Response> add_key(Exchange exchange, KeysContext context) {
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    auto facts = read_new_key(*body, context.clock.wall_now());
    if (facts.has_error()) co_return field_error_response(facts.error());
    const bool is_access_key = facts->kind == KeyKind::access_key;
    MadeSecret secret = make_secret(facts->kind, context.random);
    facts->project_id = exchange.parameter("project_id");
    facts->secret = std::move(secret.kept);
    if (is_access_key) facts->key_id = make_access_key(context.random);
    const auto [error, key] = co_await context.store.add(std::move(*facts));
    if (error) co_return key_refusal(error, {});
    json::object shown = to_json(*key, context.keys);
    if (is_access_key) {
        shown.emplace("ak", key->key_id);
        shown.emplace("sk", secret.shown);
    } else {
        shown.emplace("api_key", secret.shown);
    }
    Response response = json_response(http::status::created, shown);
    response.set(http::field::cache_control, "no-store");
    co_return response;
}

awaitable<Response> list_keys(Exchange exchange, KeysContext context) {
    json::array keys;
    for (const AppKeyPtr& key : context.keys.list()) {
        if (key->project_id == exchange.parameter("project_id")) {
            keys.push_back(to_json(*key, context.keys));
        }
    }
    co_return json_response(http::status::ok, json::object{{"keys", std::move(keys)}});
}

awaitable<Response> show_key(Exchange exchange, KeysContext context) {
    const std::string& key_id = exchange.parameter("key_id");
    const AppKeyPtr key = context.keys.find(key_id);
    if (key == nullptr) {
        co_return key_refusal(make_error_code(store::CatalogueError::not_found), key_id);
    }
    co_return json_response(http::status::ok, to_json(*key, context.keys));
}

awaitable<Response> update_key(Exchange exchange, KeysContext context) {
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const auto update = read_key_update(*body);
    if (update.has_error()) co_return field_error_response(update.error());
    const auto change = [update = *update](AppKeyFacts& facts) { update.apply_to(facts); };
    const std::string& key_id = exchange.parameter("key_id");
    const auto [error, key] = co_await context.store.change(key_id, change);
    if (error) co_return key_refusal(error, key_id);
    co_return json_response(http::status::ok, to_json(*key, context.keys));
}

awaitable<Response> remove_key(Exchange exchange, KeysContext context) {
    const std::string& key_id = exchange.parameter("key_id");
    const std::error_code error = co_await context.store.remove(key_id);
    if (error) co_return key_refusal(error, key_id);
    co_return empty_response(http::status::no_content);
}

}  // namespace

void add_key_routes(Routes& routes, const KeysContext& context) {
    const std::string keys = "/v5/iot/{project_id}/keys";
    const std::string key = keys + "/{key_id}";
    const auto with = [&context](auto handler) {
        return
            [context, handler](Exchange exchange) { return handler(std::move(exchange), context); };
    };
    constexpr Action action = Action::keys_manage;
    routes.add(http::verb::post, keys, action, with(add_key), BodyKind::json);
    routes.add(http::verb::get, keys, action, with(list_keys));
    routes.add(http::verb::get, key, action, with(show_key));
    routes.add(http::verb::put, key, action, with(update_key), BodyKind::json);
    routes.add(http::verb::delete_, key, action, with(remove_key));
}

}  // namespace holdfast::api
