#pragma once
// Moderation: how long a loop that is flooded rests after a turn, so that more comes in together; what
// network cards call interrupt moderation. A packet that is read alone costs two system calls and more; one
// of several that are read together, and answered together, a fraction. A loop that serves each packet as it
// comes has no time for anything else, and takes the cores from the clients whose next packets it waits for.
// It rests only when many sockets were ready at once and had more than a packet each: clients that send
// without waiting for us. Those that wait for every answer are answered at once, and so is whoever comes
// alone. Where several loops share what comes, each has to rest longer to find as much of it at once; but no
// longer than it takes for enough to come, for clients that let only so much be on its way would wait for us.
// Measured: docs/decisions/0014-moderation.md. Threads: the shard's.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace holdfast::net {

class Moderation {
public:
    using Rest = std::chrono::microseconds;
    /// What a message may be late by at most because of it, one loop alone.
    static constexpr Rest longest_of_one{512};
    /// One of several: as a rule, and while its sockets have fewer packets each than are enough.
    static constexpr Rest usual_of_several{1024};
    static constexpr Rest longest_of_several{2048};

    /// How many loops there are; before the first turn. 1 unless said.
    void set_loops(std::size_t count) {
        usual_ = count > 1 ? usual_of_several : longest_of_one;
        longest_ = count > 1 ? longest_of_several : longest_of_one;
    }

    /// A turn has read so many packets, of so many bytes in all, from so many sockets that were ready.
    [[nodiscard]] Rest after_turn(std::uint64_t sockets, std::uint64_t packets, std::uint64_t bytes) {
        if (sockets < many) {
            rest_ = Rest{0};
        } else if (4 * packets < 5 * sockets) {  // one each, but for a few
            rest_ -= rest_ / 8;
            if (rest_ < shortest / 2) rest_ = Rest{0};
        } else {
            rest_ = std::clamp(2 * rest_, shortest, longest_with(sockets, packets, bytes));
        }
        return rest_;
    }

private:
    static constexpr std::uint64_t many = 4;
    // By socket:
    static constexpr std::uint64_t enough = 6;
    static constexpr std::uint64_t more_than_enough = 3 * enough;
    static constexpr std::uint64_t enough_bytes = 16 * 1024;  ///< of larger packets fewer are enough
    static constexpr std::uint64_t more_than_enough_bytes = 3 * enough_bytes;
    static constexpr Rest shortest{64};

    [[nodiscard]] Rest longest_with(std::uint64_t sockets, std::uint64_t packets,
                                    std::uint64_t bytes) const {
        const bool is_enough = packets >= enough * sockets || bytes >= enough_bytes * sockets;
        if (!is_enough) return longest_;
        // Perhaps it is enough because of the rest; then that stays.
        const bool is_more = packets > more_than_enough * sockets ||
                             bytes > more_than_enough_bytes * sockets;
        return is_more ? usual_ : std::max(rest_, usual_);
    }

    Rest usual_ = longest_of_one;
    Rest longest_ = longest_of_one;
    Rest rest_{0};
};

/// Blocks the thread: to be woken by what comes is what a rest is to avoid.
void rest(Moderation::Rest time);

}  // namespace holdfast::net
