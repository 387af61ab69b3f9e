#include "net/flap_watch.hpp"

#include <limits>

namespace holdfast::net {

std::uint32_t FlapWatch::on_takeover(std::string_view client_id, Instant now) {
    if (takeovers_max_ == unlimited) return 0;
    const std::scoped_lock lock{mutex_};
    const auto is_kept = [](const Entry&) { return false; };
    Entry& entry = entries_.use(std::string{client_id}, Entry{.window_began = now}, is_kept);
    if (now - entry.window_began > window_) entry = Entry{.window_began = now};
    if (entry.takeovers < std::numeric_limits<std::uint32_t>::max()) ++entry.takeovers;
    return entry.takeovers == takeovers_max_ + 1 ? entry.takeovers : 0;
}

}  // namespace holdfast::net
