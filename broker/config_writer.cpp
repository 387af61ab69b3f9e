#include "config_writer.hpp"

#include "config_keys.hpp"
#include "listener_writer.hpp"

#include <utility>

namespace holdfast {

namespace {

std::string toml_value(const ConfigKey& key, std::uint64_t value) {
    const bool is_open = !key.open_word.empty() && value == open_value;
    const bool is_bare = !is_open && (key.kind == ValueKind::count || key.kind == ValueKind::flag);
    const std::string shown = show(key, value);
    return is_bare ? shown : toml_text(shown);
}

void write_mqtt(const Config& config, std::string& text) {
    text += "listeners = [\n";
    for (const ListenerConfig& listener : config.mqtt_listeners) {
        text += "    " + listener_toml(listener) + ",\n";
    }
    text += "]\n";
    text += "response_information_prefix = " + toml_text(config.response_information_prefix) + "\n";
}

void write_http(const ListenerConfig& listener, std::string& text) {
    text += "address = " + toml_text(listener.address) + "\n";
    text += "port = " + port_toml(listener) + "\n";
    if (listener.tls) text += "tls = " + tls_toml(*listener.tls) + "\n";
}

void write_access(const access::AccessFiles& files, std::string& text) {
    text += "users_file = " + toml_text(files.users_file) + "\n";
    text += "password_file = " + toml_text(files.password_file) + "\n";
    text += "acl_file = " + toml_text(files.acl_file) + "\n";
    text += "rules_file = " + toml_text(files.rules_file) + "\n";
    text += "jwt_key_file = " + toml_text(files.jwt_key_file) + "\n";
    text += "jwt_keys_file = " + toml_text(files.jwt_keys_file) + "\n";
    text += "jwt_issuer = " + toml_text(files.jwt_issuer) + "\n";
    text += "jwt_audience = " + toml_text(files.jwt_audience) + "\n";
}

void write_http_login(const HttpLoginSettings& settings, std::string& text) {
    text += "http_login_url = " + toml_text(settings.url) + "\n";
    text += "http_login_ca_file = " + toml_text(settings.ca_file) + "\n";
}

/// An empty list is written as no line.
void write_push(const api::PushSettings& settings, std::string& text) {
    if (settings.allowed_networks.empty()) return;
    std::vector<std::string> networks;
    for (const AddressRange& range : settings.allowed_networks) {
        networks.push_back(range.to_string());
    }
    text += "allowed_networks = " + toml_list(networks) + "\n";
}

void write_store(const Config& config, std::string& text) {
    text += "data_directory = " + toml_text(config.data_directory.value_or("memory")) + "\n";
    text += "sync = " + toml_text(sync_text(config)) + "\n";
}

}  // namespace

std::string sync_text(const Config& config) {
    switch (config.sync) {
        case store::SyncPolicy::always: return "always";
        case store::SyncPolicy::never: return "never";
        case store::SyncPolicy::interval: break;
    }
    return "interval:" + std::to_string(config.sync_interval.count()) + "ms";
}

std::string to_toml(const Config& config) {
    std::string text;
    for (const std::string_view section : section_names()) {
        if (section == "http" && !config.http_listener) continue;
        if (!text.empty()) text += "\n";
        text.append("[").append(section).append("]\n");
        if (section == "mqtt") write_mqtt(config, text);
        if (section == "access") write_access(config.access, text);
        if (section == "access") write_http_login(config.http_login, text);
        if (section == "store") write_store(config, text);
        if (section == "push") write_push(config.push, text);
        if (section == "http") write_http(*config.http_listener, text);
        for (const ConfigKey& key : config_keys()) {
            if (key.section != section) continue;
            text.append(key.name).append(" = ");
            text.append(toml_value(key, key.load(config))).append("\n");
        }
    }
    return text;
}

}  // namespace holdfast
