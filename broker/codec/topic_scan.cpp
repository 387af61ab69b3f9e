#include "codec/topic_scan.hpp"

#include "base/topic.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace holdfast::codec {

namespace {

using Word = std::uint64_t;

constexpr Word ones = 0x0101010101010101ULL;
constexpr Word highs = 0x8080808080808080ULL;
constexpr Word of(char character) { return ones * static_cast<unsigned char>(character); }

/// Some byte is not ASCII, U+0000, `+` or `#`. Exact as a whole: a borrow that could flag a good
/// byte starts at a bad one.
constexpr bool has_suspect(Word word) {
    return ((word | (word - ones) | ((word ^ of('+')) - ones) | ((word ^ of('#')) - ones)) &
            highs) != 0;
}

template <class Integer>
Integer load(const char* at) {
    Integer value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

/// One to seven bytes as a word; some stand in it twice, which does not matter to has_suspect.
Word load_short(const char* at, std::size_t size) {
    if (size >= 4) {
        const Word last = load<std::uint32_t>(at + size - 4);
        return last << 32 | load<std::uint32_t>(at);
    }
    const auto byte = [at](std::size_t i) { return Word{static_cast<unsigned char>(at[i])}; };
    return ones << 24 | byte(size - 1) << 16 | byte(size / 2) << 8 | byte(0);
}

bool is_plain(std::string_view topic) {
    const char* at = topic.data();
    const std::size_t size = topic.size();
    if (size == 0) return true;
    if (size < sizeof(Word)) return !has_suspect(load_short(at, size));
    const char* last = at + size - sizeof(Word);
    for (; at < last; at += sizeof(Word)) {
        if (has_suspect(load<Word>(at))) return false;
    }
    return !has_suspect(load<Word>(last));
}

}  // namespace

TopicScan scan_topic(std::string_view topic) {
    if (is_plain(topic)) [[likely]]
        return {};
    return {.is_utf8 = is_valid_utf8_string(topic), .has_wildcard = has_wildcard(topic)};
}

bool is_too_deep(std::string_view topic, std::size_t levels_max) {
    if (topic.size() < levels_max) return false;  // n bytes have at most n + 1 levels
    const auto slashes = static_cast<std::size_t>(std::count(topic.begin(), topic.end(), '/'));
    return slashes >= levels_max;
}

}  // namespace holdfast::codec
