#include "api/handlers/push_documents.hpp"

#include <vector>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

using boost::asio::awaitable;

namespace {

/// Policies that limit one rule or one action limit nothing without it.
std::vector<std::string> policies_of(const PushBook& book, PushScope scope, const std::string& id) {
    std::vector<std::string> ids;
    for (const auto& [policy_id, policy] : book.flow_policies) {
        if (policy.scope == scope && policy.scope_value == id) ids.push_back(policy_id);
    }
    return ids;
}

awaitable<std::error_code> remove_policies(PushRoutesContextPtr context,
                                           std::vector<std::string> ids) {
    for (const std::string& id : ids) {
        const auto error = co_await remove_document(context, store::DocumentKind::push_policy, id);
        if (error && error != store::CatalogueError::not_found) co_return error;
        context->pusher.change([&](PushBook& book) { book.flow_policies.erase(id); });
    }
    co_return std::error_code{};
}

}  // namespace

awaitable<std::error_code> remove_document(PushRoutesContextPtr context, store::DocumentKind kind,
                                           std::string id) {
    const auto begin = [&](auto done) {
        context->documents.remove(kind, id, context->executor, done);
    };
    co_return co_await await_answer<std::error_code>(begin);
}

awaitable<std::error_code> remove_action_with_policies(PushRoutesContextPtr context,
                                                       std::string action_id) {
    auto policies = policies_of(context->pusher.book(), PushScope::action, action_id);
    if (const auto error = co_await remove_policies(context, std::move(policies)); error) {
        co_return error;
    }
    const auto error =
        co_await remove_document(context, store::DocumentKind::push_action, action_id);
    const bool is_gone = !error || error == store::CatalogueError::not_found;
    if (is_gone) context->pusher.change([&](PushBook& book) { book.actions.erase(action_id); });
    co_return error;
}

awaitable<std::error_code> remove_rule_with_actions(PushRoutesContextPtr context,
                                                    std::string rule_id) {
    std::vector<std::string> action_ids;
    for (const auto& [id, action] : context->pusher.book().actions) {
        if (action.rule_id == rule_id) action_ids.push_back(id);
    }
    for (const std::string& id : action_ids) {
        const auto error = co_await remove_action_with_policies(context, id);
        if (error && error != store::CatalogueError::not_found) co_return error;
    }
    auto policies = policies_of(context->pusher.book(), PushScope::rule, rule_id);
    if (const auto error = co_await remove_policies(context, std::move(policies)); error) {
        co_return error;
    }
    const auto error = co_await remove_document(context, store::DocumentKind::push_rule, rule_id);
    if (!error) context->pusher.change([&](PushBook& book) { book.rules.erase(rule_id); });
    co_return error;
}

std::optional<Response> refuse_target(const PushRoutesContext& context, const PushAction& action) {
    const auto url = parse_http_url(action.url);
    if (!url || !context.pusher.may_target(*url)) {
        return field_error_response(
            {"channel_detail.http_forwarding.url",
             "must be an address that everybody may reach: [push] allowed_networks and "
             "allow_private_targets allow others",
             {}});
    }
    if (action.cert_id.empty()) return std::nullopt;
    const PushCertificate* const certificate =
        find_in(context.pusher.book().certificates, action.cert_id);
    if (certificate == nullptr) {
        return document_refusal(store::CatalogueError::not_found, certificate_words,
                                action.cert_id);
    }
    if (certificate->expires_at > context.clock.wall_now()) return std::nullopt;
    return field_error_response({"channel_detail.http_forwarding.cert_id",
                                 "must be a certificate that is valid: replace it, or name another",
                                 {}});
}

}  // namespace holdfast::api
