#pragma once
// The listeners in a configuration file: their tables, and the checks that want all of them. A part of
// parse_config (config.hpp); lives no longer than it.
// Errors: ConfigError.

#include "config.hpp"
#include "config_node.hpp"

#include <toml++/toml.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast {

class ConfigListeners {
public:
    /// Writes into `config`; both outlive it.
    ConfigListeners(const std::string& source_name, Config& config)
        : source_name_(source_name), config_(config) {}

    void read_http(const toml::table& table);
    void read_mqtt(const toml::node& node);
    /// Once everything is read.
    void check();

private:
    template <class Where>
    [[noreturn]] void fail(const Where& where, const std::string& key, const std::string& problem,
                           const std::string& remedy) const {
        fail_at(source_name_, where, key, problem, remedy);
    }
    [[nodiscard]] ListenerConfig listener_of(const std::string& path, const toml::table& table);
    void read_key(ListenerConfig& listener, std::string_view name, const ConfigNode& found);
    [[nodiscard]] std::string address_of(const std::string& path, const toml::node& node);
    [[nodiscard]] std::uint16_t port_of(const std::string& path, const toml::node& node) const;
    void check_one(const ListenerConfig& listener, const std::string& path,
                   const toml::table& table) const;
    void check_openness() const;
    void check_distinct() const;

    const std::string& source_name_;
    Config& config_;
    const toml::node* listeners_node_ = nullptr;
    /// The addresses beyond this machine, where they stand, for the check at the end.
    std::vector<std::pair<std::string, const toml::node*>> remote_;
};

}  // namespace holdfast
