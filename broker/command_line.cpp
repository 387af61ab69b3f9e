#include "command_line.hpp"

#include "command_line_access.hpp"
#include "command_line_keys.hpp"
#include "suggestion.hpp"

#include <openssl/crypto.h>
#include <boost/program_options.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <sstream>

namespace holdfast {

namespace {

namespace po = boost::program_options;

using Parsed = boost::system::result<Command, UsageError>;

constexpr std::array<std::string_view, 8> commands{
    "serve", "check-config", "store", "tls", "user", "explain", "key", "admin"};
constexpr std::array<std::string_view, 13> first_words{
    "serve", "check-config", "store", "tls", "user", "explain", "key", "admin",
    "help",  "--help",       "-h",    "version", "--version"};
constexpr std::array<std::string_view, 2> store_actions{"verify", "dump"};
constexpr unsigned threads_max = 1024;

constexpr std::string_view program_help =
    R"(Holdfast: an MQTT 3.1.1 and 5.0 broker that delivers messages to devices.

  holdfast serve --config FILE      run the server as FILE says
  holdfast serve --test [options]   run it for tests: this machine only, no passwords, in memory
  holdfast check-config FILE        read FILE; print the whole configuration, or what is wrong
  holdfast store verify DIR         read everything in a data directory; say whether it is healthy
  holdfast store dump DIR           print what stands in it, a line each
  holdfast tls init|client|revoke   make certificates of a private authority, revoke them
  holdfast user ACTION --file FILE  add, passwd, delete, list: who may connect
  holdfast explain DEED [options]   connect, publish, subscribe: what would be decided, and by which line
  holdfast key ACTION --server URL  add, list, disable, enable, delete: keys of applications
  holdfast admin passwd [options]   another password for the administrator
  holdfast help [COMMAND]           this text, or that of a command (also: --help, -h)
  holdfast --version                version of the program and of what it is built with

Exit codes: 0 done; 2 command line; 3 configuration; 4 cannot listen; 5 data directory;
6 internal error; 7 graceful stop cut short by a second signal; 8 refused by the server asked.
)";

constexpr std::string_view serve_help = R"(holdfast serve: run the server until SIGTERM or SIGINT.

  holdfast serve --config FILE
  holdfast serve --test [--mqtt-port N] [--http-port N] [--threads N] [--oversubscribe] [--data DIR]
                  [--config FILE]

)";

constexpr std::string_view serve_help_end = R"(
One line on stdout tells that every listener accepts connections:
  {"ready":true,"mqtt":PORT,"http":PORT,"pid":PID,"project_id":ID,"listeners":[{"scheme":"mqtt","port":PORT}]}
With --test it has "token", "ak" and "sk" for the API too, and a configuration file sets everything but
the data directory (without --data nothing is kept when the process ends), addresses and ports: its listeners
come behind a plain one, on free ports of 127.0.0.1, which the line tells.

SIGTERM and SIGINT stop gracefully: no new connections, MQTT 5 clients are told (0x8B), what is on
its way is flushed, exit code 0. A second one ends at once, exit code 7.
)";

constexpr std::string_view check_config_help =
    R"(holdfast check-config: read a configuration file as serve would.

  holdfast check-config FILE

Prints the configuration in force, every default spelled out, as TOML on stdout and exits with 0;
or says in one line where the file is wrong and what to write instead, and exits with 3.
)";

constexpr std::string_view store_help =
    R"(holdfast store: look into a data directory that no server has open. Nothing is changed.

  holdfast store verify DIR
  holdfast store dump DIR

verify reads every record and prints what it found; exit code 0: healthy, 5: it is not, or cannot
be opened. dump prints segments and their records in the order of the log, without message bodies.
)";

po::options_description serve_options() {
    po::options_description options{"Options", 100};
    const auto text = [] { return po::value<std::string>(); };
    options.add_options()("config", text()->value_name("FILE"), "configuration file (TOML)")(
        "test", "for tests: loopback only, anonymous, in memory, free ports")(
        "mqtt-port", text()->value_name("N"),
        "with --test: port for MQTT; 0, the default: any free one")(
        "http-port", text()->value_name("N"),
        "with --test: port for HTTP; 0, the default: any free one")(
        "threads", text()->value_name("N"),
        "with --test: threads, 1 to 1024; default, and at most: one per processor")(
        "oversubscribe", "with --test: as many threads as asked for, even with fewer processors")(
        "data", text()->value_name("DIR"),
        "with --test: keep everything in DIR, made if it is not there; default: in memory")(
        "tls-keylog", text()->value_name("FILE"),
        "for debugging: append the secrets of TLS connections to FILE, as Wireshark reads them")(
        "help,h", "this text");
    return options;
}

po::options_description check_config_options() {
    po::options_description options;
    options.add_options()("help,h", "this text")("file", po::value<std::vector<std::string>>());
    return options;
}

