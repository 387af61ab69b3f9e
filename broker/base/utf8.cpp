#include "base/utf8.hpp"

#include "base/bytes.hpp"

#include <cstdint>
#include <cstring>

namespace holdfast {

namespace {

constexpr std::uint64_t ones = 0x0101010101010101ULL;
constexpr std::uint64_t highs = 0x8080808080808080ULL;

/// All eight bytes are ASCII and none is U+0000. A borrow between bytes can only follow a zero
/// byte, so it never turns a bad word into a good one.
constexpr bool is_plain_ascii(std::uint64_t word) { return ((word | (word - ones)) & highs) == 0; }

constexpr bool is_continuation(Byte byte) { return (byte & 0xC0) == 0x80; }

/// Length of the well-formed sequence of two to four bytes at `at`, 0 if it is ill-formed.
/// The second byte's range is what excludes overlong forms, surrogates and all above U+10FFFF
/// (Unicode, table 3-7).
std::size_t sequence_length(const Byte* at, std::size_t left) {
    const Byte lead = at[0];
    if (lead < 0xC2 || lead > 0xF4) return 0;
    const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (left < length) return 0;
    const Byte lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const Byte highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (at[1] < lowest || at[1] > highest) return 0;
    for (std::size_t i = 2; i < length; ++i) {
        if (!is_continuation(at[i])) return 0;
    }
    return length;
}

}  // namespace

bool is_valid_utf8_string(std::string_view text) {
    const Byte* at = as_bytes(text).data();
    std::size_t left = text.size();
    while (left > 0) {
        if (left >= sizeof(std::uint64_t)) {
            std::uint64_t word;
            std::memcpy(&word, at, sizeof word);
            if (is_plain_ascii(word)) {
                at += sizeof word;
                left -= sizeof word;
                continue;
            }
        }
        std::size_t length = 1;
        if (*at >= 0x80) length = sequence_length(at, left);  // [MQTT5-1.5.4-1] [MQTT3-1.5.3-1]
        if (*at == 0 || length == 0) return false;            // [MQTT5-1.5.4-2] [MQTT3-1.5.3-2]
        at += length;
        left -= length;
    }
    return true;
}

}  // namespace holdfast
