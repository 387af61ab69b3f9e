#include "base/topic.hpp"

#include <algorithm>

namespace holdfast {

namespace {

constexpr std::string_view share_prefix = "$share";

bool has_sound_size(std::string_view text, std::size_t levels_max) {
    if (text.empty() || text.size() > string_bytes_max) return false;  // [MQTT5-4.7.3-3]
    if (text.size() < levels_max) return true;  // n bytes have at most n + 1 levels
    const auto slashes = static_cast<std::size_t>(std::count(text.begin(), text.end(), '/'));
    return slashes < levels_max;
}

}  // namespace

bool has_wildcard(std::string_view filter) {
    return filter.find_first_of("+#") != std::string_view::npos;
}

bool is_valid_topic_name(std::string_view name, std::size_t levels_max) {
    if (has_wildcard(name)) return false;     // [MQTT5-4.7.0-1] [MQTT3-4.7.1-1]
    return has_sound_size(name, levels_max);  // [MQTT5-4.7.3-1] [MQTT3-4.7.3-1]
}

bool is_valid_topic_filter(std::string_view filter, std::size_t levels_max) {
    if (!has_sound_size(filter, levels_max)) return false;
    if (!has_wildcard(filter)) return true;
    LevelIterator levels{filter};
    std::string_view level;
    bool after_hash = false;
    while (levels.next(level)) {
        if (after_hash) return false;  // [MQTT5-4.7.1-1] [MQTT3-4.7.1-2]
        after_hash = level == "#";
        if (level.size() > 1 && has_wildcard(level))
            return false;  // [MQTT5-4.7.1-2] [MQTT3-4.7.1-3]
    }
    return true;
}

bool topic_matches(std::string_view filter, std::string_view name) {
    if (filter.empty() || name.empty()) return false;
    const bool leading_wildcard = filter[0] == '+' || filter[0] == '#';
    if (leading_wildcard && name[0] == '$') return false;  // [MQTT5-4.7.2-1] [MQTT3-4.7.2-1]
    LevelIterator filter_levels{filter};
    LevelIterator name_levels{name};
    std::string_view wanted;
    std::string_view level;
    while (filter_levels.next(wanted)) {
        if (wanted == "#") return true;  // the parent level matches too: "sport/#" and "sport"
        if (!name_levels.next(level)) return false;
        if (wanted != "+" && wanted != level) return false;  // [MQTT5-4.7.3-4] [MQTT3-4.7.3-4]
    }
    return !name_levels.next(level);
}

bool is_shared_filter(std::string_view filter) {
    if (!filter.starts_with(share_prefix)) return false;
    return filter.size() == share_prefix.size() || filter[share_prefix.size()] == '/';
}

std::optional<SharedFilter> parse_shared_filter(std::string_view filter, std::size_t levels_max) {
    if (!is_shared_filter(filter) || filter.size() == share_prefix.size()) return std::nullopt;
    filter.remove_prefix(share_prefix.size() + 1);
    const std::size_t slash = filter.find('/');
    if (slash == std::string_view::npos) return std::nullopt;  // [MQTT5-4.8.2-2]
    const SharedFilter shared{filter.substr(0, slash), filter.substr(slash + 1)};
    if (shared.share_name.empty()) return std::nullopt;        // [MQTT5-4.8.2-1]
    if (has_wildcard(shared.share_name)) return std::nullopt;  // [MQTT5-4.8.2-2]
    if (!is_valid_topic_filter(shared.filter, levels_max)) return std::nullopt;
    return shared;
}

}  // namespace holdfast
