#pragma once
// What a configuration file says of TLS, WebSocket and load balancers. Errors: ConfigError.

#include "config_node.hpp"
#include "net/listener_settings.hpp"

#include <optional>
#include <vector>

namespace holdfast {

/// A table such as { certificate = "server.pem", key = "server.key" }.
[[nodiscard]] net::TlsSettings read_tls(const ConfigNode& node);
/// true, false or a table.
[[nodiscard]] std::optional<net::WebSocketSettings> read_websocket(const ConfigNode& node);
/// A list of addresses and ranges of them.
[[nodiscard]] std::vector<AddressRange> read_networks(const ConfigNode& node);

}  // namespace holdfast
