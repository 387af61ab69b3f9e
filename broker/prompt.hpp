#pragma once
// A password from who sits at the terminal, not shown while it is typed; or the first line of stdin when
// that is no terminal. Threads: one.

#include <optional>
#include <string>

namespace holdfast {

[[nodiscard]] bool is_terminal();

/// Without the end of its line. Empty: stdin has none.
[[nodiscard]] std::optional<std::string> read_password(const std::string& prompt);

}  // namespace holdfast
