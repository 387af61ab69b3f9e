#pragma once
// The address a connection came from, small enough to keep with each one. IPv4 as ::ffff:a.b.c.d.

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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

/// Empty: `text` is no IPv4 or IPv6 address.
[[nodiscard]] std::optional<PeerAddress> parse_address(std::string_view text, std::uint16_t port = 0);

/// The addresses that begin with the same bits.
struct AddressRange {
    std::array<std::uint8_t, 16> address{};
    std::uint8_t bits = 128;  ///< that count; of an IPv4 range 96 more than it says

    [[nodiscard]] bool contains(const PeerAddress& peer) const;
    /// "10.0.0.0/8", "2001:db8::/32"; without the bits where it is one address.
    [[nodiscard]] std::string to_string() const;
    friend bool operator==(const AddressRange&, const AddressRange&) = default;
};

/// Empty: it is none, or has bits beyond its length.
[[nodiscard]] std::optional<AddressRange> parse_address_range(std::string_view text);

}  // namespace holdfast
