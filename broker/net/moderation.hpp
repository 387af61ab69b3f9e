#pragma once
// Moderation: how long a loop that is flooded rests after a turn, so that more comes in together; what
// network cards call interrupt moderation. A packet that is read alone costs two system calls and more; one
// of several that are read together, and answered together, a fraction. A loop that serves each packet as it
// comes has no time for anything else, and takes the cores from the clients whose next packets it waits for.
// It rests only when many sockets were ready at once and some had several packets: clients that send without
// waiting for us. Those that wait for every answer are answered at once, and so is whoever comes alone.
// Measured: docs/decisions/0014-moderation.md. Threads: the shard's.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace holdfast::net {

class Moderation {
public:
    using Rest = std::chrono::microseconds;
    /// What a message may be late by at most because of it. Where several loops share what comes, each has
    /// to rest longer to find as much of it at once.
    static constexpr Rest longest_of_one{512};
    static constexpr Rest longest_of_several{1024};

    /// How many loops there are; before the first turn. 1 unless said.
    void set_loops(std::size_t count) { longest_ = count > 1 ? longest_of_several : longest_of_one; }

    /// A turn has read `packets` from `sockets` that were ready. Longer with each turn that is a flood.
    [[nodiscard]] Rest after_turn(std::uint64_t sockets, std::uint64_t packets) {
        if (sockets < many) {
            rest_ = Rest{0};
        } else if (packets > sockets) {
            rest_ = std::clamp(2 * rest_, shortest, longest_);
        } else if (rest_ -= rest_ / 8; rest_ < shortest / 2) {
            rest_ = Rest{0};
        }
        return rest_;
    }

private:
    static constexpr std::uint64_t many = 4;
    static constexpr Rest shortest{64};

    Rest longest_ = longest_of_one;
    Rest rest_{0};
};

/// Blocks the thread: to be woken by what comes is what a rest is to avoid.
void rest(Moderation::Rest time);

}  // namespace holdfast::net
