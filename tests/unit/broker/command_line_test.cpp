#include "command_line.hpp"

#include <boost/test/unit_test.hpp>

#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <string>

namespace {

using namespace holdfast;
using Arguments = std::vector<std::string>;

template <class T>
T command_of(const Arguments& arguments) {
    const auto parsed = parse_command_line(arguments);
    BOOST_TEST_REQUIRE(parsed.has_value(), parsed.error().message);
    BOOST_TEST_REQUIRE(std::holds_alternative<T>(*parsed));
    return std::get<T>(*parsed);
}

std::string error_of(const Arguments& arguments) {
    const auto parsed = parse_command_line(arguments);
    return parsed.has_value() ? "no error" : parsed.error().message;
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(command_line)

BOOST_AUTO_TEST_CASE(serve_takes_a_configuration_file) {
    const auto serve = command_of<ServeCommand>({"serve", "--config", "hub.toml"});
    BOOST_TEST(!serve.test);
    BOOST_TEST((serve.config_file == "hub.toml"));
    BOOST_TEST((command_of<ServeCommand>({"serve", "--config=a.toml"}).config_file == "a.toml"));
}

BOOST_AUTO_TEST_CASE(serve_test_takes_ports_threads_data_and_a_file) {
    const auto bare = command_of<ServeCommand>({"serve", "--test"});
    BOOST_TEST(bare.test);
    BOOST_TEST((!bare.mqtt_port && !bare.http_port && !bare.threads && !bare.data_directory));
    const auto full =
        command_of<ServeCommand>({"serve", "--test", "--mqtt-port", "1884", "--http-port", "0",
                                  "--threads", "8", "--oversubscribe", "--data", "/tmp/x",
                                  "--config", "a.toml"});
    BOOST_TEST((full.mqtt_port == 1884));
    BOOST_TEST((full.http_port == 0));
    BOOST_TEST((full.threads == 8U));
    BOOST_TEST((full.oversubscribe && !bare.oversubscribe));
    BOOST_TEST((full.data_directory == "/tmp/x"));
    BOOST_TEST((full.config_file == "a.toml"));
}

BOOST_AUTO_TEST_CASE(serve_without_a_mode_is_refused) {
    BOOST_TEST(has(error_of({"serve"}), "--config FILE"));
    for (const char* const option : {"--mqtt-port", "--http-port", "--threads", "--data"}) {
        const std::string error = error_of({"serve", "--config", "a.toml", option, "1"});
        BOOST_TEST(has(error, std::string{option} + " goes with --test"), error);
    }
}

BOOST_AUTO_TEST_CASE(numbers_are_met_at_their_bounds_and_refused_beyond) {
    BOOST_TEST((command_of<ServeCommand>({"serve", "--test", "--mqtt-port", "65535"}).mqtt_port ==
                65'535));
    BOOST_TEST(
        (command_of<ServeCommand>({"serve", "--test", "--threads", "1024"}).threads == 1024U));
    for (const char* const text : {"65536", "-1", "x", "", "1x", "99999999999"}) {
        BOOST_TEST(
            has(error_of({"serve", "--test", std::string{"--mqtt-port="} + text}), "mqtt-port"));
    }
    BOOST_TEST(has(error_of({"serve", "--test", "--threads", "0"}), "write 1 to 1024"));
    BOOST_TEST(has(error_of({"serve", "--test", "--threads", "1025"}), "write 1 to 1024"));
}

BOOST_AUTO_TEST_CASE(unknown_words_suggest_the_near_one) {
    BOOST_TEST(error_of({"serv"}) == "there is no command `serv`; did you mean `serve`?");
    BOOST_TEST(error_of({"check_config"}) ==
               "there is no command `check_config`; did you mean `check-config`?");
    BOOST_TEST(error_of({"--versoin"}) ==
               "there is no option `--versoin`; did you mean `--version`?");
    BOOST_TEST(error_of({"serve", "--tset"}) ==
               "there is no option `--tset`; did you mean `--test`?");
    BOOST_TEST(error_of({"serve", "--test", "--mqttport", "1"}) ==
               "there is no option `--mqttport`; did you mean `--mqtt-port`?");
    BOOST_TEST(has(error_of({"serve", "--test", "--purple"}), "`holdfast help serve`"));
    BOOST_TEST(has(error_of({"help", "serv"}), "did you mean `serve`?"));
    BOOST_TEST(has(error_of({"dance"}), "`holdfast help` lists"));
}

BOOST_AUTO_TEST_CASE(an_option_is_not_guessed_from_its_beginning) {
    BOOST_TEST(has(error_of({"serve", "--test", "--mqtt", "1"}), "there is no option `--mqtt`"));
}

BOOST_AUTO_TEST_CASE(missing_and_superfluous_words_are_refused) {
    BOOST_TEST(has(error_of({}), "a command is missing"));
    BOOST_TEST(has(error_of({"serve", "--config"}), "config"));
    BOOST_TEST(has(error_of({"serve", "--test", "now"}), "a word too many"));
    BOOST_TEST(has(error_of({"serve", "--test", "--threads", "1", "--threads", "2"}), "threads"));
    BOOST_TEST(has(error_of({"check-config"}), "needs the name of a file"));
    BOOST_TEST(has(error_of({"check-config", "a", "b"}), "one file at a time"));
    BOOST_TEST(has(error_of({"--version", "now"}), "nothing follows"));
    BOOST_TEST(has(error_of({"help", "serve", "now"}), "no help"));
}

BOOST_AUTO_TEST_CASE(check_config_takes_a_file) {
    BOOST_TEST((command_of<CheckConfigCommand>({"check-config", "a.toml"}).file == "a.toml"));
}

BOOST_AUTO_TEST_CASE(help_can_be_asked_for_in_every_place) {
    BOOST_TEST(command_of<HelpCommand>({"--help"}).command.empty());
    BOOST_TEST(command_of<HelpCommand>({"-h"}).command.empty());
    BOOST_TEST(command_of<HelpCommand>({"help"}).command.empty());
    BOOST_TEST(command_of<HelpCommand>({"help", "serve"}).command == "serve");
    BOOST_TEST(command_of<HelpCommand>({"serve", "--help"}).command == "serve");
    BOOST_TEST(command_of<HelpCommand>({"check-config", "-h"}).command == "check-config");
}

BOOST_AUTO_TEST_CASE(the_help_names_every_command_and_option) {
    const std::string program = help_text({});
    for (const char* const part : {"serve", "check-config", "--version", "help", "Exit codes"}) {
        BOOST_TEST(has(program, part), part);
    }
    const std::string serve = help_text({"serve"});
    for (const char* const part : {"--config", "--test", "--mqtt-port", "--http-port", "--threads",
                                   "--oversubscribe", "--data", "--help", "{\"ready\":true", "SIGTERM"}) {
        BOOST_TEST(has(serve, part), part);
    }
    BOOST_TEST(has(help_text({"check-config"}), "holdfast check-config FILE"));
}

BOOST_AUTO_TEST_CASE(the_version_names_what_it_is_built_with) {
    command_of<VersionCommand>({"--version"});
    const std::string version = version_text();
    for (const char* const part : {"holdfast ", "compiler: ", "Boost: 1.", "OpenSSL: OpenSSL 3"}) {
        BOOST_TEST(has(version, part), part);
    }
}

BOOST_AUTO_TEST_CASE(store_looks_into_a_directory) {
    const auto verify = command_of<StoreCommand>({"store", "verify", "data"});
    BOOST_TEST((verify.action == StoreCommand::Action::verify));
    BOOST_TEST(verify.data_directory == "data");
    const auto dump = command_of<StoreCommand>({"store", "dump", "data"});
    BOOST_TEST((dump.action == StoreCommand::Action::dump));
    BOOST_TEST(has(error_of({"store"}), "verify or dump"));
    BOOST_TEST(has(error_of({"store", "verify"}), "a data directory"));
    BOOST_TEST(has(error_of({"store", "verfy", "data"}), "verify"));
    BOOST_TEST(command_of<HelpCommand>({"store", "--help"}).command == "store");
    BOOST_TEST(has(help_text({"store"}), "dump"));
}

BOOST_AUTO_TEST_CASE(a_test_server_stays_on_loopback_whatever_the_file_says) {
    ServeCommand command;
    command.test = true;
    const Config bare = configuration_of(command);
    BOOST_TEST(bare.test_mode);
    BOOST_TEST(bare.mqtt_listeners.size() == 1U);
    BOOST_TEST((bare.mqtt_listeners.front() == ListenerConfig{"127.0.0.1", 0}));
    BOOST_TEST((bare.http_listener == ListenerConfig{"127.0.0.1", 0}));
    BOOST_TEST(bare.threads == 0U);

    command.config_file = "docs/holdfast.example.toml";
    command.mqtt_port = std::uint16_t{1900};
    command.threads = 2;
    const Config with_file = configuration_of(command);
    BOOST_TEST((with_file.mqtt_listeners.front() == ListenerConfig{"127.0.0.1", 1900}));
    BOOST_TEST((with_file.http_listener == ListenerConfig{"127.0.0.1", 0}));
    BOOST_TEST(with_file.threads == 2U);
    BOOST_TEST(with_file.limits.queue_messages_max == 10'000U);
}

BOOST_AUTO_TEST_CASE(listeners_of_a_test_servers_file_come_behind_the_plain_one_on_free_ports) {
    const std::filesystem::path file =
        std::filesystem::temp_directory_path() / ("holdfast-" + std::to_string(::getpid()) + ".toml");
    std::ofstream{file} << "[mqtt]\nlisteners = [{ port = 8083, websocket = true }, { path = \"s\" }]\n";
    ServeCommand command;
    command.test = true;
    command.config_file = file;
    const Config config = configuration_of(command);
    std::filesystem::remove(file);
    BOOST_TEST_REQUIRE(config.mqtt_listeners.size() == 3U);
    BOOST_TEST((config.mqtt_listeners[0] == ListenerConfig{"127.0.0.1", 0}));
    BOOST_TEST(config.mqtt_listeners[1].port == 0U);
    BOOST_TEST(config.mqtt_listeners[1].websocket.has_value());
    BOOST_TEST(config.mqtt_listeners[2].path == "s");
}

BOOST_AUTO_TEST_CASE(tls_makes_files_of_an_authority) {
    const TlsCommand init = command_of<TlsCommand>({"tls", "init"});
    BOOST_TEST((init.action == TlsCommand::Action::init));
    BOOST_TEST(init.folder == "tls");
    BOOST_TEST(init.names == (std::vector<std::string>{"localhost", "127.0.0.1"}),
               boost::test_tools::per_element());
    const TlsCommand named = command_of<TlsCommand>(
        {"tls", "init", "--dir", "d", "--name", "hub.example", "--days", "30"});
    BOOST_TEST(named.folder == "d");
    BOOST_TEST(named.names.front() == "hub.example");
    BOOST_TEST(named.days == 30);
    const TlsCommand client = command_of<TlsCommand>({"tls", "client", "--dir", "d", "pump-7"});
    BOOST_TEST((client.action == TlsCommand::Action::client));
    BOOST_TEST(client.names.front() == "pump-7");
    BOOST_TEST((command_of<TlsCommand>({"tls", "revoke", "pump-7"}).action == TlsCommand::Action::revoke));

    BOOST_TEST(has(error_of({"tls"}), "init, client or revoke"));
    BOOST_TEST(has(error_of({"tls", "int"}), "did you mean `init`?"));
    BOOST_TEST(has(error_of({"tls", "init", "hub.example"}), "write --name hub.example"));
    BOOST_TEST(has(error_of({"tls", "init", "--days"}), "--days needs a value"));
    BOOST_TEST(has(error_of({"tls", "init", "--days", "0"}), "write 1 to 3650"));
    BOOST_TEST(has(error_of({"tls", "init", "--folder", "d"}), "there is no option `--folder`"));
    BOOST_TEST(has(error_of({"tls", "client"}), "name one client"));
    BOOST_TEST(has(error_of({"tls", "client", "a", "b"}), "name one client"));
    BOOST_TEST(command_of<HelpCommand>({"tls", "--help"}).command == "tls");
    BOOST_TEST(has(help_text({"tls"}), "private certificate authority"));
}

BOOST_AUTO_TEST_CASE(a_real_server_is_what_its_file_says) {
    ServeCommand command;
    command.config_file = "docs/holdfast.example.toml";
    const Config config = configuration_of(command);
    BOOST_TEST(!config.test_mode);
    BOOST_TEST((config.mqtt_listeners.front() == ListenerConfig{"127.0.0.1", 1883}));
    command.config_file = "/nonexistent.toml";
    BOOST_CHECK_THROW((void)configuration_of(command), ConfigError);
}

BOOST_AUTO_TEST_SUITE_END()
