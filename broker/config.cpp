#include "config.hpp"

#include "api/http_url.hpp"
#include "base/topic.hpp"
#include "config_keys.hpp"
#include "config_listeners.hpp"
#include "config_transports.hpp"
#include "suggestion.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

namespace holdfast {

namespace {

constexpr std::size_t file_bytes_max = 1024 * 1024;
constexpr std::size_t prefix_bytes_max = 1024;

std::string message_of(const ConfigError::Place& place, const std::string& key,
                       const std::string& problem, const std::string& remedy) {
    std::string text = place.source;
    if (place.line != 0) {
        text += ":" + std::to_string(place.line);
        if (place.column != 0) text += ":" + std::to_string(place.column);
    }
    text += ": ";
    if (!key.empty()) text += key + ": ";
    return text + problem + "; " + remedy;
}

/// Reads one file's tables into a Config. Lives for one parse_config.
class Reader {
public:
    explicit Reader(std::string_view source_name) : source_name_(source_name) {}

    [[nodiscard]] Config read(const toml::table& root);

private:
    template <class Where>
    [[noreturn]] void fail(const Where& where, const std::string& key, const std::string& problem,
                           const std::string& remedy) const {
        fail_at(source_name_, where, key, problem, remedy);
    }

    void read_section(std::string_view section, const toml::table& table);
    void read_plain(const ConfigKey& key, const std::string& path, const toml::node& node);
    void read_special(const std::string& path, const toml::node& node);
    void read_data_directory(const std::string& path, const toml::node& node);
    void read_sync(const std::string& path, const toml::node& node);
    void read_access(const std::string& path, const toml::node& node);
    void read_http_login(const std::string& path, const toml::node& node);

    [[noreturn]] void unknown_section(std::string_view name, const toml::key& key) const;
    [[noreturn]] void unknown_key(std::string_view section, const toml::key& key) const;

    [[nodiscard]] std::uint64_t integer_of(const ConfigKey& key, const std::string& path,
                                           const toml::node& node) const;
    [[nodiscard]] std::uint64_t text_of(const ConfigKey& key, const std::string& path,
                                        const toml::node& node) const;

