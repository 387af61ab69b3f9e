#pragma once
// What GET .../events asks for: from where, how many, how long to wait, which events. Values. Threads: any.

#include "api/event_json.hpp"
#include "api/exchange.hpp"
#include "base/time.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace holdfast::api {

inline constexpr std::size_t event_list_max = 1000;
inline constexpr Seconds event_wait_max{60};

/// What is empty matches everything.
struct EventFilter {
    std::string resource;
    std::string event;
    std::string device_id;

    [[nodiscard]] bool matches(const PlatformEvent& event) const;
};

struct EventQuery {
    std::optional<store::Position> after;  ///< empty: from the oldest
    bool from_latest = false;              ///< only what happens from now on
    std::size_t limit = 100;
    Seconds wait{0};
    bool is_stream = false;  ///< Accept names text/event-stream
    EventFilter filter;
};

/// Else the answer: 400.
[[nodiscard]] boost::system::result<EventQuery, Response> read_event_query(
    const Exchange& exchange);

}  // namespace holdfast::api
