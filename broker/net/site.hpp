#pragma once
// Site: what the connections of one listener share. Owned by the listener; outlives its connections.
// Threads: any, but reload() is one at a time.

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

    /// Reads the files of TLS, again or for the first time; a fault changes nothing.
    [[nodiscard]] TlsResult<void> read_files();
    /// Whether a file has changed since read_files().
    [[nodiscard]] bool has_changed_files() const { return tls_ && tls_->has_changed(); }
    /// False: only load balancers of the list may connect, and `peer` is none.
    [[nodiscard]] bool may_connect(const PeerAddress& peer) const;
    /// Null: a socket's bytes are MQTT's.
    [[nodiscard]] std::unique_ptr<Tunnel> make_tunnel() const;

    [[nodiscard]] std::uint16_t index() const { return index_; }
    [[nodiscard]] bool has_proxies() const { return !settings_.proxies.empty(); }
    [[nodiscard]] const ListenerSettings& settings() const { return settings_; }

private:
    const std::uint16_t index_;
    const ListenerSettings settings_;
    const std::unique_ptr<TlsSource> tls_;  ///< null: no TLS
};

}  // namespace holdfast::net
