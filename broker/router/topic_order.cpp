#include "router/topic_order.hpp"

#include "base/topic.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

namespace holdfast::router {

namespace {

static_assert(std::endian::native == std::endian::little,
              "first_difference counts from the low end");

std::size_t first_difference(std::string_view a, std::string_view b) {
    const std::size_t common = std::min(a.size(), b.size());
    std::size_t at = 0;
    for (; at + sizeof(std::uint64_t) <= common; at += sizeof(std::uint64_t)) {
        std::uint64_t word_a;
        std::uint64_t word_b;
        std::memcpy(&word_a, a.data() + at, sizeof word_a);
        std::memcpy(&word_b, b.data() + at, sizeof word_b);
        if (word_a != word_b) {
            return at + static_cast<std::size_t>(std::countr_zero(word_a ^ word_b)) / 8;
        }
    }
    while (at < common && a[at] == b[at]) ++at;
    return at;
}

/// Rank of a byte: the separator below the lowest byte a topic can have.
int rank(char byte) { return byte == '/' ? 0 : static_cast<unsigned char>(byte); }

bool is_wildcard(std::string_view level) { return level == "+" || level == "#"; }

/// `prefix`, then the levels from `level` to before the next wildcard: what comes first of all that
/// can match.
void seek_literals(std::string_view prefix, std::string_view level, LevelIterator rest,
                   std::string& seek_to) {
    seek_to = prefix;
    if (is_wildcard(level)) return;
    seek_to += level;
    while (rest.next(level) && !is_wildcard(level)) {
        seek_to += '/';
        seek_to += level;
    }
}

/// Past everything below `prefix`: behind its last level, which `+` matched.
WalkStep seek_past_subtree(std::string_view prefix, std::string& seek_to) {
    if (prefix.data() == nullptr) return WalkStep::end;
    seek_to = prefix;
    seek_to += '\x01';
    return WalkStep::seek;
}

}  // namespace

std::strong_ordering compare_topics(std::string_view a, std::string_view b) {
    const std::size_t at = first_difference(a, b);
    if (at == a.size() || at == b.size()) return a.size() <=> b.size();
    return rank(a[at]) <=> rank(b[at]);
}

WalkStep judge_topic(std::string_view filter, std::string_view topic, std::string& seek_to) {
    if (topic.starts_with('$') && is_wildcard(filter.substr(0, filter.find('/')))) {
        seek_to = "%";  // the byte behind '$' [MQTT5-4.7.2-1] [MQTT3-4.7.2-1]
        return WalkStep::seek;
    }
    LevelIterator filter_levels{filter};
    LevelIterator topic_levels{topic};
    std::string_view plus_prefix;  // up to the last level that `+` matched; no data: none yet
    std::string_view wanted;
    std::string_view level;
    while (filter_levels.next(wanted)) {
        if (wanted == "#") return WalkStep::match;
        if (!topic_levels.next(level)) {
            seek_literals(std::string{topic} + '/', wanted, filter_levels, seek_to);
            return WalkStep::seek;
        }
        if (wanted == "+") {
            plus_prefix = {topic.data(), level.data() + level.size()};
            continue;
        }
        const int order = level.compare(wanted);
        if (order > 0) return seek_past_subtree(plus_prefix, seek_to);
        if (order < 0) {
            seek_literals({topic.data(), level.data()}, wanted, filter_levels, seek_to);
            return WalkStep::seek;
        }
    }
    if (!topic_levels.next(level)) return WalkStep::match;
    return seek_past_subtree(plus_prefix, seek_to);  // below what the filter names
}

}  // namespace holdfast::router
