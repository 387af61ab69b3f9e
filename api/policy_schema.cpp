#include "api/policy_schema.hpp"

#include "api/contract_time.hpp"
#include "api/device_schema.hpp"
#include "api/product_schema.hpp"
#include "base/error.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <chrono>
#include <utility>

namespace holdfast::api {

namespace {

namespace json = boost::json;
using Statements = std::vector<PolicyStatement>;

constexpr std::size_t statements_max = 10;
constexpr std::size_t actions_max = 10;
constexpr std::size_t resources_max = 10;
constexpr std::string_view publish_action = "iotda:devices:publish";
constexpr std::string_view subscribe_action = "iotda:devices:subscribe";
constexpr std::string_view resource_prefix = "topic:";

const TextRule name_rule{1, 128, name_alphabet};

bool is_of_resource(char32_t c) {
    constexpr std::u32string_view marks = U"/{}$=+#?*:._-";
    return marks.find(c) != std::u32string_view::npos || identifier_alphabet.contains(c);
}
constexpr Alphabet resource_alphabet{is_of_resource, "letters, digits and /{}$=+#?*:._-"};
const TextRule resource_rule{1, 256, resource_alphabet};

constexpr std::array target_kinds{Word<PolicyTargetKind>{"device", PolicyTargetKind::device},
                                  Word<PolicyTargetKind>{"product", PolicyTargetKind::product},
                                  Word<PolicyTargetKind>{"app", PolicyTargetKind::app}};

void read_actions(JsonFields& fields, PolicyStatement& statement) {
    const TextRule rule{1, 64};
    for (const std::string_view action : fields.find_texts("actions", actions_max, rule)) {
        if (action == publish_action) {
            statement.is_about_publishing = true;
        } else if (action == subscribe_action) {
            statement.is_about_subscribing = true;
        } else {
            fields.fail("actions", "must be of iotda:devices:publish and iotda:devices:subscribe");
        }
    }
    if (!statement.is_about_publishing && !statement.is_about_subscribing) {
        fields.fail("actions", "must have at least one action");
    }
}

void read_resources(JsonFields& fields, const PolicyEnforcer& enforcer,
                    PolicyStatement& statement) {
    for (std::string_view resource : fields.find_texts("resources", resources_max, resource_rule)) {
        if (!resource.starts_with(resource_prefix)) {
            fields.fail("resources", "must each begin with topic:");
            return;
        }
        resource.remove_prefix(resource_prefix.size());
        if (const auto problem = enforcer.problem_of(resource)) {
            fields.fail("resources", "must each be a topic filter: " + *problem);
        }
        statement.topics.emplace_back(resource);
    }
    if (statement.topics.empty()) fields.fail("resources", "must have 1 to 10 topics");
}

Statements read_statements(JsonFields& fields, const PolicyEnforcer& enforcer) {
    constexpr std::array effects{Word<bool>{"ALLOW", true}, Word<bool>{"DENY", false}};
    Statements statements;
    for (JsonFields& given : fields.find_objects("statement", statements_max)) {
        PolicyStatement statement;
        const auto effect = given.find_word("effect", effects);
        if (!effect) given.fail("effect", "must be one of ALLOW, DENY");
        statement.is_allow = effect.value_or(false);
        read_actions(given, statement);
        read_resources(given, enforcer, statement);
        statements.push_back(std::move(statement));
    }
    if (statements.empty()) fields.fail("statement", "must have 1 to 10 statements");
    return statements;
}

json::array statements_json(const Statements& statements) {
    json::array shown;
    for (const PolicyStatement& statement : statements) {
        json::array actions;
        if (statement.is_about_publishing) actions.emplace_back(publish_action);
        if (statement.is_about_subscribing) actions.emplace_back(subscribe_action);
        json::array resources;
        for (const std::string& topic : statement.topics) {
            resources.emplace_back(std::string{resource_prefix} + topic);
        }
        shown.push_back(json::object{{"effect", statement.is_allow ? "ALLOW" : "DENY"},
                                     {"actions", std::move(actions)},
                                     {"resources", std::move(resources)}});
    }
    return shown;
}

/// What statements_json() wrote.
Statements statements_of(const json::array& kept) {
    Statements statements;
    for (const json::value& value : kept) {
        PolicyStatement statement;
        statement.is_allow = value.at("effect").as_string() == "ALLOW";
        for (const json::value& action : value.at("actions").as_array()) {
            const bool is_publish = action.as_string() == publish_action;
            (is_publish ? statement.is_about_publishing : statement.is_about_subscribing) = true;
        }
        for (const json::value& resource : value.at("resources").as_array()) {
            const std::string_view text = resource.as_string();
            statement.topics.emplace_back(text.substr(resource_prefix.size()));
        }
        statements.push_back(std::move(statement));
    }
    return statements;
}

}  // namespace

boost::system::result<DevicePolicy, FieldError> read_new_policy(const json::value& body,
                                                                const PolicyEnforcer& enforcer) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    DevicePolicy policy;
    policy.name = fields.text("policy_name", name_rule);
    policy.app_id = fields.find_text("app_id", product_id_rule()).value_or("");
    policy.statements = read_statements(fields, enforcer);
    if (error) return std::move(*error);
    return policy;
}

