#pragma once
// FlapWatch: client identifiers whose session goes from one connection to the next and back: two devices
// that were given the same one, above all. Counts takeovers in a window, and says when there were too many,
// once for each window. Bounded: of too many identifiers the one taken over longest ago is forgotten.
// Threads: any; one short mutex, taken for takeovers only.

#include "base/limits.hpp"
#include "base/recent_table.hpp"

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace holdfast::net {

class FlapWatch {
public:
    explicit FlapWatch(const Limits& limits)
        : takeovers_max_(limits.flapping_takeovers_max),
          window_(limits.flapping_window),
          entries_(limits.watched_entries_max) {}

    /// How many there were in this window, when it must be told now; else 0.
    [[nodiscard]] std::uint32_t on_takeover(std::string_view client_id, Instant now);

private:
    struct Entry {
        Instant window_began{};
        std::uint32_t takeovers = 0;
    };

    const std::size_t takeovers_max_;
    const Seconds window_;
    std::mutex mutex_;
    RecentTable<std::string, Entry> entries_;
};

}  // namespace holdfast::net
