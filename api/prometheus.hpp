#pragma once
// The server's counters and levels in the Prometheus text format 0.0.4. Every word of the closed
// lists is there from the first scrape on, with 0 where nothing happened, so that rates need no
// special case. docs/operations.md lists the names; a test compares the two.

#include "api/status_source.hpp"

#include <string>
#include <string_view>

namespace holdfast::api {

inline constexpr std::string_view prometheus_content_type =
    "text/plain; version=0.0.4; charset=utf-8";

[[nodiscard]] std::string prometheus_text(const StatusSource& source);

}  // namespace holdfast::api
