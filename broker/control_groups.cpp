#include "control_groups.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

namespace holdfast {

namespace {

/// Of a list with commas.
bool is_in(std::string_view list, std::string_view word) {
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(','), list.size());
        if (list.substr(0, end) == word) return true;
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return false;
}

}  // namespace

std::string text_of(const std::filesystem::path& file) {
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

std::optional<std::size_t> number_in(std::string_view text) {
    std::size_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    return number;
}

void visit_control_groups(
    std::string_view groups, const std::filesystem::path& mount, std::string_view controller,
    const std::function<void(const std::filesystem::path&, ControlGroupVersion)>& visit) {
    while (!groups.empty()) {
        const std::size_t end = std::min(groups.find('\n'), groups.size());
        const std::string_view line = groups.substr(0, end);
        groups.remove_prefix(std::min(end + 1, groups.size()));
        // number:controllers:/path; version 2 has the number 0 and names no controllers.
        const std::size_t first = line.find(':');
        const std::size_t second = line.find(":/", first + 1);
        if (first == std::string_view::npos || second == std::string_view::npos) continue;
        const std::string_view controllers = line.substr(first + 1, second - first - 1);
        if (!controllers.empty() && !is_in(controllers, controller)) continue;
        const auto version = controllers.empty() ? ControlGroupVersion::two : ControlGroupVersion::one;
        const auto root = controllers.empty() ? mount : mount / controller;
        std::filesystem::path group{line.substr(second + 2)};
        for (; !group.empty(); group = group.parent_path()) visit(root / group, version);
        visit(root, version);
    }
}

}  // namespace holdfast
