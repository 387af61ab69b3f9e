#pragma once
// The address a connection came from, small enough to keep with each one. IPv4 as ::ffff:a.b.c.d.

#include <array>
#include <compare>
#include <cstdint>
#include <string>

namespace holdfast {

struct PeerAddress {
    std::array<std::uint8_t, 16> address{};
    std::uint16_t port = 0;

    /// "192.0.2.7:51344" or "[2001:db8::1]:51344".
    [[nodiscard]] std::string to_string() const;
    /// The same without the port.
    [[nodiscard]] std::string address_text() const;
    /// What counts as one address where addresses are counted: an IPv6 network of 64 bits is given to
    /// one customer, who can take any address of it. Without port.
    [[nodiscard]] PeerAddress network() const;
    [[nodiscard]] bool is_ipv4() const;
    /// Of this machine.
    [[nodiscard]] bool is_loopback() const;
    friend auto operator<=>(const PeerAddress&, const PeerAddress&) = default;
};

}  // namespace holdfast
