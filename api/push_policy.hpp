#pragma once
// The policies of the status push: FlowPolicy, how many events a second go to one action or to several
// together; BacklogPolicy, how much of an action's events may wait for its receiver. Bodies to values,
// checked field by field, values to bodies and to the documents that keep them.
// Which rule a field has is in docs/http-api-events.md. Values. Threads: any.

#include "api/push_rule.hpp"

#include <cstdint>
#include <string>

namespace holdfast::api {

inline constexpr std::size_t flow_policies_max = 200;
inline constexpr std::size_t backlog_policies_max = 1;  ///< it is for all actions
inline constexpr std::int64_t flow_limit_max = 1000;
inline constexpr std::int64_t backlog_size_max = 1'073'741'823;
inline constexpr std::int64_t backlog_time_max = 86'399;

/// Whose events a FlowPolicy counts together.
enum class PushScope : std::uint8_t { user, channel, rule, action };

struct FlowPolicy {
    std::string policy_id;
    std::string name;
    std::string description;
    PushScope scope = PushScope::user;
    std::string scope_value;              ///< the channel, rule_id or action_id; empty with `user`
    std::int64_t limit = flow_limit_max;  ///< events a second

    [[nodiscard]] bool is_for(const PushAction& action) const;
};

struct BacklogPolicy {
    std::string policy_id;
    std::string name;
    std::string description;
    std::int64_t size = backlog_size_max;  ///< bytes of one action; 0: nothing waits
    std::int64_t time = backlog_time_max;  ///< seconds since the event; 0: nothing waits
};

[[nodiscard]] ReadFields<FlowPolicy> read_new_flow_policy(const boost::json::value& body);
/// What a PUT changes; the policy as it is afterwards. Its scope stays.
[[nodiscard]] ReadFields<FlowPolicy> read_flow_policy_update(const boost::json::value& body,
                                                             FlowPolicy policy);
/// `policy` says what the body leaves out.
[[nodiscard]] ReadFields<BacklogPolicy> read_backlog_policy(const boost::json::value& body,
                                                            BacklogPolicy policy = {});

[[nodiscard]] boost::json::object policy_json(const FlowPolicy& policy);
[[nodiscard]] boost::json::object policy_json(const BacklogPolicy& policy);

[[nodiscard]] store::Document document_of(const FlowPolicy& policy);
[[nodiscard]] store::Document document_of(const BacklogPolicy& policy);
/// Empty: it is of the other kind, or not what this program writes.
[[nodiscard]] std::optional<FlowPolicy> flow_policy_of(const store::Document& document);
[[nodiscard]] std::optional<BacklogPolicy> backlog_policy_of(const store::Document& document);

}  // namespace holdfast::api
