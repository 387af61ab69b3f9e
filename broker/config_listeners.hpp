#pragma once
// The listeners in a configuration file: their tables, and the checks that want all of them. A part of
// parse_config (config.hpp); lives no longer than it.
// Errors: ConfigError.

#include "config.hpp"
#include "config_node.hpp"

#include <toml++/toml.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast {

/// Of ListenerConfig::certificate_identity, in its order.
inline constexpr std::array<std::string_view, 3> certificate_identity_words{"none", "common_name",
                                                                           "fingerprint"};

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
    [[nodiscard]] std::string address_of(const std::string& path, const toml::node& node);
    [[nodiscard]] CertificateIdentity certificate_identity_of(const std::string& path,
                                                              const toml::node& node) const;
    [[nodiscard]] std::uint16_t port_of(const std::string& path, const toml::node& node) const;

    const std::string& source_name_;
    Config& config_;
    const toml::node* listeners_node_ = nullptr;
    /// The addresses beyond this machine, where they stand, for the check at the end.
    std::vector<std::pair<std::string, const toml::node*>> remote_;
};

}  // namespace holdfast
