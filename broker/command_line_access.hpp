#pragma once
// The command line of `holdfast user` and `holdfast explain`, as values; a part of parse_command_line
// (command_line.hpp). Nothing here acts.

#include "command_line.hpp"

#include <span>
#include <string>

namespace holdfast {

[[nodiscard]] boost::system::result<Command, UsageError> parse_user(
    std::span<const std::string> arguments);
[[nodiscard]] boost::system::result<Command, UsageError> parse_explain(
    std::span<const std::string> arguments);

[[nodiscard]] std::string user_help_text();
[[nodiscard]] std::string explain_help_text();

}  // namespace holdfast
