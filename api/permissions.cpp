#include "api/permissions.hpp"

#include <utility>

namespace holdfast::api {

namespace {

bool covers(std::string_view pattern, Action action) {
    if (!is_for_keys(action)) return false;
    if (!pattern.ends_with(":*")) return pattern == name_of(action);
    return name_of(action).starts_with(pattern.substr(0, pattern.size() - 1));
}

}  // namespace

Permissions::Permissions(std::vector<std::string> patterns) : patterns_(std::move(patterns)) {
    for (std::size_t i = 0; i < action_count; ++i) {
        for (const std::string& pattern : patterns_) {
            if (covers(pattern, static_cast<Action>(i))) allowed_.set(i);
        }
    }
}

bool is_permission(std::string_view pattern) {
    for (std::size_t i = 0; i < action_count; ++i) {
        if (covers(pattern, static_cast<Action>(i))) return true;
    }
    return false;
}

std::string all_permissions() {
    std::string text;
    for (std::size_t i = 0; i < action_count; ++i) {
        const auto action = static_cast<Action>(i);
        if (!is_for_keys(action)) continue;
        text.append(text.empty() ? "" : ", ").append(name_of(action));
    }
    return text;
}

}  // namespace holdfast::api
