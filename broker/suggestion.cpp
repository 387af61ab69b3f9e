#include "suggestion.hpp"

#include <algorithm>
#include <vector>

namespace holdfast {

namespace {

/// Longer words are not compared: nobody mistypes that much, and the work is bounded.
constexpr std::size_t word_bytes_max = 64;

}  // namespace

std::size_t edit_distance(std::string_view from, std::string_view to) {
    // Three rows of the usual table: a swap of neighbours looks two rows back.
    std::vector<std::size_t> before(to.size() + 1);
    std::vector<std::size_t> above(to.size() + 1);
    std::vector<std::size_t> row(to.size() + 1);
    for (std::size_t j = 0; j <= to.size(); ++j) above[j] = j;
    for (std::size_t i = 1; i <= from.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= to.size(); ++j) {
            const bool is_same = from[i - 1] == to[j - 1];
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (is_same ? 0U : 1U)});
            const bool is_swap =
                i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
            if (is_swap) row[j] = std::min(row[j], before[j - 2] + 1);
        }
        before.swap(above);
        above.swap(row);
    }
    return above[to.size()];
}

std::string_view nearest_word(std::string_view word, std::span<const std::string_view> known) {
    if (word.empty() || word.size() > word_bytes_max) return {};
    std::string_view nearest;
    // A third of the letters may be wrong, and one of two.
    std::size_t best = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const std::string_view candidate : known) {
        const std::size_t distance = edit_distance(word, candidate);
        if (distance < best) {
            best = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

std::string suggest(std::string_view word, std::span<const std::string_view> known,
                    std::string_view otherwise) {
    const std::string_view nearest = nearest_word(word, known);
    if (nearest.empty()) return std::string{otherwise};
    return "did you mean `" + std::string{nearest} + "`?";
}

}  // namespace holdfast
