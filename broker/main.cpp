// The program: arguments to a command, signals to the server, errors to one line and an exit code.

#include "access/text_file.hpp"
#include "api/installation.hpp"
#include "api_asker.hpp"
#include "banner.hpp"
#include "base/digest.hpp"
#include "base/environment.hpp"
#include "certificate_files.hpp"
#include "command_line.hpp"
#include "config_writer.hpp"
#include "exit_code.hpp"
#include "explain.hpp"
#include "key_command.hpp"
#include "log.hpp"
#include "process.hpp"
#include "prompt.hpp"
#include "server.hpp"
#include "signals.hpp"
#include "user_command.hpp"

#include <unistd.h>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace holdfast;

void print(std::FILE* stream, const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stream);
    std::fflush(stream);
}

ExitCode refuse(const std::string& why, ExitCode code) {
    print(stderr, "holdfast: " + why + "\n");
    return code;
}

void tell(EventSink& events, Severity severity, std::string_view name, std::string_view detail) {
    Event event;
    event.severity = severity;
    event.name = name;
    event.detail = detail;
    events.on_event(event);
}

void tell_fewer_threads(std::size_t asked, std::size_t started, EventSink& events) {
    if (started >= asked) return;
    tell(events, Severity::warning, "threads_lowered",
         std::to_string(asked) + " threads are asked for, and the processors that this process may use "
             "come to " + std::to_string(started) + ": so many are started, since more would take turns; "
             "oversubscribe = true under [server] (with serve --test: --oversubscribe) starts all");
}

void announce(const Config& config, const StartedProcess& started, EventSink& events) {
    for (const BannerLine& line : banner(config, started)) {
        if (config.test_mode) break;
        if (config.log_format == LogFormat::json) {
            tell(events, line.severity, "started", line.text);
        } else {
            const char* const mark = line.severity == Severity::warning ? "WARNING: " : "";
            print(stderr, mark + line.text + "\n");
        }
    }
    print(stdout, ready_line(config, started) + "\n");
    if (const auto told = notify_service_manager("READY=1"); told.has_error()) {
        tell(events, Severity::warning, "service_manager_not_told", told.error().message());
    }
}

SignalWatcher::Handlers handlers_for(Server& server, Log& log) {
    return {
        .on_stop =
            [&server, &log] {
                tell(log, Severity::info, "stopping", "a signal asked for it");
                (void)notify_service_manager("STOPPING=1");  // nothing follows from a failure
                server.stop();
            },
        .on_second_stop =
            [] {
                print(stderr, "holdfast: a second signal ends the graceful stop\n");
                std::_Exit(static_cast<int>(ExitCode::cut_short));
            },
        .on_reload =
            [&server, &log] {
                tell(log, Severity::info, "reloading",
                     "SIGHUP: the files that the configuration names are read again; the "
                     "configuration itself is not");
                server.reload();
            },
        .on_second_passed = [&log] { log.tell_withheld(); },
    };
}

/// Where the administrator's first password can be read: a file, or here when nothing is kept.
std::string place_of(const std::optional<std::string>& password, const Config& config) {
    if (!password) return {};
    if (!config.data_directory) return *password;
    return "in " + leave_first_password(*config.data_directory, *password);
}

/// OpenSSL takes a millisecond to get ready, which its first digest waits for, and the database two.
Storage open_storage_meanwhile(const Config& config, EventSink& events) {
    const std::jthread cryptography{[] { (void)sha256({}); }};
    return open_storage(config, events);
}

ExitCode serve(const ServeCommand& command) {
    const Config config = configuration_of(command);
    ignore_broken_pipes();
    const SystemClock clock;
    SystemRandom random;
    Log log{clock, {config.log_level, config.log_format}, make_stderr_writer()};
    if (const auto raised = raise_descriptor_limit(); raised.has_error()) {
        tell(log, Severity::warning, "descriptor_limit_not_raised", raised.error().message());
    }
    Server server{config, open_storage_meanwhile(config, log), clock, random, log};
    server.start();
    tell_fewer_threads(config.threads, server.threads(), log);
    const SignalWatcher signals{handlers_for(server, log)};
    const Server::Ports ports = server.ports();
    const auto [access_key, secret_key] = server.test_key();
    announce(config,
             {.mqtt_port = ports.mqtt,
              .mqtt_ports = ports.all_mqtt,
              .http_port = ports.http,
              .pid = getpid(),
              .threads = server.threads(),
              .project_id = server.project_id(),
              .token = config.test_mode ? server.issue_token() : std::string{},
              .access_key = access_key,
              .secret_key = secret_key,
              .first_password_place = place_of(server.first_password(), config)},
             log);
    server.wait();
    tell(log, Severity::info, "stopped", "everything is closed");
    return ExitCode::ok;
}

ExitCode check_config(const CheckConfigCommand& command) {
    const Config config = read_config(command.file);
    const SystemClock clock;
    SystemRandom random;
    access::Access access{config.access, clock, random};
    const auto loaded = access.load();
    if (!loaded) return refuse(loaded.error().message(), ExitCode::configuration);
    print(stdout, to_toml(config));
    return ExitCode::ok;
}

ExitCode change_users(const UserCommand& command) {
    SystemRandom random;
    const auto ask = [&]() -> std::optional<std::string> {
        auto password = read_password("Password: ");
        if (is_terminal() && password != read_password("Once more: ")) return std::nullopt;
        return password;
    };
    const auto done = run_user_command(command, ask, random);
    if (!done) return refuse(done.error().message(), ExitCode::configuration);
    print(stdout, *done);
    return ExitCode::ok;
}

