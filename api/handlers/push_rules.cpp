#include "api/handlers/push_rules.hpp"

#include "api/await_answer.hpp"
#include "api/catalogue_refusals.hpp"
#include "api/json_body.hpp"
#include "api/paging.hpp"

#include <boost/json/array.hpp>

#include <memory>
#include <utility>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

namespace {

namespace json = boost::json;
using boost::asio::awaitable;
using store::DocumentPtr;

using ContextPtr = std::shared_ptr<const PushRulesContext>;

Response no_such(const DocumentWords& words, std::string_view id) {
    return document_refusal(store::CatalogueError::not_found, words, id);
}

std::optional<Response> refuse_target(const Pusher& pusher, const PushAction& action) {
    const auto url = parse_http_url(action.url);
    if (url && pusher.may_target(*url)) return std::nullopt;
    return field_error_response(
        {"channel_detail.http_forwarding.url",
         "must be an address that everybody may reach: [push] allow_private_targets allows others",
         {}});
}

/// Adds a document; the answer is what `show` makes of it.
template <class Keep>
awaitable<Response> add(ContextPtr context, store::Document document, std::size_t count_max,
                        DocumentWords words, Keep keep) {
    const auto begin = [&](auto done) {
        context->documents.add(std::move(document), count_max, context->executor, done);
    };
    const auto [error, added] = co_await await_answer<std::error_code, DocumentPtr>(begin);
    if (error) co_return document_refusal(error, words, {});
    co_return json_response(http::status::created, keep(added->id));
}

template <class Keep>
awaitable<Response> replace(ContextPtr context, store::Document document, DocumentWords words,
                            Keep keep) {
    const std::string id = document.id;
    const auto kind = document.kind;
    const store::DocumentChange change = [document](store::Document& there) {
        there.name = document.name;
        there.body = document.body;
        there.secret = document.secret;
        return std::error_code{};
    };
    const auto begin = [&](auto done) {
        context->documents.change(kind, id, change, context->executor, done);
    };
    const auto [error, changed] = co_await await_answer<std::error_code, DocumentPtr>(begin);
    if (error) co_return document_refusal(error, words, id);
    co_return json_response(http::status::ok, keep(id));
}

awaitable<std::error_code> remove_document(ContextPtr context, store::DocumentKind kind,
                                           std::string id) {
    const auto begin = [&](auto done) {
        context->documents.remove(kind, id, context->executor, done);
    };
    co_return co_await await_answer<std::error_code>(begin);
}

// --- Rules

awaitable<Response> create_rule(Exchange exchange, ContextPtr context) {
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const auto rule = read_new_rule(*body);
    if (rule.has_error()) co_return field_error_response(rule.error());
    const auto keep = [context, rule = *rule](const std::string& id) mutable {
        rule.rule_id = id;
        context->pusher.put_rule(rule);
        return rule_json(rule);
    };
    co_return co_await add(context, document_of(*rule), push_rules_max, rule_words, keep);
}

awaitable<Response> show_rule(Exchange exchange, ContextPtr context) {
    const PushRule* const rule = context->pusher.find_rule(exchange.parameter("rule_id"));
    if (rule == nullptr) co_return no_such(rule_words, exchange.parameter("rule_id"));
    co_return json_response(http::status::ok, rule_json(*rule));
}

awaitable<Response> update_rule(Exchange exchange, ContextPtr context) {
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const PushRule* const found = context->pusher.find_rule(exchange.parameter("rule_id"));
    if (found == nullptr) co_return no_such(rule_words, exchange.parameter("rule_id"));
    const auto rule = read_rule_update(*body, *found);
    if (rule.has_error()) co_return field_error_response(rule.error());
    const auto keep = [context, rule = *rule](const std::string&) {
        context->pusher.put_rule(rule);
        return rule_json(rule);
    };
    co_return co_await replace(context, document_of(*rule), rule_words, keep);
}

/// And its actions, first: a crash in between leaves a rule without some of them.
awaitable<Response> remove_rule(Exchange exchange, ContextPtr context) {
    const std::string rule_id = exchange.parameter("rule_id");
    std::vector<std::string> action_ids;
    for (const auto& [id, action] : context->pusher.actions()) {
        if (action.rule_id == rule_id) action_ids.push_back(id);
    }
    for (const std::string& id : action_ids) {
        const auto error = co_await remove_document(context, store::DocumentKind::push_action, id);
        if (error && error != store::CatalogueError::not_found)
            co_return document_refusal(error, action_words, id);
        context->pusher.remove_action(id);
    }
    const auto error = co_await remove_document(context, store::DocumentKind::push_rule, rule_id);
    if (error) co_return document_refusal(error, rule_words, rule_id);
    context->pusher.remove_rule(rule_id);
    co_return empty_response(http::status::no_content);
}

bool is_asked_for(const Exchange& exchange, std::string_view key, std::string_view value) {
    const auto asked = exchange.find_query(key);
    return !asked || *asked == value;
}

/// Newest first, a page of them.
template <class Records, class Matches, class Show>
boost::system::result<json::object, Response> page_of(const Exchange& exchange,
                                                      std::string_view name, const Records& records,
                                                      Matches matches, Show show) {
    const auto paging = read_paging(exchange);
    if (paging.has_error()) return paging.error();
    json::array shown;
    std::size_t count = 0;
    std::size_t skipped = 0;
    std::string marker;
    for (auto each = records.rbegin(); each != records.rend(); ++each) {
        if (!matches(each->second)) continue;
        ++count;
        if (!paging->marker.empty() && each->first >= paging->marker) continue;
        if (skipped++ < paging->offset || shown.size() >= paging->limit) continue;
        shown.push_back(show(each->second));
        marker = each->first;
    }
    if (marker.empty()) marker = paging->marker;
    return json::object{{name, std::move(shown)}, {"count", count}, {"marker", marker}};
}

awaitable<Response> list_rules(Exchange exchange, ContextPtr context) {
    const auto matches = [&](const PushRule& rule) {
        const PlatformEventName name = name_of(rule.kind);
        return is_asked_for(exchange, "resource", name.resource) &&
               is_asked_for(exchange, "event", name.event) &&
               is_asked_for(exchange, "rule_name", rule.name) &&
               is_asked_for(exchange, "app_type", rule.app_id.empty() ? "GLOBAL" : "APP") &&
               is_asked_for(exchange, "app_id", rule.app_id) &&
               is_asked_for(exchange, "active", rule.is_active ? "true" : "false");
    };
    auto page = page_of(exchange, "rules", context->pusher.rules(), matches, rule_json);
    if (page.has_error()) co_return std::move(page.error());
    co_return json_response(http::status::ok, *std::move(page));
}

// --- Actions

awaitable<Response> create_action(Exchange exchange, ContextPtr context) {
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const auto action = read_new_action(*body);
    if (action.has_error()) co_return field_error_response(action.error());
    if (context->pusher.find_rule(action->rule_id) == nullptr) {
        co_return no_such(rule_words, action->rule_id);
    }
    if (auto refusal = refuse_target(context->pusher, *action)) co_return std::move(*refusal);
    const auto keep = [context, action = *action](const std::string& id) mutable {
        action.action_id = id;
        context->pusher.put_action(action);
        return action_json(action);
    };
    co_return co_await add(context, document_of(*action), push_actions_max, action_words, keep);
}

awaitable<Response> show_action(Exchange exchange, ContextPtr context) {
    const PushAction* const action = context->pusher.find_action(exchange.parameter("action_id"));
    if (action == nullptr) co_return no_such(action_words, exchange.parameter("action_id"));
    co_return json_response(http::status::ok, action_json(*action));
}

awaitable<Response> update_action(Exchange exchange, ContextPtr context) {
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const PushAction* const found = context->pusher.find_action(exchange.parameter("action_id"));
    if (found == nullptr) co_return no_such(action_words, exchange.parameter("action_id"));
    const auto action = read_action_update(*body, *found);
    if (action.has_error()) co_return field_error_response(action.error());
    if (auto refusal = refuse_target(context->pusher, *action)) co_return std::move(*refusal);
    const auto keep = [context, action = *action](const std::string&) {
        context->pusher.put_action(action);
        return action_json(action);
    };
    co_return co_await replace(context, document_of(*action), action_words, keep);
}

awaitable<Response> remove_action(Exchange exchange, ContextPtr context) {
    const std::string id = exchange.parameter("action_id");
    const auto error = co_await remove_document(context, store::DocumentKind::push_action, id);
    if (error) co_return document_refusal(error, action_words, id);
    context->pusher.remove_action(id);
    co_return empty_response(http::status::no_content);
}

awaitable<Response> list_actions(Exchange exchange, ContextPtr context) {
    const auto matches = [&](const PushAction& action) {
        return is_asked_for(exchange, "rule_id", action.rule_id) &&
               is_asked_for(exchange, "channel", "HTTP_FORWARDING");
    };
    auto page = page_of(exchange, "actions", context->pusher.actions(), matches, action_json);
    if (page.has_error()) co_return std::move(page.error());
    co_return json_response(http::status::ok, *std::move(page));
}

}  // namespace

