#pragma once
// What `holdfast explain` says: how a CONNECT would be judged, or which line of the rules decides about a
// publication or subscription. Asks no running server and looks at no password. Threads: one.

#include "access/access.hpp"
#include "command_line.hpp"
#include "config.hpp"

#include <string>

namespace holdfast {

/// Lines to print. `access` is loaded.
[[nodiscard]] std::string explain(const ExplainCommand& command, const Config& config,
                                  const access::Access& access);

}  // namespace holdfast
