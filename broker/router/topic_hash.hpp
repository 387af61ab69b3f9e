#pragma once
// Hash of topic texts for the router's tables: 16 bytes per multiplication, keyed by a seed, so that
// a client that does not know the seed cannot choose topics that collide. Not for anything stored.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace holdfast::router {

namespace detail {

__extension__ using Wide = unsigned __int128;

/// Both halves of the product: every bit of the result depends on every bit of both factors.
inline std::uint64_t folded_product(std::uint64_t a, std::uint64_t b) {
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

template <class Word>
std::uint64_t load(const char* from) {
    Word word;
    std::memcpy(&word, from, sizeof word);
    return word;
}

}  // namespace detail

inline std::uint64_t hash_text(std::string_view text, std::uint64_t seed) {
    using detail::load;
    constexpr std::uint64_t odd_1 = 0xa0761d6478bd642f;
    constexpr std::uint64_t odd_2 = 0xe7037ed1a0b428db;
    const std::uint64_t key = seed ^ odd_1;
    std::uint64_t state = detail::folded_product(key, odd_2);
    const char* at = text.data();
    std::size_t left = text.size();
    for (; left > 16; left -= 16, at += 16) {
        state = detail::folded_product(load<std::uint64_t>(at) ^ key,
                                       load<std::uint64_t>(at + 8) ^ state);
    }
    std::uint64_t first = 0;  // the last 0..16 bytes, as two words that may overlap
    std::uint64_t second = 0;
    if (left >= 8) {
        first = load<std::uint64_t>(at);
        second = load<std::uint64_t>(at + left - 8);
    } else if (left >= 4) {
        first = load<std::uint32_t>(at);
        second = load<std::uint32_t>(at + left - 4);
    } else if (left > 0) {
        first = load<std::uint8_t>(at) << 16 | load<std::uint8_t>(at + left / 2) << 8 |
                load<std::uint8_t>(at + left - 1);
    }
    state = detail::folded_product(first ^ key, second ^ state);
    return detail::folded_product(state ^ text.size(), key ^ odd_2);
}

}  // namespace holdfast::router
