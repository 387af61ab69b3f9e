#pragma once
// Moderation: how long a loop that is flooded rests after a turn, so that more comes in together; what
// network cards call interrupt moderation. A packet that is read alone costs two system calls and more; one
// of several that are read together, and answered together, a fraction. A loop that serves each packet as it
// comes has no time for anything else, and takes the cores from the clients whose next packets it waits for.
// It rests only when many sockets were ready at once and had more than a packet each: clients that send
// without waiting for us. Those that wait for every answer are answered at once, and so is whoever comes
// alone. And it rests no longer than it takes for enough to come: where a socket has that many packets, more
// of them would be hardly cheaper, and clients that let only so much be on its way would wait for us.
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
    static constexpr Rest longest_of_several{2048};

    /// How many loops there are; before the first turn. 1 unless said.
    void set_loops(std::size_t count) { longest_ = count > 1 ? longest_of_several : longest_of_one; }

    /// A turn has read `packets` from `sockets` that were ready.
    [[nodiscard]] Rest after_turn(std::uint64_t sockets, std::uint64_t packets) {
        if (sockets < many) {
            rest_ = Rest{0};
        } else if (4 * packets < 5 * sockets) {  // one each, but for a few
            rest_ = shorter() < shortest / 2 ? Rest{0} : shorter();
        } else if (packets < enough * sockets) {
            rest_ = std::clamp(2 * rest_, shortest, longest_);
        } else if (packets > more_than_enough * sockets) {
            rest_ = std::max(shorter(), shortest);
        } else {
            rest_ = std::max(rest_, shortest);
        }
        return rest_;
    }

private:
    static constexpr std::uint64_t many = 4;
    static constexpr std::uint64_t enough = 6;  ///< packets a socket
    static constexpr std::uint64_t more_than_enough = 8 * enough;
    static constexpr Rest shortest{64};

    [[nodiscard]] Rest shorter() const { return rest_ - rest_ / 8; }

    Rest longest_ = longest_of_one;
    Rest rest_{0};
};

/// Blocks the thread: to be woken by what comes is what a rest is to avoid.
void rest(Moderation::Rest time);

}  // namespace holdfast::net
