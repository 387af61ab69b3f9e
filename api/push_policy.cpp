#include "api/push_policy.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <utility>

namespace holdfast::api {

namespace {

namespace json = boost::json;

const TextRule name_rule{.characters_max = 256, .alphabet = name_alphabet};
constexpr TextRule value_rule{.characters_max = 128};
constexpr IntegerRule limit_rule{.min = 1, .max = flow_limit_max};
constexpr IntegerRule size_rule{.min = 0, .max = backlog_size_max};
constexpr IntegerRule time_rule{.min = 0, .max = backlog_time_max};

constexpr std::array scopes{
    Word<PushScope>{"USER", PushScope::user}, Word<PushScope>{"CHANNEL", PushScope::channel},
    Word<PushScope>{"RULE", PushScope::rule}, Word<PushScope>{"ACTION", PushScope::action}};
/// The parents of their documents.
constexpr std::string_view flow_parent = "flowcontrol";
constexpr std::string_view backlog_parent = "backlog";

template <class Policy>
void read_names(JsonFields& fields, Policy& policy) {
    if (const auto name = fields.find_text("policy_name", name_rule)) policy.name = *name;
    if (const auto text = fields.find_text("description", name_rule)) policy.description = *text;
}

void read_scope(JsonFields& fields, FlowPolicy& policy) {
    policy.scope = fields.find_word("scope", scopes).value_or(PushScope::user);
    policy.scope_value = fields.find_text("scope_value", value_rule).value_or("");
    if (fields.failed()) return;
    if (policy.scope == PushScope::user && !policy.scope_value.empty()) {
        fields.fail("scope_value", "must be left out with the scope USER, which is everything");
    }
    if (policy.scope == PushScope::channel && policy.scope_value != http_forwarding_channel) {
        fields.fail("scope_value", "must be HTTP_FORWARDING: there is no other channel here");
    }
    if (policy.scope != PushScope::user && policy.scope_value.empty()) {
        fields.fail("scope_value", "must be there: the rule_id or action_id that is limited");
    }
}

template <class Policy>
ReadFields<Policy> outcome_of(std::optional<FieldError> error, Policy policy) {
    if (error) return *std::move(error);
    return policy;
}

template <class Policy>
store::Document document_with(const Policy& policy, std::string_view parent) {
    json::object body = policy_json(policy);
    body.erase("policy_id");
    return {.kind = store::DocumentKind::push_policy,
            .id = policy.policy_id,
            .parent = std::string{parent},
            .name = policy.name,
            .body = json::serialize(body)};
}

json::value body_of(const store::Document& document, std::string_view parent) {
    json::error_code error;
    json::value body = json::parse(document.body, error);
    return error || document.parent != parent ? json::value{} : body;
}

}  // namespace

bool FlowPolicy::is_for(const PushAction& action) const {
    switch (scope) {
        case PushScope::user: return true;
        case PushScope::channel: return scope_value == http_forwarding_channel;
        case PushScope::rule: return scope_value == action.rule_id;
        case PushScope::action: return scope_value == action.action_id;
    }
    return false;
}

ReadFields<FlowPolicy> read_new_flow_policy(const json::value& body) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    FlowPolicy policy;
    read_names(fields, policy);
    read_scope(fields, policy);
    policy.limit = fields.find_integer("limit", limit_rule).value_or(flow_limit_max);
    return outcome_of(std::move(error), std::move(policy));
}

ReadFields<FlowPolicy> read_flow_policy_update(const json::value& body, FlowPolicy policy) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    read_names(fields, policy);
    const auto scope = fields.find_word("scope", scopes);
    const auto value = fields.find_text("scope_value", value_rule);
    if ((scope && *scope != policy.scope) || (value && *value != policy.scope_value)) {
        fields.fail("scope", "stays what it is: delete the policy and make another");
    }
    policy.limit = fields.find_integer("limit", limit_rule).value_or(policy.limit);
    return outcome_of(std::move(error), std::move(policy));
}

ReadFields<BacklogPolicy> read_backlog_policy(const json::value& body, BacklogPolicy policy) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    read_names(fields, policy);
    policy.size = fields.find_integer("backlog_size", size_rule).value_or(policy.size);
    policy.time = fields.find_integer("backlog_time", time_rule).value_or(policy.time);
    return outcome_of(std::move(error), std::move(policy));
}

json::object policy_json(const FlowPolicy& policy) {
    json::object shown{{"policy_id", policy.policy_id},
                       {"policy_name", policy.name},
                       {"description", policy.description},
                       {"scope", scopes.at(static_cast<std::size_t>(policy.scope)).text},
                       {"limit", policy.limit}};
    if (!policy.scope_value.empty()) shown["scope_value"] = policy.scope_value;
    return shown;
}

json::object policy_json(const BacklogPolicy& policy) {
    return {{"policy_id", policy.policy_id},
            {"policy_name", policy.name},
            {"description", policy.description},
            {"backlog_size", policy.size},
            {"backlog_time", policy.time}};
}

store::Document document_of(const FlowPolicy& policy) { return document_with(policy, flow_parent); }

store::Document document_of(const BacklogPolicy& policy) {
    return document_with(policy, backlog_parent);
}

std::optional<FlowPolicy> flow_policy_of(const store::Document& document) {
    auto policy = read_new_flow_policy(body_of(document, flow_parent));
    if (!policy) return std::nullopt;
    policy->policy_id = document.id;
    return *std::move(policy);
}

std::optional<BacklogPolicy> backlog_policy_of(const store::Document& document) {
    auto policy = read_backlog_policy(body_of(document, backlog_parent));
    if (!policy) return std::nullopt;
    policy->policy_id = document.id;
    return *std::move(policy);
}

}  // namespace holdfast::api
