#pragma once
// What one listener is: where it listens, what lies between its sockets and MQTT, and how it lets in.

#include "base/peer_address.hpp"
#include "net/tls_settings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::net {

struct WebSocketSettings {
    std::string path = "/mqtt";
    std::vector<std::string> origins;  ///< pages of other hosts that may connect; "*": all
    friend bool operator==(const WebSocketSettings&, const WebSocketSettings&) = default;
};

/// How a client's certificate names who it is.
enum class CertificateIdentity : std::uint8_t { none, common_name, fingerprint };

struct ListenerSettings {
    std::string address = "127.0.0.1";  ///< an IP address, never a host name
    std::uint16_t port = 1883;          ///< 0: any free one, in the file the word "free"
    std::string path{};                 ///< of a unix socket, instead of address and port; empty: none
    std::optional<TlsSettings> tls{};
    std::optional<WebSocketSettings> websocket{};
    /// Who must begin with a PROXY header, and nobody else may connect; empty: nobody sends one.
    std::vector<AddressRange> proxies{};
    std::optional<bool> allow_anonymous{};  ///< empty: as the address and the whole server say
    CertificateIdentity certificate_identity = CertificateIdentity::none;
    bool http_login = true;  ///< whether http_login_url, where there is one, is asked

    friend bool operator==(const ListenerSettings&, const ListenerSettings&) = default;
};

}  // namespace holdfast::net
