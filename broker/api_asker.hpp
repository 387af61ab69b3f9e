#pragma once
// Asks the API of a running server, one request at a time, and waits for the answer: for the commands that
// work on one. Threads: one.

#include "base/environment.hpp"
#include "command_line.hpp"
#include "key_command.hpp"

#include <string>

namespace holdfast {

/// Or what is wrong with the URL or the file of authorities. `clock` outlives what it gives.
struct ApiAsker {
    AskApi ask;
    std::string fault;  ///< empty: `ask` asks
};
[[nodiscard]] ApiAsker make_api_asker(const ServerAddress& server, const Clock& clock);

}  // namespace holdfast
