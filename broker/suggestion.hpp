#pragma once
// "did you mean ...?": the known word nearest to a mistyped one, by edit distance.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace holdfast {

/// Insertions, deletions, replacements and swaps of neighbours that lead from one to the other.
[[nodiscard]] std::size_t edit_distance(std::string_view from, std::string_view to);

/// The nearest of the known words, empty when none is near enough to be meant.
[[nodiscard]] std::string_view nearest_word(std::string_view word,
                                            std::span<const std::string_view> known);

/// "did you mean `x`?", or `otherwise` when no known word is near.
[[nodiscard]] std::string suggest(std::string_view word, std::span<const std::string_view> known,
                                  std::string_view otherwise);

}  // namespace holdfast
