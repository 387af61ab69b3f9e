#pragma once
// Rules and actions of the status push: bodies to values, checked field by field, values to bodies and to
// the documents that keep them. A rule says which events, its actions say where they go: to a URL.
// Which rule a field has is in docs/http-api-events.md. Values. Threads: any.

#include "api/event_json.hpp"
#include "api/http_url.hpp"
#include "api/json_fields.hpp"
#include "store/catalogue.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace holdfast::api {

inline constexpr std::size_t push_rules_max = 100;
inline constexpr std::size_t push_actions_max = 500;
/// The only channel.
inline constexpr std::string_view http_forwarding_channel = "HTTP_FORWARDING";

struct PushRule {
    std::string rule_id;
    std::string name;
    std::string description;
    PlatformEventKind kind = PlatformEventKind::device_updated;
    std::string app_id;  ///< empty: of all applications (GLOBAL)
    bool is_active = false;
    bool is_subscription = false;  ///< made as one: .../subscriptions

    [[nodiscard]] bool matches(const PlatformEvent& event) const;
};

struct PushAction {
    std::string action_id;
    std::string rule_id;
    std::string url;
    std::string cert_id;  ///< of the authority that signed for the receiver; empty: the system's
    std::string cn_name;  ///< the certificate's name; empty: the URL's host
    std::optional<bool> sends_name;  ///< SNI; empty: as the URL's host, unless there is a cn_name
    bool is_signed = false;
    std::string token;  ///< of a signature
};

template <class T>
using ReadFields = boost::system::result<T, FieldError>;

[[nodiscard]] ReadFields<PushRule> read_new_rule(const boost::json::value& body);
/// What a PUT changes; the rule as it is afterwards.
[[nodiscard]] ReadFields<PushRule> read_rule_update(const boost::json::value& body, PushRule rule);
[[nodiscard]] ReadFields<PushAction> read_new_action(const boost::json::value& body);
[[nodiscard]] ReadFields<PushAction> read_action_update(const boost::json::value& body,
                                                        PushAction action);

/// The rule and the action that a subscription is.
struct NewSubscription {
    PushRule rule;
    PushAction action;
};
[[nodiscard]] ReadFields<NewSubscription> read_new_subscription(const boost::json::value& body);
[[nodiscard]] ReadFields<PushAction> read_subscription_update(const boost::json::value& body,
                                                              PushAction action);

/// As applications see them. A token is never shown.
[[nodiscard]] boost::json::object rule_json(const PushRule& rule);
[[nodiscard]] boost::json::object action_json(const PushAction& action);

[[nodiscard]] store::Document document_of(const PushRule& rule);
[[nodiscard]] store::Document document_of(const PushAction& action);
/// Empty: not what this program writes.
[[nodiscard]] std::optional<PushRule> rule_of(const store::Document& document);
[[nodiscard]] std::optional<PushAction> action_of(const store::Document& document);

}  // namespace holdfast::api
