#include "api/handlers/push_rules.hpp"

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

namespace {

namespace json = boost::json;
using boost::asio::awaitable;
using ContextPtr = PushRoutesContextPtr;

Response no_such(const DocumentWords& words, std::string_view id) {
    return document_refusal(store::CatalogueError::not_found, words, id);
}

// --- Rules

awaitable<Response> create_rule(Exchange exchange, ContextPtr context) {
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const auto rule = read_new_rule(*body);
    if (rule.has_error()) co_return field_error_response(rule.error());
    const auto keep = [context, rule = *rule](const std::string& id) mutable {
        rule.rule_id = id;
        context->pusher.change([&](PushBook& book) { book.rules[id] = rule; });
        return rule_json(rule);
    };
    co_return co_await add_document(context, document_of(*rule), push_rules_max, rule_words, keep);
}

awaitable<Response> show_rule(Exchange exchange, ContextPtr context) {
    const std::string rule_id = exchange.parameter("rule_id");
    const PushRule* const rule = find_in(context->pusher.book().rules, rule_id);
    if (rule == nullptr) co_return no_such(rule_words, rule_id);
    co_return json_response(http::status::ok, rule_json(*rule));
}

awaitable<Response> update_rule(Exchange exchange, ContextPtr context) {
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const std::string rule_id = exchange.parameter("rule_id");
    const PushRule* const found = find_in(context->pusher.book().rules, rule_id);
    if (found == nullptr) co_return no_such(rule_words, rule_id);
    const auto rule = read_rule_update(*body, *found);
    if (rule.has_error()) co_return field_error_response(rule.error());
    const auto keep = [context, rule = *rule](const std::string& id) {
        context->pusher.change([&](PushBook& book) { book.rules[id] = rule; });
        return rule_json(rule);
    };
    co_return co_await replace_document(context, document_of(*rule), rule_words, keep);
}

awaitable<Response> remove_rule(Exchange exchange, ContextPtr context) {
    const std::string rule_id = exchange.parameter("rule_id");
    const auto error = co_await remove_rule_with_actions(context, rule_id);
    if (error) co_return document_refusal(error, rule_words, rule_id);
    co_return empty_response(http::status::no_content);
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
    auto page = page_of(exchange, "rules", context->pusher.book().rules, matches, rule_json);
    if (page.has_error()) co_return std::move(page.error());
    co_return json_response(http::status::ok, *std::move(page));
}

// --- Actions

/// With what is known of its pushes, which is ours.
json::object shown_action(const Pusher& pusher, const PushAction& action) {
    const PushActionState state = pusher.state_of(action.action_id);
    json::object push{{"state", to_string(state.state)},
                      {"waiting", state.waiting},
                      {"waiting_bytes", state.waiting_bytes},
                      {"oldest_age_seconds", state.oldest_age.count() / 1000},
                      {"pushed", state.totals.pushed},
                      {"failed", state.totals.failed},
                      {"dropped", state.totals.all_dropped()}};
    if (!state.last_failure.empty()) push["last_failure"] = state.last_failure;
    json::object shown = action_json(action);
    shown["push"] = std::move(push);
    return shown;
}

awaitable<Response> create_action(Exchange exchange, ContextPtr context) {
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const auto action = read_new_action(*body);
    if (action.has_error()) co_return field_error_response(action.error());
    if (find_in(context->pusher.book().rules, action->rule_id) == nullptr) {
        co_return no_such(rule_words, action->rule_id);
    }
    if (auto refusal = refuse_target(*context, *action)) co_return std::move(*refusal);
    const auto keep = [context, action = *action](const std::string& id) mutable {
        action.action_id = id;
        context->pusher.change([&](PushBook& book) { book.actions[id] = action; });
        return shown_action(context->pusher, action);
    };
    co_return co_await add_document(context, document_of(*action), push_actions_max, action_words,
                                    keep);
}

awaitable<Response> show_action(Exchange exchange, ContextPtr context) {
    const std::string action_id = exchange.parameter("action_id");
    const PushAction* const action = find_in(context->pusher.book().actions, action_id);
    if (action == nullptr) co_return no_such(action_words, action_id);
    co_return json_response(http::status::ok, shown_action(context->pusher, *action));
}

awaitable<Response> update_action(Exchange exchange, ContextPtr context) {
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const std::string action_id = exchange.parameter("action_id");
    const PushAction* const found = find_in(context->pusher.book().actions, action_id);
    if (found == nullptr) co_return no_such(action_words, action_id);
    const auto action = read_action_update(*body, *found);
    if (action.has_error()) co_return field_error_response(action.error());
    if (auto refusal = refuse_target(*context, *action)) co_return std::move(*refusal);
    const auto keep = [context, action = *action](const std::string& id) {
        context->pusher.change([&](PushBook& book) { book.actions[id] = action; });
        return shown_action(context->pusher, action);
    };
    co_return co_await replace_document(context, document_of(*action), action_words, keep);
}

awaitable<Response> remove_action(Exchange exchange, ContextPtr context) {
    const std::string id = exchange.parameter("action_id");
    const auto error = co_await remove_action_with_policies(context, id);
    if (error) co_return document_refusal(error, action_words, id);
    co_return empty_response(http::status::no_content);
}

awaitable<Response> list_actions(Exchange exchange, ContextPtr context) {
    const auto matches = [&](const PushAction& action) {
        return is_asked_for(exchange, "rule_id", action.rule_id) &&
               is_asked_for(exchange, "channel", http_forwarding_channel);
    };
    const auto show = [&](const PushAction& action) {
        return shown_action(context->pusher, action);
    };
    auto page = page_of(exchange, "actions", context->pusher.book().actions, matches, show);
    if (page.has_error()) co_return std::move(page.error());
    co_return json_response(http::status::ok, *std::move(page));
}

}  // namespace

void add_push_rule_routes(Routes& routes, const PushRoutesContext& given) {
    const auto context = std::make_shared<const PushRoutesContext>(given);
    const auto with = [&context](auto handle) { return with_context(context, handle); };
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
