#pragma once
// The header of the PROXY protocol, versions 1 and 2 (haproxy.org, proxy-protocol.txt): where a connection
// that a load balancer passes on really comes from. A pure function of bytes; who may send one is not its
// business.

#include "base/bytes.hpp"
#include "base/peer_address.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace holdfast::net {

/// Version 1 is at most 107 bytes; of version 2 no more is taken than this.
inline constexpr std::size_t proxy_header_bytes_max = 4096;

struct ProxyHeader {
    std::size_t size = 0;  ///< of the header; 0: it is not complete
    /// Empty: the balancer speaks for itself (LOCAL), or does not say (UNKNOWN).
    std::optional<PeerAddress> source;
};

/// One sentence that says what is wrong.
struct ProxyFault {
    std::string_view cause;
};

/// `bytes`: everything that has come on the connection.
[[nodiscard]] boost::system::result<ProxyHeader, ProxyFault> parse_proxy_header(ByteView bytes);

}  // namespace holdfast::net
