#pragma once
// BurstWatch: what happens too often to one name within a window, and says so once for each window:
// takeovers of a client identifier (two devices that were given the same one), wrong passwords of a user
// that come from everywhere. Bounded: of too many names the one seen longest ago is forgotten, and of a
// long name only the beginning counts. Threads: any; one short mutex.

#include "base/recent_table.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace holdfast::net {

class BurstWatch {
public:
    struct Rules {
        std::size_t times_max;  ///< in a window; `unlimited`: nothing is watched
        Seconds window;
        std::size_t entries_max;
    };
    explicit BurstWatch(const Rules& rules) : rules_(rules), entries_(rules.entries_max) {}

    /// It happened once more: how often in this window, when that must be told now; else 0.
    [[nodiscard]] std::uint32_t on_event(std::string_view name, Instant now);

    static constexpr std::size_t name_bytes_max = 128;

private:
    struct Entry {
        Instant window_began{};
        std::uint32_t times = 0;
    };

    const Rules rules_;
    std::mutex mutex_;
    RecentTable<std::string, Entry> entries_;
};

}  // namespace holdfast::net
