#include "api/key_record.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <string>
#include <utility>
#include <vector>

namespace holdfast::api {

namespace {

namespace json = boost::json;

constexpr std::size_t digest_digits = 64;

std::optional<WallTime> find_time(const json::object& body, std::string_view name) {
    const json::value* const time = body.if_contains(name);
    if (time == nullptr || !time->is_int64()) return std::nullopt;
    return WallTime{Milliseconds{time->get_int64()}};
}

std::string find_text(const json::object& body, std::string_view name) {
    const json::value* const text = body.if_contains(name);
    return text != nullptr && text->is_string() ? std::string{text->get_string()} : std::string{};
}

/// Empty: there is no such list.
std::optional<std::vector<std::string>> read_patterns(const json::object& body) {
    const json::value* const list = body.if_contains("permissions");
    if (list == nullptr || !list->is_array()) return std::nullopt;
    std::vector<std::string> patterns;
    for (const json::value& pattern : list->get_array()) {
        if (!pattern.is_string()) return std::nullopt;
        patterns.emplace_back(pattern.get_string());
    }
    return patterns;
}

}  // namespace

store::DocumentKind document_kind_of(KeyKind kind) {
    return kind == KeyKind::access_key ? store::DocumentKind::access_key
                                       : store::DocumentKind::api_key;
}

store::Document to_document(const KeyRecord& record) {
    const AppKeyFacts& facts = record.facts;
    json::array permissions;
    for (const std::string& pattern : facts.permissions.patterns())
        permissions.emplace_back(pattern);
    json::object body{{"permissions", std::move(permissions)}, {"enabled", facts.is_enabled}};
    const std::pair<std::string_view, const std::optional<WallTime>*> times[] = {
        {"expires_at", &facts.expires_at}, {"last_used_at", &record.last_used}};
    for (const auto& [name, time] : times) {
        if (*time) body.emplace(name, (*time)->time_since_epoch().count());
    }
    const bool is_access_key = facts.kind == KeyKind::access_key;
    if (!is_access_key) body.emplace("digest", facts.secret);
    return {.kind = document_kind_of(facts.kind),
            .id = facts.key_id,
            .parent = facts.project_id,
            .name = facts.name,
            .body = json::serialize(body),
            .secret = is_access_key ? facts.secret : std::string{},
            .created_at = facts.created_at};
}

std::optional<KeyRecord> read_key(const store::Document& document) {
    const bool is_access_key = document.kind == store::DocumentKind::access_key;
    if (!is_access_key && document.kind != store::DocumentKind::api_key) return std::nullopt;
    boost::system::error_code error;
    const json::value parsed = json::parse(document.body, error);
    if (error || !parsed.is_object()) return std::nullopt;
    const json::object& body = parsed.get_object();
    auto patterns = read_patterns(body);
    const json::value* const enabled = body.if_contains("enabled");
    if (!patterns || enabled == nullptr || !enabled->is_bool()) return std::nullopt;
    KeyRecord record;
    record.facts.key_id = document.id;
    record.facts.kind = is_access_key ? KeyKind::access_key : KeyKind::api_key;
    record.facts.name = document.name;
    record.facts.project_id = document.parent;
    record.facts.secret = is_access_key ? document.secret : find_text(body, "digest");
    record.facts.permissions = Permissions{std::move(*patterns)};
    record.facts.created_at = document.created_at;
    record.facts.expires_at = find_time(body, "expires_at");
    record.facts.is_enabled = enabled->get_bool();
    record.last_used = find_time(body, "last_used_at");
    const bool has_secret =
        is_access_key ? !record.facts.secret.empty() : record.facts.secret.size() == digest_digits;
    if (!has_secret) return std::nullopt;
    return record;
}

}  // namespace holdfast::api
