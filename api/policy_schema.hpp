#pragma once
// Device topic policies: bodies to values, checked, the document that the catalogue keeps, and a policy as
// applications see it. Threads: values of one thread.

#include "api/json_fields.hpp"
#include "api/policy_enforcer.hpp"
#include "store/documents.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::api {

struct DevicePolicy {
    std::string policy_id;  ///< empty: the catalogue's to give
    std::string app_id;
    std::string name;
    std::vector<PolicyStatement> statements;
    store::CatalogueTime created_at{};
    store::CatalogueTime updated_at{};
};

/// Of a POST. An empty app_id is for the caller to fill in. `enforcer` judges the topics.
[[nodiscard]] boost::system::result<DevicePolicy, FieldError> read_new_policy(
    const boost::json::value& body, const PolicyEnforcer& enforcer);

/// What a PUT changes.
struct PolicyUpdate {
    std::optional<std::string> name;
    std::optional<std::vector<PolicyStatement>> statements;
    void apply_to(DevicePolicy& policy) const;
};
[[nodiscard]] boost::system::result<PolicyUpdate, FieldError> read_policy_update(
    const boost::json::value& body, const PolicyEnforcer& enforcer);

inline constexpr std::size_t binding_targets_max = 100;
struct PolicyBinding {
    PolicyTargetKind kind = PolicyTargetKind::device;
    std::vector<std::string> ids;
};
[[nodiscard]] boost::system::result<PolicyBinding, FieldError> read_policy_binding(
    const boost::json::value& body);

[[nodiscard]] DevicePolicy policy_of(const store::Document& document);
[[nodiscard]] store::Document document_of(const DevicePolicy& policy);
[[nodiscard]] boost::json::object policy_json(const DevicePolicy& policy);

/// "device", "product", "app"
[[nodiscard]] std::string_view to_string(PolicyTargetKind kind);
/// The other way; empty: it is none.
[[nodiscard]] std::optional<PolicyTargetKind> target_kind_of(std::string_view word);

struct PolicyTarget {
    PolicyTargetKind kind = PolicyTargetKind::device;
    std::string id;
};
/// As links have it: "device/pump-7".
[[nodiscard]] std::string target_text(PolicyTargetKind kind, std::string_view id);
[[nodiscard]] PolicyTarget target_of(std::string_view text);

}  // namespace holdfast::api
