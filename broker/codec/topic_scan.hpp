#pragma once
// One pass over a Topic Name as it arrives: UTF-8 and wildcards together, because every PUBLISH pays
// for it. The rules themselves are those of base/utf8.hpp and base/topic.hpp.

#include <cstddef>
#include <string_view>

namespace holdfast::codec {

struct TopicScan {
    bool is_utf8 = true;  ///< also: no U+0000
    bool has_wildcard = false;
};

[[nodiscard]] TopicScan scan_topic(std::string_view topic);

/// Counts only where the topic is long enough to have so many levels.
[[nodiscard]] bool is_too_deep(std::string_view topic, std::size_t levels_max);

}  // namespace holdfast::codec
