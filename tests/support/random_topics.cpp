#include "support/random_topics.hpp"

#include <array>
#include <cstdlib>

namespace test_support {

std::uint64_t number_from_environment(const char* name, std::uint64_t fallback) {
    const char* text = std::getenv(name);
    return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

std::string repeat_command(std::string_view test, std::uint64_t seed, std::uint64_t steps) {
    return "repeat with: HOLDFAST_SEED=" + std::to_string(seed) +
           " HOLDFAST_STEPS=" + std::to_string(steps) + " sim --run_test=" + std::string(test);
}

std::size_t RandomTopics::below(std::size_t count) {
    // Not a std::uniform_int_distribution: the same seed gives the same run with every library.
    return static_cast<std::size_t>(engine_() % count);
}

std::string RandomTopics::level(bool is_first) {
    static constexpr std::array<std::string_view, 8> levels{"a",  "b",  "c", "",
                                                            "aa", "a!", "$", "\u00e9"};
    if (is_first && chance(10)) return "$SYS";
    return std::string(levels[below(levels.size())]);
}

std::string RandomTopics::name() {
    std::string name = level(true);
    for (std::size_t more = below(4); more > 0; --more) name += '/' + level(false);
    return name.empty() ? "/" : name;
}

std::string RandomTopics::filter() {
    std::string filter;
    const std::size_t levels = 1 + below(4);
    for (std::size_t i = 0; i < levels; ++i) {
        if (i > 0) filter += '/';
        if (i + 1 == levels && chance(25)) return filter + '#';
        filter += chance(25) ? "+" : level(i == 0);
    }
    return filter.empty() ? "/" : filter;
}

}  // namespace test_support
