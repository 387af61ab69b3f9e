#pragma once
// Site: what the connections of one listener share. Owned by the listener; outlives its connections.
// Threads: any.

#include "net/listener_settings.hpp"
#include "net/tls_context.hpp"
#include "net/tunnel.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace holdfast::net {

class Site {
public:
    /// `index`: which of the configuration's listeners. `keylog`: see TlsContext::read.
    Site(std::uint16_t index, const ListenerSettings& settings, const std::string& keylog);

    /// Null: no TLS. It has to read its files before the first connection comes.
    [[nodiscard]] TlsSource* tls() { return tls_.get(); }
    /// False: only load balancers of the list may connect, and `peer` is none.
    [[nodiscard]] bool may_connect(const PeerAddress& peer) const;
    /// Null: a socket's bytes are MQTT's.
    [[nodiscard]] std::unique_ptr<Tunnel> make_tunnel() const;

    [[nodiscard]] std::uint16_t index() const { return index_; }
    [[nodiscard]] bool has_tls() const { return tls_ != nullptr; }
    [[nodiscard]] bool has_proxies() const { return !settings_.proxies.empty(); }
    [[nodiscard]] const ListenerSettings& settings() const { return settings_; }

private:
    const std::uint16_t index_;
    const ListenerSettings settings_;
    const std::unique_ptr<TlsSource> tls_;  ///< null: no TLS
};

}  // namespace holdfast::net
