#pragma once
// Keeps one kind of event from filling the log: of each name at most so many lines pass in a
// second, the rest is counted, and the count is handed out when the second is over.
// Threads: one at a time.

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

class FloodGate {
public:
    static constexpr std::uint64_t lines_per_second_max = 100;
    /// Event names are a closed list; more of them than this share one allowance.
    static constexpr std::size_t names_max = 128;

    struct Withheld {
        std::string name;
        std::uint64_t count;
    };

    /// Whether a line of this name may be written now.
    [[nodiscard]] bool admit(std::string_view name, Instant now);

    /// What was withheld in seconds that are over; each is told once.
    [[nodiscard]] std::vector<Withheld> take_withheld(Instant now);

    /// Something is withheld that take_withheld has not told yet.
    [[nodiscard]] bool has_withheld() const { return withheld_ != 0; }

private:
    struct Window {
        Instant start{};
        std::uint64_t passed = 0;
        std::uint64_t withheld = 0;
    };

    std::map<std::string, Window, std::less<>> windows_;
    std::uint64_t withheld_ = 0;
};

}  // namespace holdfast
