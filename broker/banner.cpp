#include "banner.hpp"

#include <string_view>

namespace holdfast {

namespace {

/// "mqtts", "wss": what a client's address begins with.
std::string scheme_of(const ListenerConfig& listener) {
    if (!listener.path.empty()) return "unix";
    if (listener.websocket) return listener.tls ? "wss" : "ws";
    return listener.tls ? "mqtts" : "mqtt";
}

std::string via_text(const ListenerConfig& listener) {
    std::string text;
    if (listener.tls) text += " with TLS";
    if (listener.websocket) text += " over WebSocket at " + listener.websocket->path;
    if (!listener.proxies.empty()) text += " behind load balancers (PROXY protocol)";
    return text;
}

void add_mqtt_listener(std::vector<BannerLine>& lines, const Config& config,
                       const ListenerConfig& listener) {
    const std::string place =
        "MQTT 3.1, 3.1.1 and 5.0 on " + endpoint_text(listener) + via_text(listener);
    const bool is_open = lets_anonymous_in(listener, config);
    if (!listener.path.empty()) {
        lines.push_back({Severity::info, place + ": who may write to that file" +
                                             (is_open ? ", no password is asked" : "")});
        return;
    }
    if (is_local(listener)) {
        lines.push_back({Severity::info, place + (is_open ? ": this machine only, no password is asked"
                                                          : ": this machine only, who comes must log in")});
        return;
    }
    if (!is_open) {
        lines.push_back({Severity::info, place + ": other machines too, who comes must log in"});
        return;
    }
    lines.push_back({Severity::warning,
                     place + ": OPEN TO OTHER MACHINES, and no password is asked: whoever reaches "
                             "it may read and write everything "
                             "(server.allow_anonymous_remote or allow_anonymous = true)"});
}

void add_http_listener(std::vector<BannerLine>& lines, const ListenerConfig& listener) {
    const std::string place = (listener.tls ? "HTTPS on " : "HTTP on ") + endpoint_text(listener);
    constexpr std::string_view asks =
        "the API asks for a token or a key; /healthz and /metrics ask for nothing";
    if (is_loopback(listener.address)) {
        lines.push_back({Severity::info, place + ": this machine only; " + std::string{asks}});
    } else {
        lines.push_back({Severity::warning, place + ": OPEN TO OTHER MACHINES; " + std::string{asks}});
    }
}

void add_storage(std::vector<BannerLine>& lines, const Config& config) {
    if (!config.data_directory) {
        lines.push_back({Severity::warning,
                         "everything is in memory: nothing outlives the process "
                         "(store.data_directory = \"memory\")"});
        return;
    }
    const std::string place = "data in " + *config.data_directory;
    switch (config.sync) {
        case store::SyncPolicy::always:
            lines.push_back({Severity::info, place + ": what is acknowledged is on the disk"});
            return;
        case store::SyncPolicy::interval:
            lines.push_back({Severity::warning,
                             place + ": a power cut LOSES what was acknowledged in the last " +
                                 std::to_string(config.sync_interval.count()) +
                                 " ms (store.sync)"});
            return;
        case store::SyncPolicy::never: break;
    }
    lines.push_back({Severity::warning, place +
                                            ": a power cut LOSES what was acknowledged and the "
                                            "system had not written yet (store.sync = \"never\")"});
}

}  // namespace

std::vector<BannerLine> banner(const Config& config, const StartedProcess& started) {
    std::vector<BannerLine> lines;
    const std::string threads =
        started.threads == 1 ? "1 thread" : std::to_string(started.threads) + " threads";
    lines.push_back({Severity::info, "Holdfast " HOLDFAST_VERSION ", pid " +
                                         std::to_string(started.pid) + ", " + threads});
    add_storage(lines, config);
    if (!config.tls_keylog.empty()) {
        lines.push_back({Severity::warning, "the secrets of TLS connections are written to " +
                                                config.tls_keylog + " (--tls-keylog)"});
    }
    for (std::size_t i = 0; i < config.mqtt_listeners.size(); ++i) {
        ListenerConfig listener = config.mqtt_listeners[i];
        if (listener.port == 0) {
            listener.port = i < started.mqtt_ports.size() ? started.mqtt_ports[i] : started.mqtt_port;
        }
        add_mqtt_listener(lines, config, listener);
    }
    if (config.http_listener) {
        ListenerConfig listener = *config.http_listener;
        listener.port = started.http_port;
        add_http_listener(lines, listener);
        lines.push_back({Severity::info, "project " + started.project_id +
                                             ", administrator \"admin\"" +
                                             (started.first_password_place.empty()
                                                  ? std::string{}
                                                  : ", password: " +
                                                        started.first_password_place)});
    }
    return lines;
}

std::string ready_line(const Config& config, const StartedProcess& started) {
    const std::string http = started.http_port == 0 ? "null" : std::to_string(started.http_port);
    std::string listeners;
    for (std::size_t i = 0; i < started.mqtt_ports.size() && i < config.mqtt_listeners.size(); ++i) {
        listeners += std::string{i == 0 ? "" : ","} + "{\"scheme\":\"" +
                     scheme_of(config.mqtt_listeners[i]) +
                     "\",\"port\":" + std::to_string(started.mqtt_ports[i]) + "}";
    }
    return "{\"ready\":true,\"mqtt\":" + std::to_string(started.mqtt_port) + ",\"http\":" + http +
           ",\"pid\":" + std::to_string(started.pid) + ",\"project_id\":\"" +
           started.project_id + "\""
           ",\"listeners\":[" + listeners + "]" +
           (started.token.empty() ? "" : ",\"token\":\"" + started.token + "\"") +
           (started.access_key.empty() ? "" : ",\"ak\":\"" + started.access_key +
                                                  "\",\"sk\":\"" + started.secret_key + "\"") +
           "}";
}

std::string endpoint_text(const ListenerConfig& listener) {
    if (!listener.path.empty()) return listener.path;
    const bool is_v6 = listener.address.find(':') != std::string::npos;
    const std::string host = is_v6 ? "[" + listener.address + "]" : listener.address;
    return host + ":" + std::to_string(listener.port);
}

}  // namespace holdfast
