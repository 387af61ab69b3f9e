#include "config_listeners.hpp"

#include "suggestion.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace holdfast {

namespace {

constexpr std::size_t listeners_max = 64;

}  // namespace

void ConfigListeners::read_http(const toml::table& table) {
    ListenerConfig listener{.address = "127.0.0.1", .port = 8080};
    if (const toml::node* const node = table.get("address")) {
        listener.address = address_of("http.address", *node);
    }
    if (const toml::node* const node = table.get("port")) {
        listener.port = port_of("http.port", *node);
    }
    config_.http_listener = std::move(listener);
}

void ConfigListeners::read_mqtt(const toml::node& node) {
    const std::string path = "mqtt.listeners";
    const std::string remedy = "write [{ address = \"127.0.0.1\", port = 1883 }]";
    const toml::array* const array = node.as_array();
    if (array == nullptr) fail(node, path, "is not a list of tables", remedy);
    if (array->empty()) {
        fail(node, path, "names no listener, and nobody could connect",
             remedy + ", or leave the key out for just that");
    }
    if (array->size() > listeners_max) {
        fail(node, path, "names more than 64 listeners",
             "name fewer; \"0.0.0.0\" stands for all IPv4 addresses of the machine");
    }
    listeners_node_ = &node;
    for (const toml::node& element : *array) {
        const toml::table* const table = element.as_table();
        if (table == nullptr) fail(element, path, "has an element that is not a table", remedy);
        config_.mqtt_listeners.push_back(listener_of(path, *table));
    }
}

ListenerConfig ConfigListeners::listener_of(const std::string& path, const toml::table& table) {
    static constexpr std::array<std::string_view, 4> names{"address", "port", "allow_anonymous",
                                                           "certificate_identity"};
    ListenerConfig listener;
    for (const auto& [key, node] : table) {
        const std::string_view name = key.str();
        const std::string key_path = path + "." + std::string{name};
        if (name == "address") {
            listener.address = address_of(key_path, node);
        } else if (name == "port") {
            listener.port = port_of(key_path, node);
        } else if (name == "allow_anonymous") {
            listener.allow_anonymous = node.value_exact<bool>();
            if (!listener.allow_anonymous) fail(node, key_path, "is no truth value", "write true or false");
        } else if (name == "certificate_identity") {
            listener.certificate_identity = certificate_identity_of(key_path, node);
        } else {
            fail(key.source().begin, key_path, "there is no such key",
                 suggest(name, names, "docs/configuration.md says what a listener has"));
        }
    }
    return listener;
}

std::string ConfigListeners::address_of(const std::string& path, const toml::node& node) {
    const auto text = node.value_exact<std::string>();
    boost::system::error_code error;
    if (text) (void)boost::asio::ip::make_address(*text, error);
    if (!text || error) {
        fail(node, path, (text ? in_quotes(*text) : "the value") + " is not an IP address",
             "write \"127.0.0.1\" or \"::1\" for this machine only, \"0.0.0.0\" or \"::\" for "
             "every interface");
    }
    if (!is_loopback(*text)) remote_.emplace_back(*text, &node);
    return *text;
}

CertificateIdentity ConfigListeners::certificate_identity_of(const std::string& path,
                                                             const toml::node& node) const {
    const auto text = node.value_exact<std::string>();
    const auto word = std::ranges::find(certificate_identity_words, text.value_or(""));
    if (word == certificate_identity_words.end()) {
        fail(node, path, "is not known", R"(write "none", "common_name" or "fingerprint")");
    }
    return static_cast<CertificateIdentity>(word - certificate_identity_words.begin());
}

std::uint16_t ConfigListeners::port_of(const std::string& path, const toml::node& node) const {
    if (node.value_exact<std::string>() == "free") return 0;
    const auto number = node.value_exact<std::int64_t>();
    if (!number || *number < 1 || *number > 65'535) {
        fail(node, path, "is not a port",
             "write a number from 1 to 65535, or \"free\" for any free port");
    }
    return static_cast<std::uint16_t>(*number);
}

void ConfigListeners::check() {
    auto& listeners = config_.mqtt_listeners;
    if (listeners.empty()) listeners.emplace_back();
    const auto is_guarded = [](const ListenerConfig& each) {
        return is_loopback(each.address) || each.allow_anonymous == false;
    };
    const bool has_remote_http =
        config_.http_listener && !is_loopback(config_.http_listener->address);
    const bool says_who_may_come = config_.access.has_users() ||
                                   (!has_remote_http && std::ranges::all_of(listeners, is_guarded));
    if (!remote_.empty() && !config_.allow_anonymous_remote && !says_who_may_come) {
        fail(*remote_.front().second, "server.allow_anonymous_remote",
             "a listener on " + remote_.front().first +
                 " is open to other machines, and nothing says who may come",
             "name a users_file below [access], write allow_anonymous = false with the listener "
             "to let only devices in, or allow_anonymous_remote = true below [server] to let "
             "everybody in, or listen on \"127.0.0.1\"");
    }
    if (listeners.size() == 1) return;
    for (auto listener = listeners.begin(); listener != listeners.end(); ++listener) {
        if (listener->port == 0) {
            fail(*listeners_node_, "mqtt.listeners", "\"free\" is for a single listener",
                 "give each listener a port of its own");
        }
        const auto is_same_place = [&](const ListenerConfig& other) {
            return other.address == listener->address && other.port == listener->port;
        };
        if (std::find_if(listeners.begin(), listener, is_same_place) != listener) {
            fail(
                *listeners_node_, "mqtt.listeners",
                "names " + listener->address + " port " + std::to_string(listener->port) + " twice",
                "take one of the two out");
        }
    }
}

bool lets_anonymous_in(const ListenerConfig& listener, const Config& config) {
    return listener.allow_anonymous.value_or(config.allow_anonymous_remote ||
                                             is_loopback(listener.address));
}

bool is_loopback(std::string_view address) {
    boost::system::error_code error;
    const auto parsed = boost::asio::ip::make_address(address, error);
    if (error) return false;
    if (parsed.is_v6() && parsed.to_v6().is_v4_mapped()) {
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, parsed.to_v6())
            .is_loopback();
    }
    return parsed.is_loopback();
}

}  // namespace holdfast
