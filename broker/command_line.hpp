#pragma once
// The command line as values: which command was asked for, with which options, or what is wrong.
// Owns the help and version texts. Nothing here acts; main.cpp does what a command says.

#include "access/scram_verifier.hpp"
#include "config.hpp"
#include "tls_command.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace holdfast {

struct ServeCommand {
    bool test = false;  ///< loopback only, anonymous, in memory, free ports unless named
    std::optional<std::uint16_t> mqtt_port;  ///< with test only, like the next four
    std::optional<std::uint16_t> http_port;
    std::optional<unsigned> threads;
    bool oversubscribe = false;
    std::optional<std::string> data_directory;
    std::optional<std::filesystem::path> config_file;
    std::string tls_keylog;  ///< empty: none
};

struct CheckConfigCommand {
    std::filesystem::path file;
};

/// Looks into the commit log of a data directory that no server has open.
struct StoreCommand {
    enum class Action : std::uint8_t {
        verify,  ///< reads everything, says whether it is healthy
        dump,    ///< prints what stands in it
    };
    Action action = Action::verify;
    std::string data_directory;
};

/// Changes or lists a file of users.
struct UserCommand {
    enum class Action : std::uint8_t { add, passwd, remove, list };
    Action action = Action::list;
    std::string file;
    std::string name;
    /// Of the verifier for SCRAM that is written besides the hash; empty: none is.
    std::optional<std::uint32_t> scram_iterations = access::ScramVerifier::iterations_default;
};

/// Says what the files of [access] decide about one request.
struct ExplainCommand {
    enum class Deed : std::uint8_t { connect, publish, subscribe };
    Deed deed = Deed::connect;
    std::filesystem::path config_file;
    std::string client_id;
    std::optional<std::string> user_name;
    std::optional<std::uint16_t> listener_port;
    std::string topic;
    std::uint8_t qos = 0;
    bool retain = false;
};

/// A running server, for commands that ask its API.
struct ServerAddress {
    std::string url;
    std::string ca_file;        ///< empty: whom the system trusts
    std::string password_file;  ///< empty: the password is asked for
};

/// Changes or lists the keys of applications in a running server.
struct KeyCommand {
    enum class Action : std::uint8_t { add, list, disable, enable, remove };
    Action action = Action::list;
    ServerAddress server;
    std::string key_id;
    std::string name;  ///< of a new one, like the next four
    std::vector<std::string> permissions;
    bool is_api_key = false;
    std::string expires;  ///< empty: never
};

/// Changes the administrator's password.
struct AdminCommand {
    ServerAddress server;
    std::string data_directory;  ///< of a server that does not run; empty: the running one at `server`
};

struct HelpCommand {
    std::string command;  ///< whose help; empty: of the program
};

struct VersionCommand {};

using Command =
    std::variant<ServeCommand, CheckConfigCommand, StoreCommand, TlsCommand, UserCommand,
                 ExplainCommand, KeyCommand, AdminCommand, HelpCommand, VersionCommand>;

/// What is wrong with the command line and what to write instead, in one line.
struct UsageError {
    std::string message;
};

/// `arguments` without the program's name.
[[nodiscard]] boost::system::result<Command, UsageError> parse_command_line(
    const std::vector<std::string>& arguments);

[[nodiscard]] std::string help_text(const HelpCommand& help);
[[nodiscard]] std::string version_text();

/// The configuration that a serve command asks for; reads its file. Throws ConfigError.
[[nodiscard]] Config configuration_of(const ServeCommand& command);

}  // namespace holdfast
