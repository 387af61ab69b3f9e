#include "net/site.hpp"

#include "net/tls_layer.hpp"
#include "net/websocket_layer.hpp"

#include <algorithm>

namespace holdfast::net {

Site::Site(std::uint16_t index, const ListenerSettings& settings, const std::string& keylog)
    : index_(index),
      settings_(settings),
      tls_(settings.tls ? std::make_unique<TlsSource>(
                              *settings.tls, settings.websocket ? "http/1.1" : "mqtt", keylog)
                        : nullptr) {}

bool Site::may_connect(const PeerAddress& peer) const {
    return !has_proxies() || std::ranges::any_of(settings_.proxies, [&](const AddressRange& range) {
        return range.contains(peer);
    });
}

std::unique_ptr<Tunnel> Site::make_tunnel() const {
    std::unique_ptr<Layer> layer;
    if (tls_) layer = std::make_unique<TlsLayer>(*tls_);
    if (settings_.websocket) {
        layer = std::make_unique<WebSocketLayer>(*settings_.websocket, std::move(layer));
    }
    if (!layer && !has_proxies()) return nullptr;
    return std::make_unique<Tunnel>(std::move(layer), has_proxies());
}

}  // namespace holdfast::net
