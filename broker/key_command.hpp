#pragma once
// What `holdfast key` and `holdfast admin` do with a running server: ask its API, as the administrator.
// The catalogue is the running server's alone, so they do not touch it.
// Errors: a sentence. Threads: one.

#include "command_line.hpp"

#include <boost/beast/http/verb.hpp>

#include <functional>
#include <optional>
#include <string>

namespace holdfast {

struct ApiQuestion {
    boost::beast::http::verb method = boost::beast::http::verb::get;
    std::string target;
    std::string token{};  ///< empty: none
    std::string body{};   ///< JSON; empty: none
};
struct ApiAnswer {
    unsigned status = 0;  ///< 0: there is no answer
    std::string body;     ///< or why there is none
    std::string token;    ///< that was given with it
};
using AskApi = std::function<ApiAnswer(const ApiQuestion& question)>;
/// Empty: there is none to be had.
using ReadPassword = std::function<std::optional<std::string>(const std::string& prompt)>;

struct ApiReport {
    bool is_good = false;
    std::string text;  ///< to print, or what is wrong
};

[[nodiscard]] ApiReport run_key_command(const KeyCommand& command, const AskApi& ask,
                                        const ReadPassword& read_password);
/// With `command.server`.
[[nodiscard]] ApiReport run_admin_command(const AskApi& ask, const ReadPassword& read_password);

}  // namespace holdfast
