#include "net/burst_watch.hpp"

#include "base/limits.hpp"

#include <limits>

namespace holdfast::net {

std::uint32_t BurstWatch::on_event(std::string_view name, Instant now) {
    if (rules_.times_max == unlimited) return 0;
    const std::scoped_lock lock{mutex_};
    const auto is_kept = [](const Entry&) { return false; };
    const std::string key{name.substr(0, name_bytes_max)};
    Entry& entry = entries_.use(key, Entry{.window_began = now}, is_kept);
    if (now - entry.window_began > rules_.window) entry = Entry{.window_began = now};
    if (entry.times < std::numeric_limits<std::uint32_t>::max()) ++entry.times;
    return entry.times == rules_.times_max + 1 ? entry.times : 0;
}

}  // namespace holdfast::net
