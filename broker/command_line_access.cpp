#include "command_line_access.hpp"

#include "command_words.hpp"
#include "suggestion.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast {

namespace {

using Parsed = boost::system::result<Command, UsageError>;

constexpr std::array<std::string_view, 4> user_actions{"add", "passwd", "delete", "list"};
constexpr std::array<std::string_view, 3> deeds{"connect", "publish", "subscribe"};

constexpr std::string_view user_help =
    R"(holdfast user: who may connect, in a file of users (users_file of [access]).

  holdfast user add    --file FILE [--scram-iterations N|none] NAME
  holdfast user passwd --file FILE [--scram-iterations N|none] NAME
  holdfast user delete --file FILE NAME
  holdfast user list   --file FILE

The password is asked for without showing it, or is the first line of stdin when that is no terminal;
it is never on the command line. FILE is made by the first `add`. It is replaced as a whole: a running
server sees the old file or the new one, and reads it at SIGHUP.

Besides the hash of the password it gets a verifier for SCRAM-SHA-256, of 15000 iterations unless N says
otherwise (4096 to 1000000; the client pays for them at each login), or none.
)";

constexpr std::string_view explain_help =
    R"(holdfast explain: what the files of [access] say of one request, and which line decides.

  holdfast explain connect   --config FILE --client-id ID [--user NAME] [--listener PORT]
  holdfast explain publish   --config FILE --client-id ID [--user NAME] --topic TOPIC [--qos N] [--retain]
  holdfast explain subscribe --config FILE --client-id ID [--user NAME] --topic FILTER [--qos N]

Nothing is asked of a running server, and no password is looked at. Without --listener, the first one.
)";

std::optional<unsigned> number_of(const std::string& text, unsigned maximum) {
    unsigned number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || rest != end || number > maximum) return std::nullopt;
    return number;
}

/// What is wrong with the value; empty: nothing.
std::string read_scram_iterations(const std::string& value, UserCommand& command) {
    using access::ScramVerifier;
    using Action = UserCommand::Action;
    if (command.action != Action::add && command.action != Action::passwd) {
        return "--scram-iterations belongs to add and passwd";
    }
    command.scram_iterations.reset();
    if (value == "none") return {};
    const auto number = number_of(value, ScramVerifier::iterations_max);
    if (!number || *number < ScramVerifier::iterations_min) {
        return "--scram-iterations is 4096 to 1000000, or none";
    }
    command.scram_iterations = *number;
    return {};
}

template <std::size_t count>
std::optional<std::size_t> index_of(const std::array<std::string_view, count>& words,
                                    std::string_view word) {
    const auto found = std::ranges::find(words, word);
    if (found == words.end()) return std::nullopt;
    return static_cast<std::size_t>(found - words.begin());
}

}  // namespace

Parsed parse_user(std::span<const std::string> arguments) {
    static constexpr std::array<std::string_view, 2> with_value{"file", "scram-iterations"};
    const std::string otherwise = "`holdfast help user` says how";
    if (wants_help(arguments)) return Command{HelpCommand{"user"}};
    const auto words = split_words(arguments, with_value, {}, otherwise);
    if (!words) return words.error();
    if (words->words.empty())
        return UsageError{"user needs add, passwd, delete or list; " + otherwise};
    const std::string& word = words->words.front();
    const auto action = index_of(user_actions, word);
    if (!action) {
        return UsageError{"there is no `user " + word + "`; " +
                          suggest(word, user_actions, otherwise)};
    }
    UserCommand command;
    command.action = static_cast<UserCommand::Action>(*action);
    command.file = words->value("file");
    if (command.file.empty())
        return UsageError{"user " + word + " needs --file FILE; " + otherwise};
    const bool has_name = command.action != UserCommand::Action::list;
    if (words->words.size() != (has_name ? 2U : 1U)) {
        return UsageError{"user " + word + (has_name ? " needs one name; " : " needs no name; ") +
                          otherwise};
    }
    if (has_name) command.name = words->words.back();
    if (words->has("scram-iterations")) {
        const auto problem = read_scram_iterations(words->value("scram-iterations"), command);
        if (!problem.empty()) return UsageError{problem + "; " + otherwise};
    }
    return Command{std::move(command)};
}

Parsed parse_explain(std::span<const std::string> arguments) {
    static constexpr std::array<std::string_view, 6> with_value{"config",   "user",  "client-id",
                                                                "listener", "topic", "qos"};
    static constexpr std::array<std::string_view, 1> flags{"retain"};
    const std::string otherwise = "`holdfast help explain` says how";
    if (wants_help(arguments)) return Command{HelpCommand{"explain"}};
    const auto words = split_words(arguments, with_value, flags, otherwise);
    if (!words) return words.error();
    const auto deed =
        words->words.size() == 1 ? index_of(deeds, words->words.front()) : std::nullopt;
    if (!deed) return UsageError{"explain needs connect, publish or subscribe; " + otherwise};
    ExplainCommand command;
    command.deed = static_cast<ExplainCommand::Deed>(*deed);
    command.config_file = words->value("config");
    command.client_id = words->value("client-id");
    command.topic = words->value("topic");
    command.retain = words->has("retain");
    if (words->has("user")) command.user_name = words->value("user");
    if (!words->has("config") || !words->has("client-id")) {
        return UsageError{"explain needs --config FILE and --client-id ID; " + otherwise};
    }
    if (command.deed != ExplainCommand::Deed::connect && command.topic.empty()) {
        return UsageError{"explain " + words->words.front() + " needs --topic; " + otherwise};
    }
    if (words->has("qos")) {
        const auto qos = number_of(words->value("qos"), 2);
        if (!qos) return UsageError{"--qos is 0, 1 or 2; " + otherwise};
        command.qos = static_cast<std::uint8_t>(*qos);
    }
    if (words->has("listener")) {
        const auto port = number_of(words->value("listener"), 65'535);
        if (!port) return UsageError{"--listener is the port of one; " + otherwise};
        command.listener_port = static_cast<std::uint16_t>(*port);
    }
    return Command{std::move(command)};
}

std::string user_help_text() { return std::string{user_help}; }

std::string explain_help_text() { return std::string{explain_help}; }

}  // namespace holdfast