void add_push_rule_routes(Routes& routes, const PushRulesContext& given) {
    const auto context = std::make_shared<const PushRulesContext>(given);
    const auto with = [&context](auto handler) {
        return
            [context, handler](Exchange exchange) { return handler(std::move(exchange), context); };
    };
    const std::string rules = "/v5/iot/{project_id}/routing-rule/rules";
    const std::string rule = rules + "/{rule_id}";
    const std::string actions = "/v5/iot/{project_id}/routing-rule/actions";
    const std::string action = actions + "/{action_id}";
    routes.add(http::verb::post, rules, Action::rules_create, with(create_rule), BodyKind::json);
    routes.add(http::verb::get, rules, Action::rules_query_list, with(list_rules));
    routes.add(http::verb::get, rule, Action::rules_query, with(show_rule));
    routes.add(http::verb::put, rule, Action::rules_modify, with(update_rule), BodyKind::json);
    routes.add(http::verb::delete_, rule, Action::rules_delete, with(remove_rule));
    routes.add(http::verb::post, actions, Action::rule_actions_create, with(create_action),
               BodyKind::json);
    routes.add(http::verb::get, actions, Action::rule_actions_query_list, with(list_actions));
    routes.add(http::verb::get, action, Action::rule_actions_query, with(show_action));
    routes.add(http::verb::put, action, Action::rule_actions_modify, with(update_action),
               BodyKind::json);
    routes.add(http::verb::delete_, action, Action::rule_actions_delete, with(remove_action));
}

}  // namespace holdfast::api
