#pragma once
// The checked configuration of the server, and reading it from a TOML file. What comes out of here
// needs no further check: every value is in its range and every combination makes sense.
// A file that is wrong in any way is an error that says where, what and what to write instead;
// nothing unknown is ignored. The keys themselves are listed in config_keys.hpp.
// Limitations: a file is read once, at the start; SIGHUP reads only the files that [access] names again.

#include "access/access_files.hpp"
#include "api/async_command_settings.hpp"
#include "api/device_requests.hpp"
#include "api/event_settings.hpp"
#include "api/http_limits.hpp"
#include "api/payload_composer.hpp"
#include "api/push_settings.hpp"
#include "base/limits.hpp"
#include "base/telemetry.hpp"
#include "base/time.hpp"
#include "delivery/settings.hpp"
#include "http_login_settings.hpp"
#include "net/listener_settings.hpp"
#include "store/sync_policy.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

enum class LogFormat : std::uint8_t { text, json };

using ListenerConfig = net::ListenerSettings;

struct Config {
    std::vector<ListenerConfig> mqtt_listeners;
    std::optional<ListenerConfig> http_listener;
    unsigned threads = 0;  ///< 0: one per processor, in the file the word "auto"
    bool oversubscribe = false;
    bool allow_anonymous_remote = false;
    access::AccessFiles access;
    HttpLoginSettings http_login;
    std::optional<Seconds> sys_topics_interval = Seconds{10};  ///< empty: no $SYS topics
    Seconds shutdown_grace{5};
    /// Empty: everything in memory, in the file the word "memory".
    std::optional<std::string> data_directory = "holdfast-data";
    store::SyncPolicy sync = store::SyncPolicy::always;
    Milliseconds sync_interval{1000};  ///< with SyncPolicy::interval
    std::string response_information_prefix;    ///< empty: no Response Information
    Severity log_level = Severity::info;
    LogFormat log_format = LogFormat::text;
    bool test_mode = false;
    std::string tls_keylog;  ///< a file for the secrets of TLS, for debugging; empty: none
    Limits limits;
    api::HttpLimits http_limits;
    delivery::DeliverySettings delivery;
    api::EventSettings events;
    api::PushSettings push;
    api::PayloadSettings payload;
    /// A device may use no topic below its `user/` while its product defines none; else all of them.
    bool custom_topics_required = false;
    api::DeviceRequestSettings device_requests;
    api::AsyncCommandSettings async_commands;
};

/// What is wrong with a configuration, where, and what to write instead, in one line.
class ConfigError : public std::runtime_error {
public:
    struct Place {
        std::string source;  ///< the file's name
        unsigned line = 0;   ///< from 1; 0: the file as a whole
        unsigned column = 0;  ///< from 1; 0: the line as a whole
    };
    ConfigError(Place place, std::string key, const std::string& problem,
                const std::string& remedy);

    [[nodiscard]] const Place& place() const { return place_; }
    /// The key with its section, `limits.packet_bytes_max`; empty where no key is to blame.
    [[nodiscard]] const std::string& key() const { return key_; }

private:
    Place place_;
    std::string key_;
};

/// Throws ConfigError, also when the file cannot be read.
[[nodiscard]] Config read_config(const std::filesystem::path& file);

/// The same from text; `source_name` stands for the file in error messages. Throws ConfigError.
[[nodiscard]] Config parse_config(std::string_view toml, std::string_view source_name);

/// Whether an IP address can only be reached from this machine.
[[nodiscard]] bool is_loopback(std::string_view address);

/// Whether only this machine reaches it.
[[nodiscard]] bool is_local(const ListenerConfig& listener);
/// Whether the listener lets clients in that say nothing of themselves.
[[nodiscard]] bool lets_anonymous_in(const ListenerConfig& listener, const Config& config);

}  // namespace holdfast