ExitCode explain_access(const ExplainCommand& command) {
    const Config config = read_config(command.config_file);
    const SystemClock clock;
    SystemRandom random;
    access::Access access{config.access, clock, random};
    const auto loaded = access.load();
    if (!loaded) return refuse(loaded.error().message(), ExitCode::configuration);
    print(stdout, explain(command, config, access));
    return ExitCode::ok;
}

ExitCode look_into(const StoreCommand& command) {
    const auto print_line = [](std::string_view line) { print(stdout, std::string{line} + "\n"); };
    const bool is_healthy = command.action == StoreCommand::Action::verify
                                ? verify_storage(command.data_directory, print_line)
                                : dump_storage(command.data_directory, print_line);
    return is_healthy ? ExitCode::ok : ExitCode::store;
}

ExitCode make_certificates(const TlsCommand& command) {
    const CertificateReport report =
        command.action == TlsCommand::Action::init
            ? make_server_files(command.folder, command.names, command.days)
        : command.action == TlsCommand::Action::client
            ? make_client_files(command.folder, command.names.front(), command.days)
            : revoke_client(command.folder, command.names.front(), command.days);
    if (!report.is_good) return refuse(report.text, ExitCode::configuration);
    print(stdout, report.text);
    return ExitCode::ok;
}

/// The first line of the file; or what is typed.
std::optional<std::string> password_from(const std::string& file, const std::string& prompt) {
    if (file.empty()) return read_password(prompt);
    const auto text = access::read_text_file(file);
    if (!text) return std::nullopt;
    return text->substr(0, text->find('\n'));
}

ExitCode finish(const ApiReport& report) {
    if (!report.is_good) return refuse(report.text, ExitCode::refused);
    print(stdout, report.text);
    return ExitCode::ok;
}

ExitCode change_keys(const KeyCommand& command) {
    const SystemClock clock;
    const ApiAsker asker = make_api_asker(command.server, clock);
    if (!asker.fault.empty()) return refuse(asker.fault, ExitCode::configuration);
    return finish(run_key_command(command, asker.ask, [&](const std::string& prompt) {
        return password_from(command.server.password_file, prompt);
    }));
}

/// The password that nobody knows any more; the server does not run.
ExitCode reset_password(const std::string& data_directory) {
    Config config;
    config.data_directory = data_directory;
    const SystemClock clock;
    SystemRandom random;
    Log log{clock, {config.log_level, config.log_format}, make_stderr_writer()};
    const Storage storage = open_storage(config, log);
    const auto password = read_password("New password: ");
    if (!password || password->size() < api::password_characters_min ||
        password->size() > password_bytes_max) {
        return refuse("the password must have 8 to 1024 bytes; nothing was changed",
                      ExitCode::configuration);
    }
    const auto done = api::reset_administrator(
        {.catalogue = *storage.catalogue, .random = random, .clock = clock, .cost = {}}, *password);
    if (done.has_error()) return refuse(done.error().message(), ExitCode::store);
    return ExitCode::ok;
}

ExitCode change_password(const AdminCommand& command) {
    if (!command.data_directory.empty()) return reset_password(command.data_directory);
    const SystemClock clock;
    const ApiAsker asker = make_api_asker(command.server, clock);
    if (!asker.fault.empty()) return refuse(asker.fault, ExitCode::configuration);
    return finish(run_admin_command(asker.ask, read_password));
}

ExitCode run(const std::vector<std::string>& arguments) {
    const auto command = parse_command_line(arguments);
    if (!command) return refuse(command.error().message, ExitCode::usage);
    if (const auto* const asked = std::get_if<ServeCommand>(&*command)) return serve(*asked);
    if (const auto* const asked = std::get_if<CheckConfigCommand>(&*command)) {
        return check_config(*asked);
    }
    if (const auto* const asked = std::get_if<StoreCommand>(&*command)) return look_into(*asked);
    if (const auto* const asked = std::get_if<TlsCommand>(&*command)) return make_certificates(*asked);
    if (const auto* const asked = std::get_if<UserCommand>(&*command)) return change_users(*asked);
    if (const auto* const asked = std::get_if<ExplainCommand>(&*command)) {
        return explain_access(*asked);
    }
    if (const auto* const asked = std::get_if<KeyCommand>(&*command)) return change_keys(*asked);
    if (const auto* const asked = std::get_if<AdminCommand>(&*command)) {
        return change_password(*asked);
    }
    const auto* const help = std::get_if<HelpCommand>(&*command);
    print(stdout, help != nullptr ? help_text(*help) : version_text());
    return ExitCode::ok;
}

}  // namespace

int main(int argument_count, char** arguments) {
    ExitCode code = ExitCode::internal;
    try {
        code = run({arguments + 1, arguments + argument_count});
    } catch (const ConfigError& error) {
        code = refuse(error.what(), ExitCode::configuration);
    } catch (const StorageError& error) {
        code = refuse(error.what(), ExitCode::store);
    } catch (const ListenError& error) {
        code = refuse(error.what(), ExitCode::listen);
    } catch (const std::exception& error) {
        code = refuse(std::string{"internal error: "} + error.what(), ExitCode::internal);
    }
    return static_cast<int>(code);
}
