#include "api/handlers/push_policies.hpp"

#include <algorithm>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

namespace {

using boost::asio::awaitable;
using ContextPtr = PushRoutesContextPtr;

constexpr std::size_t policies_max = flow_policies_max + backlog_policies_max;

/// What the two kinds of policies differ in.
struct Flow {
    using Policy = FlowPolicy;
    static constexpr std::string_view list = "flowcontrol_policies";
    static auto& of(PushBook& book) { return book.flow_policies; }
    static const auto& of(const PushBook& book) { return book.flow_policies; }
    static ReadFields<Policy> read(const boost::json::value& body) {
        return read_new_flow_policy(body);
    }
    static ReadFields<Policy> update(const boost::json::value& body, const Policy& policy) {
        return read_flow_policy_update(body, policy);
    }
    static bool is_asked(const Exchange& exchange, const Policy& policy) {
        const auto shown = policy_json(policy);
        const auto scope = shown.at("scope").as_string();
        return is_asked_for(exchange, "scope", {scope.data(), scope.size()}) &&
               is_asked_for(exchange, "scope_value", policy.scope_value);
    }
    /// Empty: there can be such a policy.
    static std::optional<Response> refuse(const PushBook& book, const Policy& policy) {
        if (policy.scope == PushScope::rule && !book.rules.contains(policy.scope_value)) {
            return document_refusal(store::CatalogueError::not_found, rule_words,
                                    policy.scope_value);
        }
        if (policy.scope == PushScope::action && !book.actions.contains(policy.scope_value)) {
            return document_refusal(store::CatalogueError::not_found, action_words,
                                    policy.scope_value);
        }
        const auto other = std::ranges::find_if(book.flow_policies, [&](const auto& each) {
            return each.second.scope == policy.scope &&
                   each.second.scope_value == policy.scope_value;
        });
        if (other == book.flow_policies.end()) return std::nullopt;
        return not_allowed("IOTDA.015186",
                           "The policy " + other->first + " is for the same: change that.");
    }
};

struct Backlog {
    using Policy = BacklogPolicy;
    static constexpr std::string_view list = "backlog_policies";
    static auto& of(PushBook& book) { return book.backlog_policies; }
    static const auto& of(const PushBook& book) { return book.backlog_policies; }
    static ReadFields<Policy> read(const boost::json::value& body) {
        return read_backlog_policy(body);
    }
    static ReadFields<Policy> update(const boost::json::value& body, const Policy& policy) {
        return read_backlog_policy(body, policy);
    }
    static bool is_asked(const Exchange&, const Policy&) { return true; }
    static std::optional<Response> refuse(const PushBook& book, const Policy&) {
        if (book.backlog_policies.size() < backlog_policies_max) return std::nullopt;
        return not_allowed("IOTDA.015186", "The policy " + book.backlog_policies.begin()->first +
                                               " is for all actions: change that.");
    }
};

template <class Kind>
awaitable<Response> create_policy(Exchange exchange, ContextPtr context) {
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const auto policy = Kind::read(*body);
    if (policy.has_error()) co_return field_error_response(policy.error());
    if (auto refusal = Kind::refuse(context->pusher.book(), *policy)) co_return std::move(*refusal);
    const auto begin = [&](auto done) {
        context->documents.add(document_of(*policy), policies_max, context->executor, done);
    };
    const auto [error, added] = co_await await_answer<std::error_code, store::DocumentPtr>(begin);
    if (error) co_return document_refusal(error, push_policy_words, {});
    // Meanwhile another request may have made one for the same, or removed what it is for.
    if (auto refusal = Kind::refuse(context->pusher.book(), *policy)) {
        static_cast<void>(
            co_await remove_document(context, store::DocumentKind::push_policy, added->id));
        co_return std::move(*refusal);
    }
    auto kept = *policy;
    kept.policy_id = added->id;
    context->pusher.change([&](PushBook& book) { Kind::of(book)[kept.policy_id] = kept; });
    co_return json_response(http::status::created, policy_json(kept));
}

template <class Kind>
awaitable<Response> show_policy(Exchange exchange, ContextPtr context) {
    const std::string id = exchange.parameter("policy_id");
    const auto* const found = find_in(Kind::of(std::as_const(context->pusher).book()), id);
    if (found == nullptr) {
        co_return document_refusal(store::CatalogueError::not_found, push_policy_words, id);
    }
    co_return json_response(http::status::ok, policy_json(*found));
}

template <class Kind>
awaitable<Response> update_policy(Exchange exchange, ContextPtr context) {
    const auto body = parse_json_body(exchange.body());
    if (body.has_error()) co_return body.error();
    const std::string id = exchange.parameter("policy_id");
    const auto* const found = find_in(Kind::of(std::as_const(context->pusher).book()), id);
    if (found == nullptr) {
        co_return document_refusal(store::CatalogueError::not_found, push_policy_words, id);
    }
    const auto policy = Kind::update(*body, *found);
    if (policy.has_error()) co_return field_error_response(policy.error());
    const auto keep = [context, policy = *policy](const std::string& kept_id) {
        context->pusher.change([&](PushBook& book) { Kind::of(book)[kept_id] = policy; });
        return policy_json(policy);
    };
    co_return co_await replace_document(context, document_of(*policy), push_policy_words, keep);
}

template <class Kind>
awaitable<Response> remove_policy(Exchange exchange, ContextPtr context) {
    const std::string id = exchange.parameter("policy_id");
    if (find_in(Kind::of(std::as_const(context->pusher).book()), id) == nullptr) {
        co_return document_refusal(store::CatalogueError::not_found, push_policy_words, id);
    }
    const auto error = co_await remove_document(context, store::DocumentKind::push_policy, id);
    if (error) co_return document_refusal(error, push_policy_words, id);
    context->pusher.change([&](PushBook& book) { Kind::of(book).erase(id); });
    co_return empty_response(http::status::no_content);
}

template <class Kind>
awaitable<Response> list_policies(Exchange exchange, ContextPtr context) {
    using Policy = typename Kind::Policy;
    const auto matches = [&](const Policy& policy) {
        return is_asked_for(exchange, "policy_name", policy.name) &&
               Kind::is_asked(exchange, policy);
    };
    const auto show = [](const Policy& policy) { return policy_json(policy); };
    auto page = page_of(exchange, Kind::list, Kind::of(std::as_const(context->pusher).book()),
                        matches, show);
    if (page.has_error()) co_return std::move(page.error());
    co_return json_response(http::status::ok, *std::move(page));
}

template <class Kind>
void add_routes_of(Routes& routes, const ContextPtr& context, const std::string& all) {
    const auto with = [&context](auto handle) { return with_context(context, handle); };
    const std::string one = all + "/{policy_id}";
    routes.add(http::verb::post, all, Action::push_policies_create, with(create_policy<Kind>),
               BodyKind::json);
    routes.add(http::verb::get, all, Action::push_policies_query_list, with(list_policies<Kind>));
    routes.add(http::verb::get, one, Action::push_policies_query, with(show_policy<Kind>));
    routes.add(http::verb::put, one, Action::push_policies_modify, with(update_policy<Kind>),
               BodyKind::json);
    routes.add(http::verb::delete_, one, Action::push_policies_delete, with(remove_policy<Kind>));
}

}  // namespace

void add_push_policy_routes(Routes& routes, const PushRoutesContext& given) {
    const auto context = std::make_shared<const PushRoutesContext>(given);
    const std::string base = "/v5/iot/{project_id}/routing-rule";
    add_routes_of<Flow>(routes, context, base + "/flowcontrol-policy");
    add_routes_of<Backlog>(routes, context, base + "/backlog-policy");
}

}  // namespace holdfast::api
