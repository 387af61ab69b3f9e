#include "device_policies.hpp"

#include "access/policy_rights.hpp"
#include "base/error.hpp"
#include "device_login.hpp"

#include <utility>

namespace holdfast {

namespace {

using access::Deeds;
using access::PolicyScope;
using access::TopicPattern;
using api::PolicyTargetKind;

PolicyScope scope_of(PolicyTargetKind kind) {
    switch (kind) {
        case PolicyTargetKind::device: return PolicyScope::device;
        case PolicyTargetKind::product: return PolicyScope::product;
        case PolicyTargetKind::app: return PolicyScope::app;
    }
    UNREACHABLE();
}

access::PolicyStatement statement_of(const api::PolicyStatement& given) {
    access::PolicyStatement statement;
    statement.is_allow = given.is_allow;
    if (given.is_about_publishing) statement.deeds = statement.deeds | Deeds::publish;
    if (given.is_about_subscribing) statement.deeds = statement.deeds | Deeds::subscribe;
    for (const std::string& topic : given.topics) {
        auto parsed = TopicPattern::parse(topic, access::VariableForm::devices);
        CHECK(parsed.has_value());  // problem_of() was asked
        statement.topics.push_back(std::move(*parsed));
    }
    return statement;
}

}  // namespace

DevicePolicies::DevicePolicies(session::Registry& registry, TurnGate& turns)
    : registry_(registry), turns_(turns), book_(std::make_shared<access::PolicyBook>()) {}

session::RightsPtr DevicePolicies::rights_of(const store::Device& device) const {
    access::Who who;
    who.device_id = device.device_id;
    who.node_id = device.node_id;
    who.product_id = device.product_id;
    who.app_id = device.app_id;
    return std::make_shared<const access::PolicyRights>(book_, std::move(who));
}

std::optional<std::string> DevicePolicies::problem_of(std::string_view topic) const {
    const auto parsed = TopicPattern::parse(topic, access::VariableForm::devices);
    if (parsed.has_error()) return parsed.error();
    if (topic == "$oc" || topic.starts_with("$oc/")) {
        return "topics below $oc/ are the platform's and not a matter of policies";
    }
    return std::nullopt;
}

void DevicePolicies::put(std::string_view policy_id,
                         const std::vector<api::PolicyStatement>& statements) {
    access::Policy policy;
    for (const api::PolicyStatement& statement : statements) {
        policy.statements.push_back(statement_of(statement));
    }
    book_->put(policy_id, std::move(policy));
    review_all();
}

void DevicePolicies::remove(std::string_view policy_id) {
    book_->remove(policy_id);
    review_all();
}

void DevicePolicies::bind(std::string_view policy_id, PolicyTargetKind kind, std::string_view id) {
    book_->bind(policy_id, scope_of(kind), id);
    review(kind, id);
}

void DevicePolicies::unbind(std::string_view policy_id, PolicyTargetKind kind,
                            std::string_view id) {
    book_->unbind(policy_id, scope_of(kind), id);
    review(kind, id);
}

/// Its devices are gone, or about to be.
void DevicePolicies::forget_target(PolicyTargetKind kind, std::string_view id) {
    book_->forget(scope_of(kind), id);
}

void DevicePolicies::review(PolicyTargetKind kind, std::string_view id) {
    if (kind != PolicyTargetKind::device) return review_all();
    if (!has_started_) return;
    turns_.enter([&](Turn& turn) {
        registry_.review_subscriptions(device_session_key(id),
                                       static_cast<session::Actions&>(turn));
    });
}

void DevicePolicies::review_all() {
    if (!has_started_) return;
    turns_.enter(
        [&](Turn& turn) { registry_.review_subscriptions(static_cast<session::Actions&>(turn)); });
}

}  // namespace holdfast
