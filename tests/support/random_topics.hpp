#pragma once
// What the model-checked random tests share: seed and length of a run, and topic names and filters
// from a world so small that they often meet. HOLDFAST_SEED and HOLDFAST_STEPS choose another run.

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace test_support {

/// Number in an environment variable, `fallback` when it is not set.
[[nodiscard]] std::uint64_t number_from_environment(const char* name, std::uint64_t fallback);

/// How to see a failure of this run again.
[[nodiscard]] std::string repeat_command(std::string_view test, std::uint64_t seed,
                                         std::uint64_t steps);

class RandomTopics {
public:
    explicit RandomTopics(std::uint64_t seed) : engine_(seed) {}

    /// 0..count-1
    [[nodiscard]] std::size_t below(std::size_t count);
    [[nodiscard]] bool chance(unsigned percent) { return below(100) < percent; }
    [[nodiscard]] std::string name();
    /// Valid, not shared.
    [[nodiscard]] std::string filter();

private:
    [[nodiscard]] std::string level(bool is_first);

    std::mt19937_64 engine_;
};

}  // namespace test_support
