#pragma once
// Topic Names and Topic Filters (MQTT 5 section 4.7, shared subscriptions 4.8.2): checks, levels,
// and the plain matching of one filter with one name. Finding all filters that match is router's.
// The functions assume valid UTF-8 (utf8.hpp); they never allocate except where they return a string.

#include "base/limits.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace holdfast {

/// 1..65,535 bytes, no wildcard, at most `levels_max` levels. [MQTT5-3.3.2-2] [MQTT5-4.7.3-1]
[[nodiscard]] bool is_valid_topic_name(std::string_view name, std::size_t levels_max);

/// As a name, with `+` alone in its level and `#` alone in the last. [MQTT5-4.7.1-1] [MQTT5-4.7.1-2]
/// For a shared subscription this judges the filter behind `$share/{ShareName}/`.
[[nodiscard]] bool is_valid_topic_filter(std::string_view filter, std::size_t levels_max);

[[nodiscard]] bool has_wildcard(std::string_view filter);

/// What the server says about itself: clients read it, they do not say it.
[[nodiscard]] inline bool is_server_topic(std::string_view topic) {
    return topic.starts_with("$SYS/");
}

/// Whether the name matches; a leading wildcard does not match names that begin with `$`. [MQTT5-4.7.2-1]
[[nodiscard]] bool topic_matches(std::string_view filter, std::string_view name);

struct SharedFilter {
    std::string_view share_name;
    std::string_view filter;  ///< what the members subscribe to, after `$share/{ShareName}/`
};

/// Begins with `$share` as a whole first level, well-formed or not.
[[nodiscard]] bool is_shared_filter(std::string_view filter);

/// Empty when malformed: ShareName missing, empty or with wildcards, or the filter invalid.
/// [MQTT5-4.8.2-1] [MQTT5-4.8.2-2]
[[nodiscard]] std::optional<SharedFilter> parse_shared_filter(std::string_view filter,
                                                              std::size_t levels_max);

/// Walks the levels of a name or filter: `a//b` has the levels "a", "", "b".
class LevelIterator {
public:
    explicit LevelIterator(std::string_view text) : rest_(text) {}
    /// False when no level is left.
    [[nodiscard]] bool next(std::string_view& level) {
        if (done_) return false;
        const std::size_t slash = rest_.find('/');
        if (slash == std::string_view::npos) {
            level = rest_;
            done_ = true;
        } else {
            level = rest_.substr(0, slash);
            rest_.remove_prefix(slash + 1);
        }
        return true;
    }

private:
    std::string_view rest_;
    bool done_ = false;
};

}  // namespace holdfast