/// The long names of options, with their dashes, for suggestions.
std::string suggest_option(const std::string& unknown, const po::options_description& options,
                           std::string_view otherwise) {
    std::vector<std::string> names;
    for (const auto& option : options.options()) {
        if (option->long_name() != "file") names.push_back("--" + option->long_name());
    }
    const std::vector<std::string_view> views(names.begin(), names.end());
    return suggest(unknown, views, otherwise);
}

/// Options of one command. Program_options reports by exceptions; they end here.
boost::system::result<po::variables_map, UsageError> parse_options(
    std::span<const std::string> arguments, const po::options_description& options,
    const po::positional_options_description& positional, std::string_view command) {
    const std::string otherwise = "`holdfast help " + std::string{command} + "` lists the options";
    try {
        const auto style =
            po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
        po::variables_map values;
        po::store(po::command_line_parser({arguments.begin(), arguments.end()})
                      .options(options)
                      .positional(positional)
                      .style(style)
                      .run(),
                  values);
        po::notify(values);
        return values;
    } catch (const po::unknown_option& error) {
        const std::string& name = error.get_option_name();
        return UsageError{"there is no option `" + name + "`; " +
                          suggest_option(name, options, otherwise)};
    } catch (const po::too_many_positional_options_error&) {
        return UsageError{"there is a word too many; " + otherwise};
    } catch (const po::error& error) {
        return UsageError{std::string{error.what()} + "; " + otherwise};
    }
}

/// A number option; empty: it is not one of the range.
std::optional<unsigned> number_of(const std::string& text, unsigned minimum, unsigned maximum) {
    unsigned number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || rest != end) return std::nullopt;
    if (number < minimum || number > maximum) return std::nullopt;
    return number;
}

UsageError bad_number(const char* name, const std::string& text, const std::string& range) {
    return {"--" + std::string{name} + " " + text + " is no number in its range; write " + range};
}

Parsed serve_from(const po::variables_map& values) {
    ServeCommand serve;
    serve.test = values.contains("test");
    if (values.contains("config")) serve.config_file = values["config"].as<std::string>();
    if (!serve.test && !serve.config_file) {
        return UsageError{"serve needs --config FILE, or --test for a server of tests"};
    }
    for (const char* const name : {"mqtt-port", "http-port", "threads", "oversubscribe", "data"}) {
        if (serve.test || !values.contains(name)) continue;
        return UsageError{"--" + std::string{name} +
                          " goes with --test; without it the "
                          "configuration file says this"};
    }
    for (const auto& [name, port] :
         {std::pair{"mqtt-port", &serve.mqtt_port}, std::pair{"http-port", &serve.http_port}}) {
        if (!values.contains(name)) continue;
        const std::string& text = values[name].as<std::string>();
        const auto number = number_of(text, 0, 65'535);
        if (!number) return bad_number(name, text, "1 to 65535, or 0 for any free port");
        *port = static_cast<std::uint16_t>(*number);
    }
    if (values.contains("threads")) {
        const std::string& text = values["threads"].as<std::string>();
        serve.threads = number_of(text, 1, threads_max);
        if (!serve.threads) return bad_number("threads", text, "1 to 1024");
    }
    serve.oversubscribe = values.contains("oversubscribe");
    if (values.contains("data")) serve.data_directory = values["data"].as<std::string>();
    if (values.contains("tls-keylog")) serve.tls_keylog = values["tls-keylog"].as<std::string>();
    return Command{serve};
}

Parsed parse_serve(std::span<const std::string> arguments) {
    const po::positional_options_description no_words;
    const auto values = parse_options(arguments, serve_options(), no_words, "serve");
    if (!values) return values.error();
    if (values->contains("help")) return Command{HelpCommand{"serve"}};
    return serve_from(*values);
}

Parsed parse_check_config(std::span<const std::string> arguments) {
    po::positional_options_description positional;
    positional.add("file", -1);
    const auto values =
        parse_options(arguments, check_config_options(), positional, "check-config");
    if (!values) return values.error();
    if (values->contains("help")) return Command{HelpCommand{"check-config"}};
    if (!values->contains("file")) return UsageError{"check-config needs the name of a file"};
    const auto& files = (*values)["file"].as<std::vector<std::string>>();
    if (files.size() > 1) return UsageError{"check-config reads one file at a time"};
    return Command{CheckConfigCommand{files.front()}};
}

Parsed parse_store(std::span<const std::string> arguments) {
    const auto is_help = [](const std::string& word) { return word == "--help" || word == "-h"; };
    if (std::ranges::any_of(arguments, is_help)) return Command{HelpCommand{"store"}};
    const std::string otherwise = "`holdfast help store` says how";
    if (arguments.size() != 2) {
        return UsageError{"store needs verify or dump, and a data directory; " + otherwise};
    }
    const auto action = std::ranges::find(store_actions, arguments.front());
    if (action == store_actions.end()) {
        return UsageError{"there is no `store " + arguments.front() + "`; " +
                          suggest(arguments.front(), store_actions, otherwise)};
    }
    const bool is_verify = action == store_actions.begin();
    return Command{StoreCommand{
        .action = is_verify ? StoreCommand::Action::verify : StoreCommand::Action::dump,
        .data_directory = arguments.back()}};
}

Parsed parse_tls(std::span<const std::string> arguments) {
    const auto is_help = [](const std::string& word) { return word == "--help" || word == "-h"; };
    if (std::ranges::any_of(arguments, is_help)) return Command{HelpCommand{"tls"}};
    auto command = parse_tls_command(arguments);
    if (command.has_error()) return UsageError{command.error()};
    return Command{std::move(*command)};
}

Parsed parse_help(std::span<const std::string> arguments) {
    if (arguments.empty()) return Command{HelpCommand{}};
    const std::string& command = arguments.front();
    for (const std::string_view known : commands) {
        if (arguments.size() == 1 && command == known) return Command{HelpCommand{command}};
    }
    return UsageError{"there is no help on `" + command + "`; " +
                      suggest(command, commands, "`holdfast help` lists the commands")};
}

}  // namespace