void PolicyUpdate::apply_to(DevicePolicy& policy) const {
    if (name) policy.name = *name;
    if (statements) policy.statements = *statements;
}

boost::system::result<PolicyUpdate, FieldError> read_policy_update(const json::value& body,
                                                                   const PolicyEnforcer& enforcer) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    PolicyUpdate update;
    if (const auto name = fields.find_text("policy_name", name_rule)) update.name = *name;
    const json::value* const given = fields.find_value("statement");
    if (given != nullptr) update.statements = read_statements(fields, enforcer);
    if (error) return std::move(*error);
    return update;
}

boost::system::result<PolicyBinding, FieldError> read_policy_binding(const json::value& body) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    PolicyBinding binding;
    const auto kind = fields.find_word("target_type", target_kinds);
    if (!kind) fields.fail("target_type", "must be one of device, product, app");
    binding.kind = kind.value_or(PolicyTargetKind::device);
    for (const std::string_view id :
         fields.find_texts("target_ids", binding_targets_max, device_id_rule())) {
        binding.ids.emplace_back(id);
    }
    if (binding.ids.empty()) fields.fail("target_ids", "must have 1 to 100 ids");
    if (error) return std::move(*error);
    return binding;
}

DevicePolicy policy_of(const store::Document& document) {
    const json::value body = json::parse(document.body);
    const std::chrono::milliseconds updated{body.at("updated_at").to_number<std::int64_t>()};
    return {.policy_id = document.id,
            .app_id = document.parent,
            .name = document.name,
            .statements = statements_of(body.at("statement").as_array()),
            .created_at = document.created_at,
            .updated_at = store::CatalogueTime{updated}};
}

store::Document document_of(const DevicePolicy& policy) {
    store::Document document;
    document.kind = store::DocumentKind::device_policy;
    document.id = policy.policy_id;
    document.parent = policy.app_id;
    document.name = policy.name;
    document.body =
        json::serialize(json::object{{"statement", statements_json(policy.statements)},
                                     {"updated_at", policy.updated_at.time_since_epoch().count()}});
    document.created_at = policy.created_at;
    return document;
}

json::object policy_json(const DevicePolicy& policy) {
    return {{"policy_id", policy.policy_id},
            {"policy_name", policy.name},
            {"app_id", policy.app_id},
            {"statement", statements_json(policy.statements)},
            {"create_time", contract_time(policy.created_at)},
            {"update_time", contract_time(policy.updated_at)}};
}

std::string_view to_string(PolicyTargetKind kind) {
    for (const auto& word : target_kinds) {
        if (word.value == kind) return word.text;
    }
    UNREACHABLE();
}

std::optional<PolicyTargetKind> target_kind_of(std::string_view text) {
    for (const auto& word : target_kinds) {
        if (word.text == text) return word.value;
    }
    return std::nullopt;
}

std::string target_text(PolicyTargetKind kind, std::string_view id) {
    return std::string{to_string(kind)} + "/" + std::string{id};
}

PolicyTarget target_of(std::string_view text) {
    const std::size_t slash = text.find('/');
    CHECK(slash != std::string_view::npos);
    const auto kind = target_kind_of(text.substr(0, slash));
    CHECK(kind);
    return {*kind, std::string{text.substr(slash + 1)}};
}

}  // namespace holdfast::api
