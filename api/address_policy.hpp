#pragma once
// AddressPolicy: which addresses the server connects to when somebody else names the target, so that nobody
// reaches through it what only it can reach. Asked about the address that is really connected to, after a
// name was resolved. Refused unless allowed: this machine, private, shared and link-local networks (the
// metadata services of clouds among them), unspecified, multicast and reserved addresses, those that carry
// an IPv4 address within an IPv6 one (RFC 6890, RFC 4193, RFC 4291, RFC 6052).
// A value. Threads: any.

#include "base/peer_address.hpp"

#include <boost/asio/ip/address.hpp>

#include <vector>

namespace holdfast::api {

struct AddressPolicy {
    bool allows_all = false;            ///< whoever names targets may name any
    std::vector<AddressRange> allowed;  ///< besides the public ones

    [[nodiscard]] bool allows(const boost::asio::ip::address& address) const;
};

}  // namespace holdfast::api
