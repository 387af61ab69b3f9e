#include "base/peer_address.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace holdfast {

namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

bool is_mapped(const std::array<std::uint8_t, 16>& address) {
    return std::equal(mapped_prefix.begin(), mapped_prefix.end(), address.begin());
}

}  // namespace

PeerAddress PeerAddress::network() const {
    PeerAddress network{.address = address, .port = 0};
    if (is_mapped(address)) return network;
    std::fill(network.address.begin() + 8, network.address.end(), std::uint8_t{0});
    return network;
}

bool PeerAddress::is_ipv4() const { return is_mapped(address); }

bool PeerAddress::is_loopback() const {
    constexpr std::uint8_t ipv4_loopback = 127;
    if (is_mapped(address)) return address[mapped_prefix.size()] == ipv4_loopback;
    std::array<std::uint8_t, 16> ipv6_loopback{};
    ipv6_loopback.back() = 1;
    return address == ipv6_loopback;
}

std::string PeerAddress::address_text() const {
    char text[INET6_ADDRSTRLEN] = "";
    if (is_mapped(address)) {
        ::inet_ntop(AF_INET, address.data() + mapped_prefix.size(), text, sizeof text);
    } else {
        ::inet_ntop(AF_INET6, address.data(), text, sizeof text);
    }
    return text;
}

std::string PeerAddress::to_string() const {
    const std::string text = address_text();
    const std::string port_text = std::to_string(port);
    return is_mapped(address) ? text + ":" + port_text : "[" + text + "]:" + port_text;
}

}  // namespace holdfast
