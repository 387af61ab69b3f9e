#include "tls_command.hpp"

#include "suggestion.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace holdfast {

namespace {

constexpr std::array<std::string_view, 3> actions{"init", "client", "revoke"};
constexpr std::array<std::string_view, 3> options{"--dir", "--name", "--days"};
constexpr int days_max = 3650;
/// What Apple's and others' clients still accept of a server.
constexpr int days_of_server = 397;
constexpr int days_of_client = 3650;
constexpr int days_of_list = 3650;

std::optional<int> days_of(const std::string& text) {
    int days = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, days);
    if (error != std::errc{} || rest != end || days < 1 || days > days_max) return std::nullopt;
    return days;
}

}  // namespace

const std::string_view tls_help =
    R"(holdfast tls: a private certificate authority, so that TLS works on the first day.

  holdfast tls init [--dir DIR] [--name HOST]... [--days N]
  holdfast tls client [--dir DIR] [--days N] NAME
  holdfast tls revoke [--dir DIR] NAME

init makes the authority if DIR (default: tls) has none, and a certificate for the server, a new one each
time, for the hosts and IP addresses named (default: localhost and 127.0.0.1). A running server takes a new
one within seconds. client makes a certificate whose common name is NAME. revoke puts one on the list
DIR/revoked.pem. What is made is said, with the lines for the configuration.
)";

boost::system::result<TlsCommand, std::string> parse_tls_command(
    std::span<const std::string> arguments) {
    const std::string otherwise = "`holdfast help tls` says how";
    if (arguments.empty()) return "tls needs init, client or revoke; " + otherwise;
    const auto action = std::ranges::find(actions, arguments.front());
    if (action == actions.end()) {
        return "there is no `tls " + arguments.front() + "`; " +
               suggest(arguments.front(), actions, otherwise);
    }
    TlsCommand command;
    command.action = static_cast<TlsCommand::Action>(action - actions.begin());
    const bool is_init = command.action == TlsCommand::Action::init;
    command.days = is_init                                            ? days_of_server
                   : command.action == TlsCommand::Action::client ? days_of_client
                                                                      : days_of_list;
    const auto rest = arguments.subspan(1);
    for (std::size_t i = 0; i < rest.size(); ++i) {
        const std::string& word = rest[i];
        if (!word.starts_with("--")) {
            if (is_init) return "init takes no word `" + word + "`; write --name " + word;
            command.names.push_back(word);
            continue;
        }
        if (std::ranges::find(options, word) == options.end()) {
            return "there is no option `" + word + "`; " + suggest(word, options, otherwise);
        }
        if (++i == rest.size()) return word + " needs a value; " + otherwise;
        if (word == "--dir") {
            command.folder = rest[i];
        } else if (word == "--name") {
            command.names.push_back(rest[i]);
        } else {
            const auto days = days_of(rest[i]);
            if (!days) return "--days " + rest[i] + " is no number in its range; write 1 to 3650";
            command.days = *days;
        }
    }
    if (is_init && command.names.empty()) command.names = {"localhost", "127.0.0.1"};
    if (!is_init && command.names.size() != 1) return "name one client; " + otherwise;
    return command;
}

}  // namespace holdfast
