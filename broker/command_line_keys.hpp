#pragma once
// The command line of `holdfast key` and `holdfast admin`, as values; a part of parse_command_line
// (command_line.hpp). Nothing here acts.

#include "command_line.hpp"

#include <span>
#include <string>

namespace holdfast {

[[nodiscard]] boost::system::result<Command, UsageError> parse_key(
    std::span<const std::string> arguments);
[[nodiscard]] boost::system::result<Command, UsageError> parse_admin(
    std::span<const std::string> arguments);

[[nodiscard]] std::string key_help_text();
[[nodiscard]] std::string admin_help_text();

}  // namespace holdfast
