#include "api/push_rule.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <utility>

namespace holdfast::api {

namespace {

namespace json = boost::json;

constexpr TextRule name_rule{.characters_max = 256};
constexpr TextRule word_rule{.characters_min = 1, .characters_max = 64};
constexpr TextRule id_rule{.characters_min = 1, .characters_max = 128};
constexpr TextRule url_rule{.characters_min = 1, .characters_max = url_bytes_max};
const TextRule token_rule{
    .characters_min = 3, .characters_max = 32, .alphabet = identifier_alphabet, .is_secret = true};
enum class AppType : std::uint8_t { global, app };
constexpr std::array app_types{Word<AppType>{"GLOBAL", AppType::global},
                               Word<AppType>{"APP", AppType::app}};

/// A rule forwards whole events: what would choose among them is refused, not forgotten.
void refuse_selection(JsonFields& fields) {
    for (const std::string_view key : {"select", "where"}) {
        const auto text = fields.find_text(key, TextRule{.characters_max = 2500});
        if (text && !text->empty()) {
            fields.fail(key,
                        "is not supported here: leave it out; a rule forwards every event of its "
                        "subject");
        }
    }
}

void read_subject(JsonFields& fields, PushRule& rule) {
    JsonFields subject = fields.object("subject");
    const std::string_view resource = subject.text("resource", word_rule);
    const std::string_view event = subject.text("event", word_rule);
    if (subject.failed()) return;
    const auto kind = find_kind(resource, event);
    if (!kind) {
        return subject.fail("event",
                            "must be an event of that resource, such as update of "
                            "device.message.status");
    }
    rule.kind = *kind;
}

std::string read_url(JsonFields& fields, std::string_view key) {
    const std::string text{fields.text(key, url_rule)};
    if (fields.failed()) return {};
    const auto url = parse_http_url(text);
    if (!url) fields.fail(key, "must be a URL of http or https: " + url.error());
    return text;
}

void read_target(JsonFields& fields, PushAction& action) {
    JsonFields detail = fields.object("channel_detail");
    JsonFields http = detail.object("http_forwarding");
    action.url = read_url(http, "url");
    action.cn_name = http.find_text("cn_name", name_rule).value_or("");
    action.cert_id = http.find_text("cert_id", name_rule).value_or("");
    action.sends_name = http.find_bool("sni_enable");
    action.is_signed = http.find_bool("signature_enable").value_or(false);
    const auto token = http.find_text("token", token_rule);
    if (token) action.token = *token;
    if (http.failed()) return;
    if (!action.cert_id.empty() && !parse_http_url(action.url)->is_secure) {
        return http.fail("cert_id", "needs a url of https: nothing is checked without TLS");
    }
    if (action.is_signed && action.token.empty()) {
        http.fail("token", "must be there, since signature_enable is true");
    }
    if (!action.is_signed && token) http.fail("token", "needs signature_enable = true");
    if (!action.is_signed) action.token.clear();
}

json::object target_json(const PushAction& action) {
    json::object http{{"url", action.url}, {"signature_enable", action.is_signed}};
    if (action.sends_name) http["sni_enable"] = *action.sends_name;
    if (!action.cert_id.empty()) http["cert_id"] = action.cert_id;
    if (!action.cn_name.empty()) http["cn_name"] = action.cn_name;
    return http;
}

template <class T>
ReadFields<T> outcome_of(std::optional<FieldError> error, T value) {
    if (error) return *std::move(error);
    return value;
}

std::optional<json::value> parsed(const std::string& text) {
    json::error_code error;
    json::value value = json::parse(text, error);
    if (error || !value.is_object()) return std::nullopt;
    return value;
}

}  // namespace

bool PushRule::matches(const PlatformEvent& event) const {
    return event.kind == kind && (app_id.empty() || app_id == event.subject.app_id);
}

ReadFields<PushRule> read_new_rule(const json::value& body) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    PushRule rule;
    rule.name = fields.find_text("rule_name", name_rule).value_or("");
    rule.description = fields.find_text("description", name_rule).value_or("");
    read_subject(fields, rule);
    const auto app_type = fields.find_word("app_type", app_types);
    if (app_type == AppType::app) {
        rule.app_id = fields.text("app_id", id_rule);
    }
    refuse_selection(fields);
    return outcome_of(error, std::move(rule));
}

