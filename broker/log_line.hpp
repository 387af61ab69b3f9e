#pragma once
// An event as one line of the log, in words for people or as a JSON object. Pure functions. What
// comes from a peer (client id, topic) can neither break the line nor grow it without bound.

#include "base/telemetry.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace holdfast {

/// Longer client ids, topics and details are cut, with a note of their length.
inline constexpr std::size_t log_field_bytes_max = 256;

[[nodiscard]] std::string_view to_string(Severity severity);

/// `2026-01-31T12:00:00.000Z warning connection_closed client_id="pump-7" reason=keep_alive ...`
[[nodiscard]] std::string text_line(const Event& event, WallTime now);

/// `{"time":"2026-01-31T12:00:00.000Z","severity":"warning","event":"connection_closed",...}`
[[nodiscard]] std::string json_line(const Event& event, WallTime now);

}  // namespace holdfast
