#include "api/handlers/subscriptions.hpp"

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

namespace {

namespace json = boost::json;
using boost::asio::awaitable;
using ContextPtr = PushRoutesContextPtr;
using store::DocumentPtr;

Response no_such_subscription(std::string_view id) {
    return document_refusal(store::CatalogueError::not_found, subscription_words, id);
}

struct Subscription {
    const PushRule* rule;
    const PushAction* action;
};

/// Empty: no rule that was made as one, or its action was deleted.
std::optional<Subscription> find_subscription(const PushBook& book, const std::string& id) {
    const PushRule* const rule = find_in(book.rules, id);
    if (rule == nullptr || !rule->is_subscription) return std::nullopt;
    const PushAction* const action = book.first_action_of(id);
    if (action == nullptr) return std::nullopt;
    return Subscription{rule, action};
}

json::object subscription_json(const PushRule& rule, const PushAction& action) {
    const PlatformEventName name = name_of(rule.kind);
    json::object shown{{"subscription_id", rule.rule_id},
                       {"subject", {{"resource", name.resource}, {"event", name.event}}},
                       {"callbackurl", action.url},
                       {"channel", "http"}};
    if (!rule.app_id.empty()) shown["app_id"] = rule.app_id;
    return shown;
}

awaitable<Response> create_subscription(Exchange exchange, ContextPtr context) {
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const auto read = read_new_subscription(*body);
    if (read.has_error()) co_return field_error_response(read.error());
    PushRule rule = read->rule;
    PushAction action = read->action;
    if (auto refusal = refuse_target(*context, action)) co_return std::move(*refusal);
    const auto begin = [&](auto done) {
        context->documents.add(document_of(rule), push_rules_max, context->executor, done);
    };
    const auto [error, added] = co_await await_answer<std::error_code, DocumentPtr>(begin);
    if (error) co_return document_refusal(error, subscription_words, {});
    rule.rule_id = action.rule_id = added->id;
    context->pusher.change([&](PushBook& book) { book.rules[rule.rule_id] = rule; });
    const auto keep = [context, rule, action](const std::string& id) mutable {
        action.action_id = id;
        context->pusher.change([&](PushBook& book) { book.actions[id] = action; });
        return subscription_json(rule, action);
    };
    Response answer = co_await add_document(context, document_of(action), push_actions_max,
                                            subscription_words, keep);
    // A rule without an action would be listed among the rules, and be nobody's.
    if (answer.result() != http::status::created) {
        static_cast<void>(co_await remove_rule_with_actions(context, rule.rule_id));
    }
    co_return answer;
}

awaitable<Response> show_subscription(Exchange exchange, ContextPtr context) {
    const std::string id = exchange.parameter("subscription_id");
    const auto found = find_subscription(context->pusher.book(), id);
    if (!found) co_return no_such_subscription(id);
    co_return json_response(http::status::ok, subscription_json(*found->rule, *found->action));
}

awaitable<Response> update_subscription(Exchange exchange, ContextPtr context) {
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const std::string id = exchange.parameter("subscription_id");
    const auto found = find_subscription(context->pusher.book(), id);
    if (!found) co_return no_such_subscription(id);
    const auto action = read_subscription_update(*body, *found->action);
    if (action.has_error()) co_return field_error_response(action.error());
    if (auto refusal = refuse_target(*context, *action)) co_return std::move(*refusal);
    const auto keep = [context, action = *action, rule = *found->rule](const std::string& kept_id) {
        context->pusher.change([&](PushBook& book) { book.actions[kept_id] = action; });
        return subscription_json(rule, action);
    };
    co_return co_await replace_document(context, document_of(*action), subscription_words, keep);
}

awaitable<Response> remove_subscription(Exchange exchange, ContextPtr context) {
    const std::string id = exchange.parameter("subscription_id");
    if (!find_subscription(context->pusher.book(), id)) co_return no_such_subscription(id);
    const auto error = co_await remove_rule_with_actions(context, id);
    if (error) co_return document_refusal(error, subscription_words, id);
    co_return empty_response(http::status::no_content);
}

awaitable<Response> list_subscriptions(Exchange exchange, ContextPtr context) {
    const PushBook& book = context->pusher.book();
    const auto matches = [&](const PushRule& rule) {
        const auto found = find_subscription(book, rule.rule_id);
        if (!found) return false;
        const PlatformEventName name = name_of(rule.kind);
        return is_asked_for(exchange, "resource", name.resource) &&
               is_asked_for(exchange, "event", name.event) &&
               is_asked_for(exchange, "callbackurl", found->action->url) &&
               is_asked_for(exchange, "app_id", rule.app_id) &&
               is_asked_for(exchange, "channel", "http");
    };
    const auto show = [&](const PushRule& rule) {
        return subscription_json(rule, *book.first_action_of(rule.rule_id));
    };
    auto page = page_of(exchange, "subscriptions", book.rules, matches, show);
    if (page.has_error()) co_return std::move(page.error());
    co_return json_response(http::status::ok, *std::move(page));
}

}  // namespace

void add_subscription_routes(Routes& routes, const PushRoutesContext& given) {
    const auto context = std::make_shared<const PushRoutesContext>(given);
    const auto with = [&context](auto handle) { return with_context(context, handle); };
    const std::string all = "/v5/iot/{project_id}/subscriptions";
    const std::string one = all + "/{subscription_id}";
    routes.add(http::verb::post, all, Action::subscriptions_create, with(create_subscription),
               BodyKind::json);
    routes.add(http::verb::get, all, Action::subscriptions_query_list, with(list_subscriptions));
    routes.add(http::verb::get, one, Action::subscriptions_query, with(show_subscription));
    routes.add(http::verb::put, one, Action::subscriptions_modify, with(update_subscription),
               BodyKind::json);
    routes.add(http::verb::delete_, one, Action::subscriptions_delete, with(remove_subscription));
}

}  // namespace holdfast::api
