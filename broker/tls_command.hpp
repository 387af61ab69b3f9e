#pragma once
// The command line of `holdfast tls`: its words to values, and its help. main.cpp does what it says.

#include <boost/system/result.hpp>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

struct TlsCommand {
    enum class Action : std::uint8_t { init, client, revoke };
    Action action = Action::init;
    std::filesystem::path folder = "tls";
    std::vector<std::string> names;  ///< of the server; or the client's, one
    int days = 0;
};

extern const std::string_view tls_help;

/// What is wrong and what to write instead, in one line, when it is not a command.
[[nodiscard]] boost::system::result<TlsCommand, std::string> parse_tls_command(
    std::span<const std::string> arguments);

}  // namespace holdfast
