#pragma once
// Instants as the platform's contract writes them. Threads: any.

#include "base/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace holdfast::api {

/// yyyyMMdd'T'HHmmss'Z', UTC, the second begun: "20151212T121212Z". For years 0 to 9999.
[[nodiscard]] std::string contract_time(WallTime time);
/// The other way; empty: it is written otherwise, or no instant of the calendar.
[[nodiscard]] std::optional<WallTime> parse_contract_time(std::string_view text);

}  // namespace holdfast::api
