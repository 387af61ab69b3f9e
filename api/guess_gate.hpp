#pragma once
// GuessGate: makes guessing of passwords slow. After some failures of one key (an address, a user's name) it
// is refused for a time that doubles with every further failure; a success or a quiet hour clears it.
// Bounded: of too many keys the one whose last failure is longest ago is forgotten.
// Threads: one at a time.

#include "base/time.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace holdfast::api {

class GuessGate {
public:
    struct Rules {
        unsigned free_failures = 5;  ///< the next failure is the first that costs
        Seconds first_wait{1};
        Seconds wait_max{60};
        Seconds memory{3600};  ///< a failure is forgotten after that
        std::size_t keys_max = 4'096;
    };

    GuessGate() : GuessGate(Rules{}) {}
    explicit GuessGate(Rules rules) : rules_(rules) {}

    /// 0: it may try now.
    [[nodiscard]] Seconds wait_of(std::string_view key, Instant now) const;
    void on_failure(std::string_view key, Instant now);
    void on_success(std::string_view key);

    [[nodiscard]] std::size_t size() const { return failures_.size(); }

private:
    struct Failures {
        unsigned count = 0;
        Instant last{};
        Instant open_again{};
    };

    void make_room(Instant now);

    const Rules rules_;
    std::map<std::string, Failures, std::less<>> failures_;
};

}  // namespace holdfast::api
