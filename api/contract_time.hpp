#pragma once
// Instants as the platform's contract writes them. Threads: any.

#include "base/time.hpp"

#include <string>

namespace holdfast::api {

/// yyyyMMdd'T'HHmmss'Z', UTC, the second begun: "20151212T121212Z". For years 0 to 9999.
[[nodiscard]] std::string contract_time(WallTime time);

}  // namespace holdfast::api
