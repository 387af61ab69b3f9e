#pragma once
// How the process ends, as a number that scripts may rely on; docs/operations.md has the table too.

namespace holdfast {

enum class ExitCode : int {
    ok = 0,             ///< did what was asked; a server: was stopped and drained
    usage = 2,          ///< the command line makes no sense
    configuration = 3,  ///< the configuration file cannot be read or is wrong
    listen = 4,         ///< an address or port cannot be listened on
    store = 5,          ///< the data directory cannot be used
    internal = 6,       ///< an error that should not happen
    cut_short = 7,      ///< a second SIGTERM or SIGINT ended the graceful stop
    refused = 8,        ///< a running server was asked, and refused or did not answer
};

}  // namespace holdfast