ReadFields<PushRule> read_rule_update(const json::value& body, PushRule rule) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    if (const auto name = fields.find_text("rule_name", name_rule)) rule.name = *name;
    if (const auto text = fields.find_text("description", name_rule)) rule.description = *text;
    if (const auto is_active = fields.find_bool("active")) rule.is_active = *is_active;
    refuse_selection(fields);
    return outcome_of(error, std::move(rule));
}

ReadFields<PushAction> read_new_action(const json::value& body) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    PushAction action;
    action.rule_id = fields.text("rule_id", id_rule);
    const std::string_view channel = fields.text("channel", word_rule);
    if (!fields.failed() && channel != http_forwarding_channel) {
        fields.fail("channel", "must be HTTP_FORWARDING: there is no other channel here");
    }
    if (!fields.failed()) read_target(fields, action);
    return outcome_of(error, std::move(action));
}

ReadFields<PushAction> read_action_update(const json::value& body, PushAction action) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    const auto channel = fields.find_text("channel", word_rule);
    if (channel && *channel != http_forwarding_channel) {
        fields.fail("channel", "must be HTTP_FORWARDING: there is no other channel here");
    }
    if (!fields.failed()) read_target(fields, action);
    return outcome_of(error, std::move(action));
}

ReadFields<NewSubscription> read_new_subscription(const json::value& body) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    NewSubscription made;
    made.rule.is_active = true;
    made.rule.is_subscription = true;
    read_subject(fields, made.rule);
    made.rule.app_id = fields.find_text("app_id", id_rule).value_or("");
    made.action.url = read_url(fields, "callbackurl");
    const auto channel = fields.find_text("channel", word_rule);
    if (channel && *channel != "http") {
        fields.fail("channel", "must be http: there is no other channel here");
    }
    return outcome_of(std::move(error), std::move(made));
}

ReadFields<PushAction> read_subscription_update(const json::value& body, PushAction action) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    action.url = read_url(fields, "callbackurl");
    return outcome_of(std::move(error), std::move(action));
}

json::object rule_json(const PushRule& rule) {
    const PlatformEventName name = name_of(rule.kind);
    json::object shown{{"rule_id", rule.rule_id},
                       {"rule_name", rule.name},
                       {"description", rule.description},
                       {"subject", {{"resource", name.resource}, {"event", name.event}}},
                       {"app_type", rule.app_id.empty() ? "GLOBAL" : "APP"},
                       {"active", rule.is_active}};
    if (!rule.app_id.empty()) shown["app_id"] = rule.app_id;
    return shown;
}

json::object action_json(const PushAction& action) {
    return {{"action_id", action.action_id},
            {"rule_id", action.rule_id},
            {"channel", http_forwarding_channel},
            {"channel_detail", {{"http_forwarding", target_json(action)}}}};
}

store::Document document_of(const PushRule& rule) {
    json::object body = rule_json(rule);
    body.erase("rule_id");
    if (rule.is_subscription) body["subscription"] = true;
    return {.kind = store::DocumentKind::push_rule,
            .id = rule.rule_id,
            .name = rule.name,
            .body = json::serialize(body)};
}

store::Document document_of(const PushAction& action) {
    json::object body = action_json(action);
    body.erase("action_id");
    return {.kind = store::DocumentKind::push_action,
            .id = action.action_id,
            .parent = action.rule_id,
            .body = json::serialize(body),
            .secret = action.token};
}

std::optional<PushRule> rule_of(const store::Document& document) {
    const auto body = parsed(document.body);
    if (!body) return std::nullopt;
    auto rule = read_new_rule(*body);
    if (!rule) return std::nullopt;
    rule->rule_id = document.id;
    const auto is_set = [&](std::string_view key) {
        const json::value* const found = body->get_object().if_contains(key);
        return found != nullptr && found->is_bool() && found->get_bool();
    };
    rule->is_active = is_set("active");
    rule->is_subscription = is_set("subscription");
    return *std::move(rule);
}

std::optional<PushAction> action_of(const store::Document& document) {
    auto body = parsed(document.body);
    if (!body) return std::nullopt;
    if (!document.secret.empty()) {
        body->at("channel_detail").at("http_forwarding").get_object()["token"] = document.secret;
    }
    auto action = read_new_action(*body);
    if (!action) return std::nullopt;
    action->action_id = document.id;
    return *std::move(action);
}

}  // namespace holdfast::api
