#include "base/peer_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace holdfast {

namespace {

constexpr std::uint8_t address_bits = 128;
constexpr std::uint8_t mapped_bits = 96;
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

std::optional<PeerAddress> parse_address(std::string_view text, std::uint16_t port) {
    PeerAddress peer;
    peer.port = port;
    const std::string terminated{text};
    if (::inet_pton(AF_INET6, terminated.c_str(), peer.address.data()) == 1) return peer;
    std::copy(mapped_prefix.begin(), mapped_prefix.end(), peer.address.begin());
    if (::inet_pton(AF_INET, terminated.c_str(), peer.address.data() + mapped_prefix.size()) != 1) {
        return std::nullopt;
    }
    return peer;
}

bool AddressRange::contains(const PeerAddress& peer) const {
    const std::size_t whole = bits / 8U;
    if (!std::equal(address.begin(), address.begin() + whole, peer.address.begin())) return false;
    const unsigned rest = bits % 8U;
    return rest == 0 || (address[whole] ^ peer.address[whole]) >> (8U - rest) == 0;
}

std::string AddressRange::to_string() const {
    const std::string text = PeerAddress{address, 0}.address_text();
    if (bits == address_bits) return text;
    const bool is_v4 = is_mapped(address) && bits >= mapped_bits;
    return text + "/" + std::to_string(is_v4 ? bits - mapped_bits : bits);
}

std::optional<AddressRange> parse_address_range(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto base = parse_address(text.substr(0, slash));
    if (!base) return std::nullopt;
    AddressRange range{base->address, address_bits};
    if (slash == std::string_view::npos) return range;
    const std::string_view digits = text.substr(slash + 1);
    unsigned bits = 0;
    const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc{} || rest != digits.data() + digits.size()) return std::nullopt;
    if (text.find(':') == std::string_view::npos) bits += mapped_bits;
    if (bits > address_bits) return std::nullopt;
    range.bits = static_cast<std::uint8_t>(bits);
    AddressRange cleared{{}, range.bits};
    for (std::size_t bit = 0; bit < bits; ++bit) {
        const unsigned mask = 0x80U >> (bit % 8);
        cleared.address[bit / 8] |= static_cast<std::uint8_t>(range.address[bit / 8] & mask);
    }
    return cleared == range ? std::optional{range} : std::nullopt;
}

}  // namespace holdfast
