#include "config_listeners.hpp"

#include "config_transports.hpp"
#include "net/listener.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace holdfast {

namespace {

constexpr std::size_t listeners_max = 64;
constexpr std::array<std::string_view, 9> listener_names{
    "address", "port",            "path",                "tls",       "websocket",
    "proxies", "allow_anonymous", "certificate_identity", "http_login"};
constexpr std::array<std::string_view, 3> identity_words{"none", "common_name", "fingerprint"};

}  // namespace

void ConfigListeners::read_http(const toml::table& table) {
    ListenerConfig listener{.address = "127.0.0.1", .port = 8080};
    if (const toml::node* const node = table.get("address")) {
        listener.address = address_of("http.address", *node);
    }
    if (const toml::node* const node = table.get("port")) {
        listener.port = port_of("http.port", *node);
    }
    if (const toml::node* const node = table.get("tls")) {
        listener.tls = read_tls({source_name_, "http.tls", *node});
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
    ListenerConfig listener;
    const ConfigNode whole{source_name_, path, table};
    for (const auto& [key, node] : table) {
        whole.check_key(key, listener_names, "docs/configuration.md lists a listener's keys");
        read_key(listener, key.str(), whole.of(key.str(), node));
    }
    check_one(listener, path, table);
    return listener;
}

void ConfigListeners::read_key(ListenerConfig& listener, std::string_view name,
                               const ConfigNode& found) {
    if (name == "address") {
        listener.address = address_of(found.path, found.node);
    } else if (name == "port") {
        listener.port = port_of(found.path, found.node);
    } else if (name == "path") {
        listener.path = found.text("write the name of a socket's file");
    } else if (name == "tls") {
        listener.tls = read_tls(found);
    } else if (name == "websocket") {
        listener.websocket = read_websocket(found);
    } else if (name == "proxies") {
        listener.proxies = read_networks(found);
    } else if (name == "allow_anonymous") {
        listener.allow_anonymous = found.flag();
    } else if (name == "http_login") {
        listener.http_login = found.flag();
    } else {
        listener.certificate_identity = found.word<net::CertificateIdentity>(identity_words);
    }
}

/// What no key by itself can be blamed for.
void ConfigListeners::check_one(const ListenerConfig& listener, const std::string& path,
                                const toml::table& table) const {
    if (!listener.path.empty() && (table.contains("address") || table.contains("port"))) {
        fail(table, path, "has a path and an address or port",
             "a path is for a unix socket, which has neither: write two listeners");
    }
    const bool names_clients = listener.certificate_identity != net::CertificateIdentity::none;
    if (names_clients && (!listener.tls || listener.tls->client_authorities.empty())) {
        fail(table, path + ".certificate_identity", "wants certificates of clients, and none are asked for",
             "write tls.client_authorities too, the file of who signs them");
    }
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
    if (config_.mqtt_listeners.empty()) config_.mqtt_listeners.emplace_back();
    check_openness();
    check_distinct();
}

void ConfigListeners::check_openness() const {
    if (config_.allow_anonymous_remote || remote_.empty()) return;
    const auto is_guarded = [this](const ListenerConfig& each) {
        return is_local(each) || each.allow_anonymous == false ||
               (config_.http_login.is_used() && each.http_login);
    };
    const bool has_remote_http =
        config_.http_listener && !is_loopback(config_.http_listener->address);
    const bool says_who_may_come =
        config_.access.has_users() || config_.access.has_tokens() ||
        (!has_remote_http && std::ranges::all_of(config_.mqtt_listeners, is_guarded));
    if (says_who_may_come) return;
    fail(*remote_.front().second, "server.allow_anonymous_remote",
         "a listener on " + remote_.front().first +
             " is open to other machines, and nothing says who may come",
         "name a users_file or a jwt_key_file below [access], write allow_anonymous = false with "
         "the listener to let only devices in, or allow_anonymous_remote = true below [server] to let "
         "everybody in, or listen on \"127.0.0.1\"");
}

void ConfigListeners::check_distinct() const {
    const auto& listeners = config_.mqtt_listeners;
    for (auto listener = listeners.begin(); listener != listeners.end(); ++listener) {
        const bool is_free = listener->path.empty() && listener->port == 0;
        const auto is_same = [&](const ListenerConfig& other) {
            return net::place_of(other) == net::place_of(*listener);
        };
        if (is_free || std::find_if(listeners.begin(), listener, is_same) == listener) continue;
        fail(*listeners_node_, "mqtt.listeners", "names " + net::place_of(*listener) + " twice",
             "take one of the two out");
    }
}

/// Who comes through a load balancer on this machine comes from anywhere.
bool is_local(const ListenerConfig& listener) {
    return listener.proxies.empty() && (!listener.path.empty() || is_loopback(listener.address));
}

bool lets_anonymous_in(const ListenerConfig& listener, const Config& config) {
    return listener.allow_anonymous.value_or(config.allow_anonymous_remote || is_local(listener));
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
