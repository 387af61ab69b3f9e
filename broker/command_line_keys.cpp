#include "command_line_keys.hpp"

#include "command_words.hpp"
#include "suggestion.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast {

namespace {

using Parsed = boost::system::result<Command, UsageError>;

constexpr std::array<std::string_view, 5> key_actions{"add", "list", "disable", "enable", "delete"};

constexpr std::string_view key_help =
    R"(holdfast key: what applications show in place of a token, in a running server.

  holdfast key add     --server URL --name NAME --allow ACTION[,ACTION...] [--kind KIND] [--expires TIME]
  holdfast key list    --server URL
  holdfast key disable --server URL KEY_ID
  holdfast key enable  --server URL KEY_ID
  holdfast key delete  --server URL KEY_ID

  --server URL           of the server's HTTP: http://127.0.0.1:8080
  --ca FILE              with https: who has signed its certificate; without it, whom the system trusts
  --password-file FILE   its first line is the administrator's password
  --kind KIND            access_key (for signatures, the default) or api_key (shown as it is)
  --allow ACTION         iotda:messages:send, iotda:devices:*, iotda:* ...; docs/http-api-access.md has all
  --expires TIME         UTC, as 20300101T000000Z; without it, never

The secret of a new key is printed this one time. Without --password-file the administrator's password is
asked for, or is the first line of stdin when that is no terminal.
)";

constexpr std::string_view admin_help =
    R"(holdfast admin: the administrator's password.

  holdfast admin passwd --server URL [--ca FILE]   of a running server; asks for the old one, then the new one
  holdfast admin passwd --data DIR                 of a server that does not run, when the old one is lost

Every token that was given before is refused afterwards; keys of applications stay. When stdin is no
terminal, its lines are the passwords.
)";

std::vector<std::string> split_at_commas(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        if (end > 0) parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

Parsed finish_add(KeyCommand command, const CommandWords& words, const std::string& otherwise) {
    command.name = words.value("name");
    command.permissions = split_at_commas(words.value("allow"));
    command.expires = words.value("expires");
    const std::string kind = words.has("kind") ? words.value("kind") : "access_key";
    if (kind != "access_key" && kind != "api_key") {
        return UsageError{"--kind is access_key or api_key; " + otherwise};
    }
    command.is_api_key = kind == "api_key";
    if (command.name.empty() || command.permissions.empty()) {
        return UsageError{"key add needs --name NAME and --allow ACTION; " + otherwise};
    }
    if (words.words.size() != 1) return UsageError{"there is a word too many; " + otherwise};
    return Command{std::move(command)};
}

}  // namespace

Parsed parse_key(std::span<const std::string> arguments) {
    static constexpr std::array<std::string_view, 7> with_value{
        "server", "ca", "password-file", "name", "allow", "kind", "expires"};
    const std::string otherwise = "`holdfast help key` says how";
    if (wants_help(arguments)) return Command{HelpCommand{"key"}};
    const auto words = split_words(arguments, with_value, {}, otherwise);
    if (!words) return words.error();
    if (words->words.empty()) {
        return UsageError{"key needs add, list, disable, enable or delete; " + otherwise};
    }
    const std::string& word = words->words.front();
    const auto action = std::ranges::find(key_actions, word);
    if (action == key_actions.end()) {
        return UsageError{"there is no `key " + word + "`; " +
                          suggest(word, key_actions, otherwise)};
    }
    KeyCommand command;
    command.action = static_cast<KeyCommand::Action>(action - key_actions.begin());
    command.server = {words->value("server"), words->value("ca"), words->value("password-file")};
    if (command.server.url.empty()) {
        return UsageError{"key " + word + " needs --server URL; " + otherwise};
    }
    if (command.action == KeyCommand::Action::add) {
        return finish_add(std::move(command), *words, otherwise);
    }
    for (const char* const option : {"name", "allow", "kind", "expires"}) {
        if (words->has(option)) {
            return UsageError{"--" + std::string{option} + " goes with key add; " + otherwise};
        }
    }
    const bool has_id = command.action != KeyCommand::Action::list;
    if (words->words.size() != (has_id ? 2U : 1U)) {
        return UsageError{"key " + word + (has_id ? " needs one KEY_ID; " : " needs no name; ") +
                          otherwise};
    }
    if (has_id) command.key_id = words->words.back();
    return Command{std::move(command)};
}

Parsed parse_admin(std::span<const std::string> arguments) {
    static constexpr std::array<std::string_view, 3> with_value{"server", "ca", "data"};
    const std::string otherwise = "`holdfast help admin` says how";
    if (wants_help(arguments)) return Command{HelpCommand{"admin"}};
    const auto words = split_words(arguments, with_value, {}, otherwise);
    if (!words) return words.error();
    if (words->words.size() != 1 || words->words.front() != "passwd") {
        return UsageError{"admin needs passwd; " + otherwise};
    }
    if (words->has("server") == words->has("data")) {
        return UsageError{"admin passwd needs --server URL or --data DIR; " + otherwise};
    }
    AdminCommand command;
    command.server = {words->value("server"), words->value("ca"), {}};
    command.data_directory = words->value("data");
    return Command{std::move(command)};
}

std::string key_help_text() { return std::string{key_help}; }

std::string admin_help_text() { return std::string{admin_help}; }

}  // namespace holdfast
