#pragma once
// Listening sockets as descriptors: TCP, one for each shard that shares an address, and unix. Errors: the
// system's. Whoever asked for a descriptor closes it.

#include "net/listener_settings.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <system_error>

namespace holdfast::net {

using Descriptor = boost::system::result<int, std::error_code>;

/// Whether nobody listens on the address and port: SO_REUSEPORT would let another process of the same user
/// listen there too, and two servers would share the clients.
[[nodiscard]] std::error_code check_unused(const PeerAddress& endpoint);
/// Non-blocking, shared with others of this process (SO_REUSEPORT).
[[nodiscard]] Descriptor listen_on(const PeerAddress& endpoint);
[[nodiscard]] std::uint16_t port_of(int descriptor);

/// A file that a dead server left is replaced; one that somebody listens on is not.
[[nodiscard]] Descriptor listen_on_path(const std::string& path);
/// Another descriptor of the same socket.
[[nodiscard]] Descriptor duplicate(int descriptor);

}  // namespace holdfast::net