    std::string source_name_;
    Config config_;
    ConfigListeners listeners_{source_name_, config_};
};

/// Which section has a key of this name; empty when none.
std::string_view section_with(std::string_view name) {
    for (const std::string_view section : section_names()) {
        if (std::ranges::find(key_names(section), name) != key_names(section).end()) return section;
    }
    return {};
}

Config Reader::read(const toml::table& root) {
    for (const auto& [key, node] : root) {
        const std::string_view name = key.str();
        if (std::ranges::find(section_names(), name) == section_names().end()) {
            unknown_section(name, key);
        }
        const toml::table* const table = node.as_table();
        if (table == nullptr) {
            fail(key.source().begin, std::string{name}, "is a section, not a key",
                 "write [" + std::string{name} + "] on a line of its own and its keys below");
        }
        read_section(name, *table);
    }
    listeners_.check();
    return std::move(config_);
}

void Reader::unknown_section(std::string_view name, const toml::key& key) const {
    const std::string_view home = section_with(name);
    if (!home.empty()) {
        fail(key.source().begin, std::string{name}, "is a key of another section",
             "move it below [" + std::string{home} + "]");
    }
    fail(key.source().begin, std::string{name}, "there is no such section",
         suggest(name, section_names(), "docs/configuration.md lists the sections"));
}

void Reader::unknown_key(std::string_view section, const toml::key& key) const {
    const std::string_view name = key.str();
    std::string path = std::string{section} + "." + std::string{name};
    const std::string_view home = section_with(name);
    if (!home.empty()) {
        fail(key.source().begin, path, "is a key of another section",
             "move it below [" + std::string{home} + "]");
    }
    fail(key.source().begin, path, "there is no such key",
         suggest(name, key_names(section), "docs/configuration.md lists the keys"));
}

void Reader::read_section(std::string_view section, const toml::table& table) {
    for (const auto& [key, node] : table) {
        const std::string_view name = key.str();
        const auto names = key_names(section);
        if (std::ranges::find(names, name) == names.end()) unknown_key(section, key);
        const std::string path = std::string{section} + "." + std::string{name};
        const auto plain = std::ranges::find_if(config_keys(), [&](const ConfigKey& candidate) {
            return candidate.section == section && candidate.name == name;
        });
        if (plain != config_keys().end())
            read_plain(*plain, path, node);
        else
            read_special(path, node);
    }
    if (section == "http") listeners_.read_http(table);
}

void Reader::read_plain(const ConfigKey& key, const std::string& path, const toml::node& node) {
    if (key.kind == ValueKind::flag) {
        const auto flag = node.value_exact<bool>();
        if (!flag) fail(node, path, "is not a truth value", "write true or false, without quotes");
        key.store(config_, *flag ? 1 : 0);
        return;
    }
    key.store(config_, node.is_string() ? text_of(key, path, node) : integer_of(key, path, node));
}

std::uint64_t Reader::integer_of(const ConfigKey& key, const std::string& path,
                                 const toml::node& node) const {
    const std::string remedy = "write " + describe_range(key);
    const auto number = node.value_exact<std::int64_t>();
    if (!number || key.kind == ValueKind::choice) fail(node, path, "has the wrong type", remedy);
    if (key.kind == ValueKind::duration || key.kind == ValueKind::brief) {
        fail(node, path, "a duration has its unit with it",
             "write " + in_quotes(std::to_string(*number) + "s") + " for seconds, or m, h, d");
    }
    const bool is_in_range = *number >= 0 && std::cmp_greater_equal(*number, key.minimum) &&
                             std::cmp_less_equal(*number, key.maximum);
    if (!is_in_range) fail(node, path, std::to_string(*number) + " is out of range", remedy);
    return static_cast<std::uint64_t>(*number);
}

std::uint64_t Reader::text_of(const ConfigKey& key, const std::string& path,
                              const toml::node& node) const {
    const std::string text = node.value_or(std::string{});
    const std::string remedy = "write " + describe_range(key);
    if (!key.open_word.empty() && text == key.open_word) return open_value;
    if (key.kind == ValueKind::choice) {
        const auto word = std::ranges::find(key.choices, text);
        if (word == key.choices.end()) {
            fail(node, path, in_quotes(text) + " is not known", suggest(text, key.choices, remedy));
        }
        return static_cast<std::uint64_t>(word - key.choices.begin());
    }
    std::optional<std::uint64_t> number;
    if (key.kind == ValueKind::bytes) number = parse_bytes(text);
    if (key.kind == ValueKind::duration) number = parse_duration(text);
    if (key.kind == ValueKind::brief) number = parse_brief(text);
    if (!number) fail(node, path, in_quotes(text) + " is not understood", remedy);
    if (*number < key.minimum || *number > key.maximum) {
        fail(node, path, in_quotes(text) + " is out of range", remedy);
    }
    return *number;
}

void Reader::read_special(const std::string& path, const toml::node& node) {
    if (path == "mqtt.listeners") {
        listeners_.read_mqtt(node);
    } else if (path == "mqtt.response_information_prefix") {
        const auto prefix = node.value_exact<std::string>();
        const bool is_good = prefix && (prefix->empty() ||
                                        (prefix->size() <= prefix_bytes_max &&
                                         is_valid_topic_name(*prefix, Limits{}.topic_levels_max)));
        if (!is_good) {
            fail(node, path, "is not the beginning of a topic name",
                 "write a text without + and #, of at most 1024 bytes, or leave the key out");
        }
        config_.response_information_prefix = *prefix;
    } else if (path == "store.data_directory") {
        read_data_directory(path, node);
    } else if (path == "store.sync") {
        read_sync(path, node);
    } else if (path == "push.allowed_networks") {
        config_.push.allowed_networks = read_networks(ConfigNode{source_name_, path, node});
    } else if (path.starts_with("access.http_login")) {
        read_http_login(path, node);
    } else if (path.starts_with("access.")) {
        read_access(path, node);
    }
    // http.address and http.port belong together: ConfigListeners::read_http.
}

void Reader::read_data_directory(const std::string& path, const toml::node& node) {
    const auto text = node.value_exact<std::string>();
    if (!text || text->empty()) {
        fail(node, path, "is not the name of a folder",
             "write a path, or \"memory\" to keep nothing when the process ends");
    }
    config_.data_directory = *text == "memory" ? std::nullopt : text;
}

void Reader::read_access(const std::string& path, const toml::node& node) {
    const auto text = node.value_exact<std::string>();
    access::AccessFiles& files = config_.access;
    if (path == "access.jwt_issuer" || path == "access.jwt_audience") {
        if (!text) fail(node, path, "is no text", "write what tokens say, or leave the key out");
        (path == "access.jwt_issuer" ? files.jwt_issuer : files.jwt_audience) = *text;
        return;
    }
    if (!text) fail(node, path, "is not the name of a file", "write a path, or leave the key out");
    if (path == "access.users_file") files.users_file = *text;
    if (path == "access.password_file") files.password_file = *text;
    if (path == "access.acl_file") files.acl_file = *text;
    if (path == "access.rules_file") files.rules_file = *text;
    if (path == "access.jwt_key_file") files.jwt_key_file = *text;
    if (path == "access.jwt_keys_file") files.jwt_keys_file = *text;
    if (!files.jwt_key_file.empty() && !files.jwt_keys_file.empty()) {
        fail(node, path, "one key and a set of keys cannot both decide",
             "keep one of jwt_key_file and jwt_keys_file");
    }
    if (!files.acl_file.empty() && !files.rules_file.empty()) {
        fail(node, path, "rules and an ACL file cannot both decide",
             "keep one of acl_file and rules_file");
    }
}

void Reader::read_http_login(const std::string& path, const toml::node& node) {
    const auto text = node.value_exact<std::string>();
    if (path == "access.http_login_ca_file") {
        if (!text) fail(node, path, "is not the name of a file", "write a path, or leave the key out");
        config_.http_login.ca_file = *text;
        return;
    }
    const std::string remedy = "write one such as \"https://127.0.0.1:8443/login\", or leave the key out";
    if (!text) fail(node, path, "is no URL", remedy);
    if (const auto url = api::parse_http_url(*text); !text->empty() && !url) {
        fail(node, path, url.error(), remedy);
    }
    config_.http_login.url = *text;
}

void Reader::read_sync(const std::string& path, const toml::node& node) {
    constexpr std::string_view interval_prefix = "interval:";
    constexpr std::uint64_t interval_max = 60'000;
    const std::string text = node.value_or(std::string{});
    if (text == "always") {
        config_.sync = store::SyncPolicy::always;
    } else if (text == "never") {
        config_.sync = store::SyncPolicy::never;
    } else {
        const auto number = text.starts_with(interval_prefix)
                                ? parse_brief(std::string_view{text}.substr(interval_prefix.size()))
                                : std::nullopt;
        if (!number || *number < 1 || *number > interval_max) {
            fail(node, path, in_quotes(text) + " is not understood",
                 "write \"always\", \"never\", or \"interval:\" and a duration from 1ms to 1m, "
                 "such as \"interval:100ms\"");
        }
        config_.sync = store::SyncPolicy::interval;
        config_.sync_interval = Milliseconds{static_cast<Milliseconds::rep>(*number)};
    }
}

}  // namespace

void fail_at(const std::string& source_name, const toml::source_position& position,
             const std::string& key, const std::string& problem, const std::string& remedy) {
    throw ConfigError{{source_name, position.line, position.column}, key, problem, remedy};
}

ConfigError::ConfigError(Place place, std::string key, const std::string& problem,
                         const std::string& remedy)
    : std::runtime_error(message_of(place, key, problem, remedy)),
      place_(std::move(place)),
      key_(std::move(key)) {}

Config read_config(const std::filesystem::path& file) {
    const auto cannot_read = [&file](const std::string& why) {
        return ConfigError{{file.string()},
                           {},
                           "the file cannot be read: " + why,
                           "name a readable file; docs/holdfast.example.toml is one to start from"};
    };
    std::ifstream stream{file, std::ios::binary};
    if (!stream) throw cannot_read(std::generic_category().message(errno));
    std::string text(file_bytes_max + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (stream.bad() || (stream.fail() && !stream.eof())) throw cannot_read("reading failed");
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (text.size() > file_bytes_max) throw cannot_read("it is larger than 1 MiB");
    return parse_config(text, file.string());
}

Config parse_config(std::string_view toml, std::string_view source_name) {
    try {
        const toml::table root = toml::parse(toml, source_name);
        return Reader{source_name}.read(root);
    } catch (const toml::parse_error& error) {
        const toml::source_position place = error.source().begin;
        throw ConfigError{{std::string{source_name}, place.line, place.column},
                          {},
                          "this is not TOML: " + std::string{error.description()},
                          "correct the line"};
    }
}

}  // namespace holdfast
