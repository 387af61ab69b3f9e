#pragma once
// Instants in the extended ISO form, which the platform's contract uses beside its own (contract_time.hpp):
// tokens with microseconds, activation of devices with milliseconds. Threads: any.

#include "base/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace holdfast::api {

/// yyyy-MM-dd'T'HH:mm:ss.SSS'Z', UTC. For years 0 to 9999.
[[nodiscard]] std::string iso_time_milliseconds(WallTime time);
/// That form alone; empty: it is none.
[[nodiscard]] std::optional<WallTime> parse_iso_time_milliseconds(std::string_view text);
/// The same with six digits, of which we know three: "2026-01-02T00:00:00.000000Z".
[[nodiscard]] std::string iso_time_microseconds(WallTime time);

}  // namespace holdfast::api
