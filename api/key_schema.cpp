#include "api/key_schema.hpp"

#include "api/contract_time.hpp"

#include <boost/json/array.hpp>

#include <array>
#include <utility>
#include <vector>

namespace holdfast::api {

namespace {

namespace json = boost::json;

constexpr std::array<Word<KeyKind>, 2> kinds{
    {{"ACCESS_KEY", KeyKind::access_key}, {"API_KEY", KeyKind::api_key}}};
constexpr std::array<Word<bool>, 2> states{{{"ENABLED", true}, {"DISABLED", false}}};
constexpr std::string_view never = "never";
constexpr std::size_t pattern_characters_max = 128;

TextRule name_rule() { return {1, key_name_characters_max, spaced_name_alphabet}; }

/// Empty: absent, or wrong.
std::optional<Permissions> find_permissions(JsonFields& fields) {
    const auto texts =
        fields.find_texts("permissions", key_permissions_max, {1, pattern_characters_max});
    if (fields.failed() || fields.find_value("permissions") == nullptr) return std::nullopt;
    std::vector<std::string> patterns;
    for (const std::string_view text : texts) {
        if (!is_permission(text)) {
            fields.fail("permissions",
                        "must have names of actions, \"" + std::string{text} +
                            "\" is none; `*` may stand for the last part: " + all_permissions());
            return std::nullopt;
        }
        patterns.emplace_back(text);
    }
    return Permissions{std::move(patterns)};
}

/// Empty: absent, or wrong. Inside empty: never.
std::optional<std::optional<WallTime>> find_expiry(JsonFields& fields) {
    const auto text = fields.find_text("expires_time", {1, 16});
    if (!text) return std::nullopt;
    if (*text == never) return std::optional<WallTime>{};
    const auto time = parse_contract_time(*text);
    if (time) return time;
    fields.fail("expires_time", "must be a UTC time as 20260131T120000Z, or never");
    return std::nullopt;
}

}  // namespace

boost::system::result<AppKeyFacts, FieldError> read_new_key(const json::value& body, WallTime now) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    AppKeyFacts facts;
    facts.kind = fields.find_word("kind", kinds).value_or(KeyKind::access_key);
    facts.name = fields.text("name", name_rule());
    if (auto permissions = find_permissions(fields)) facts.permissions = std::move(*permissions);
    facts.expires_at = find_expiry(fields).value_or(std::nullopt);
    facts.created_at = now;
    if (facts.permissions.patterns().empty()) {
        fields.fail("permissions", "must have one action at least: " + all_permissions());
    }
    if (facts.has_expired(now)) fields.fail("expires_time", "must be in the future");
    if (error) return *error;
    return facts;
}

void KeyUpdate::apply_to(AppKeyFacts& facts) const {
    if (name) facts.name = *name;
    if (permissions) facts.permissions = *permissions;
    if (is_enabled) facts.is_enabled = *is_enabled;
    if (expires_at) facts.expires_at = *expires_at;
}

boost::system::result<KeyUpdate, FieldError> read_key_update(const json::value& body) {
    std::optional<FieldError> error;
    JsonFields fields{body, error};
    KeyUpdate update;
    if (const auto name = fields.find_text("name", name_rule())) update.name = *name;
    update.permissions = find_permissions(fields);
    update.is_enabled = fields.find_word("status", states);
    update.expires_at = find_expiry(fields);
    if (update.permissions && update.permissions->patterns().empty()) {
        fields.fail("permissions", "must have one action at least: " + all_permissions());
    }
    if (error) return *error;
    return update;
}

json::object key_json(const AppKeyFacts& key, const std::optional<WallTime>& last_used) {
    json::array permissions;
    for (const std::string& pattern : key.permissions.patterns()) permissions.emplace_back(pattern);
    const bool is_access_key = key.kind == KeyKind::access_key;
    json::object object{{"key_id", key.key_id},
                        {"kind", is_access_key ? "ACCESS_KEY" : "API_KEY"},
                        {"name", key.name},
                        {"permissions", std::move(permissions)},
                        {"status", key.is_enabled ? "ENABLED" : "DISABLED"},
                        {"created_time", contract_time(key.created_at)}};
    if (key.expires_at) object.emplace("expires_time", contract_time(*key.expires_at));
    if (last_used) object.emplace("last_used_time", contract_time(*last_used));
    return object;
}

}  // namespace holdfast::api
