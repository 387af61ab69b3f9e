#pragma once
// A configuration as the file that would say it: `holdfast check-config` prints it, so that every
// default in force can be seen.

#include "config.hpp"

#include <string>

namespace holdfast {

/// The whole configuration with its defaults spelled out, as TOML that parse_config reads back.
[[nodiscard]] std::string to_toml(const Config& config);

/// The value of store.sync: `always`, `never`, `interval:100ms`.
[[nodiscard]] std::string sync_text(const Config& config);

}  // namespace holdfast
