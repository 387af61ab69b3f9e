#pragma once
// The opening handshake of a WebSocket (RFC 6455 section 4.2) that carries MQTT: what a client asked, and
// the answer. Pure functions of bytes; the request is parsed by Beast.

#include "net/listener_settings.hpp"

#include <string>
#include <string_view>

namespace holdfast::net {

/// The header may not be longer.
inline constexpr std::size_t upgrade_bytes_max = 8 * 1024;

struct UpgradeAnswer {
    bool is_accepted = false;
    std::string response;  ///< to be sent, whatever the answer
    std::string detail;    ///< of a refusal: one sentence for the log
};

/// `request` ends with the empty line of the header. Sub-protocols: `mqtt`, and for clients of MQTT 3.1
/// `mqttv3.1`. [MQTT5-6.0.0-4] [MQTT3-6.0.0-4]
/// A browser says which page asks; that page must come from the host it asks, or be among `origins`.
[[nodiscard]] UpgradeAnswer answer_upgrade(std::string_view request,
                                           const WebSocketSettings& settings);

}  // namespace holdfast::net
