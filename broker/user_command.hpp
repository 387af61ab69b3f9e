#pragma once
// What `holdfast user` does: changes or lists a file of users. Errors: FileError. Threads: one.

#include "access/file_error.hpp"
#include "base/environment.hpp"
#include "base/password.hpp"
#include "command_line.hpp"

#include <functional>
#include <optional>
#include <string>

namespace holdfast {

/// Asks for the password once; empty: there is none to be had.
using AskPassword = std::function<std::optional<std::string>()>;

/// The text to print.
[[nodiscard]] access::Loaded<std::string> run_user_command(const UserCommand& command,
                                                           const AskPassword& ask, Random& random,
                                                           PasswordCost cost = {});

}  // namespace holdfast
