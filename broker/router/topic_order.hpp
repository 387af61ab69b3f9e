#pragma once
// The order in which retained topics are kept, level by level, and how a filter is walked in it.
// `/` sorts below every other byte, so a topic comes directly before its subtree ("a", "a/b", "a/b/c",
// "a/c", "a-b") and everything a filter cannot match lies in ranges that can be sought past.
// (A topic never contains U+0000, and a filter is compared level by level: MQTT 5 section 4.7.)

#include <compare>
#include <string>
#include <string_view>

namespace holdfast::router {

[[nodiscard]] std::strong_ordering compare_topics(std::string_view a, std::string_view b);

enum class WalkStep {
    match,  ///< the topic matches
    seek,   ///< it does not; nothing before `seek_to` does, which is behind the topic
    end,    ///< it does not, nor does anything behind it
};

/// Judges one topic of a walk in order; `seek_to` is written for WalkStep::seek only.
[[nodiscard]] WalkStep judge_topic(std::string_view filter, std::string_view topic,
                                   std::string& seek_to);

}  // namespace holdfast::router
