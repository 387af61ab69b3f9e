#pragma once
// How the readers of a configuration file refuse a value: ConfigError at the place where it stands.

#include "config.hpp"

#include <toml++/toml.h>

#include <string>
#include <string_view>

namespace holdfast {

[[nodiscard]] inline std::string in_quotes(std::string_view text) {
    return "\"" + std::string{text} + "\"";
}

/// Throws the ConfigError.
[[noreturn]] void fail_at(const std::string& source_name, const toml::source_position& position,
                          const std::string& key, const std::string& problem,
                          const std::string& remedy);

[[noreturn]] inline void fail_at(const std::string& source_name, const toml::node& node,
                                 const std::string& key, const std::string& problem,
                                 const std::string& remedy) {
    fail_at(source_name, node.source().begin, key, problem, remedy);
}

}  // namespace holdfast