Parsed parse_command_line(const std::vector<std::string>& arguments) {
    if (arguments.empty()) {
        return UsageError{"a command is missing; `holdfast help` lists them"};
    }
    const std::string& word = arguments.front();
    const auto rest = std::span{arguments}.subspan(1);
    if (word == "serve") return parse_serve(rest);
    if (word == "check-config") return parse_check_config(rest);
    if (word == "store") return parse_store(rest);
    if (word == "tls") return parse_tls(rest);
    if (word == "user") return parse_user(rest);
    if (word == "explain") return parse_explain(rest);
    if (word == "key") return parse_key(rest);
    if (word == "admin") return parse_admin(rest);
    if (word == "help" || word == "--help" || word == "-h") return parse_help(rest);
    if (word == "version" || word == "--version") {
        if (rest.empty()) return Command{VersionCommand{}};
        return UsageError{"nothing follows `" + word + "`"};
    }
    const std::string_view noun = word.starts_with('-') ? "option" : "command";
    return UsageError{"there is no " + std::string{noun} + " `" + word + "`; " +
                      suggest(word, first_words, "`holdfast help` lists the commands")};
}

std::string help_text(const HelpCommand& help) {
    if (help.command == "check-config") return std::string{check_config_help};
    if (help.command == "store") return std::string{store_help};
    if (help.command == "tls") return std::string{tls_help};
    if (help.command == "user") return user_help_text();
    if (help.command == "explain") return explain_help_text();
    if (help.command == "key") return key_help_text();
    if (help.command == "admin") return admin_help_text();
    if (help.command != "serve") return std::string{program_help};
    std::ostringstream options;
    options << serve_options();
    return std::string{serve_help} + options.str() + std::string{serve_help_end};
}

std::string version_text() {
    std::string text = "holdfast " HOLDFAST_VERSION "\n";
    text += "compiler: " BOOST_COMPILER "\n";
    text += "Boost: " + std::to_string(BOOST_VERSION / 100'000) + "." +
            std::to_string(BOOST_VERSION / 100 % 1'000) + "." +
            std::to_string(BOOST_VERSION % 100) + "\n";
    text += "OpenSSL: " + std::string{OpenSSL_version(OPENSSL_VERSION)} + "\n";
    return text;
}

namespace {

/// A plain one first; those of the file behind it, where nobody else can reach them.
std::vector<ListenerConfig> listeners_of_test(const std::vector<ListenerConfig>& named,
                                              std::uint16_t port) {
    std::vector<ListenerConfig> listeners{{.address = "127.0.0.1", .port = port}};
    if (named == std::vector<ListenerConfig>{ListenerConfig{}}) return listeners;
    for (ListenerConfig listener : named) {
        listener.address = "127.0.0.1";
        listener.port = 0;
        listeners.push_back(std::move(listener));
    }
    return listeners;
}

}  // namespace

Config configuration_of(const ServeCommand& command) {
    Config config = command.config_file ? read_config(*command.config_file) : Config{};
    config.tls_keylog = command.tls_keylog;
    if (!command.test) return config;
    config.test_mode = true;
    config.allow_anonymous_remote = false;
    if (!command.config_file) config.events.keep_all = true;  // a file says it itself
    config.mqtt_listeners = listeners_of_test(config.mqtt_listeners, command.mqtt_port.value_or(0));
    std::optional<net::TlsSettings> tls;
    if (config.http_listener) tls = config.http_listener->tls;
    config.http_listener = ListenerConfig{
        .address = "127.0.0.1", .port = command.http_port.value_or(0), .tls = std::move(tls)};
    if (command.threads) config.threads = *command.threads;
    if (command.oversubscribe) config.oversubscribe = true;
    config.data_directory = command.data_directory;
    return config;
}

}  // namespace holdfast
