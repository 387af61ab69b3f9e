#include "net/proxy_header.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace holdfast::net {

namespace {

using Parsed = boost::system::result<ProxyHeader, ProxyFault>;

constexpr std::array<Byte, 12> signature_v2{0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D,
                                            0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};
constexpr std::string_view signature_v1 = "PROXY ";
constexpr std::size_t line_bytes_max = 107;
constexpr std::size_t fixed_bytes_v2 = 16;
constexpr std::uint8_t version_2 = 0x2;
constexpr std::uint8_t command_local = 0x0;
constexpr std::uint8_t command_proxy = 0x1;
// Families of addresses, with the transport in the low half.
constexpr std::uint8_t family_ipv4 = 0x1;
constexpr std::uint8_t family_ipv6 = 0x2;
constexpr std::size_t addresses_ipv4 = 12;
constexpr std::size_t addresses_ipv6 = 36;

/// Whether `bytes` begin as `signature` does, as far as they go.
template <class Signature>
bool may_begin(ByteView bytes, const Signature& signature) {
    const std::size_t count = std::min(bytes.size(), signature.size());
    return std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count),
                      signature.begin(),
                      [](Byte a, auto b) { return a == static_cast<Byte>(b); });
}

/// Takes the next word and the space behind it off the line.
std::string_view take_word(std::string_view& line) {
    const std::size_t space = line.find(' ');
    const std::string_view word = line.substr(0, space);
    line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
    return word;
}

std::optional<std::uint16_t> port_of(std::string_view text) {
    std::uint16_t port = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
    return port;
}

Parsed parse_v1(ByteView bytes) {
    const std::string_view text = as_text(bytes.first(std::min(bytes.size(), line_bytes_max)));
    const std::size_t end = text.find("\r\n");
    if (end == std::string_view::npos) {
        if (text.size() == line_bytes_max) return ProxyFault{"a PROXY line of more than 107 bytes"};
        return ProxyHeader{};
    }
    ProxyHeader header{end + 2, std::nullopt};
    std::string_view line = text.substr(signature_v1.size(), end - signature_v1.size());
    const std::string_view family = take_word(line);
    if (family == "UNKNOWN") return header;
    const std::string_view source = take_word(line);
    const std::string_view destination = take_word(line);
    const auto port = port_of(take_word(line));
    const auto destination_port = port_of(take_word(line));
    const bool is_v6 = family == "TCP6";
    if ((!is_v6 && family != "TCP4") || !port || !destination_port || !line.empty() ||
        (source.find(':') != std::string_view::npos) != is_v6 || !parse_address(destination)) {
        return ProxyFault{"a PROXY line that is not the protocol's"};
    }
    header.source = parse_address(source, *port);
    if (!header.source) return ProxyFault{"a PROXY line without a source address"};
    return header;
}

std::uint16_t big_endian(ByteView bytes) {
    return static_cast<std::uint16_t>(bytes[0] << 8U | bytes[1]);
}

PeerAddress source_of(ByteView addresses, bool is_v6) {
    PeerAddress peer;
    if (is_v6) {
        std::ranges::copy(addresses.first(16), peer.address.begin());
        peer.port = big_endian(addresses.subspan(32));
        return peer;
    }
    peer.address[10] = peer.address[11] = 0xFF;
    std::ranges::copy(addresses.first(4), peer.address.begin() + 12);
    peer.port = big_endian(addresses.subspan(8));
    return peer;
}

Parsed parse_v2(ByteView bytes) {
    if (bytes.size() < fixed_bytes_v2) return ProxyHeader{};
    if (bytes[12] >> 4U != version_2) return ProxyFault{"a PROXY header of an unknown version"};
    const std::uint8_t command = bytes[12] & 0x0FU;
    if (command > command_proxy) return ProxyFault{"a PROXY header with an unknown command"};
    const std::size_t length = big_endian(bytes.subspan(14));
    if (fixed_bytes_v2 + length > proxy_header_bytes_max) {
        return ProxyFault{"a PROXY header of more than 4,096 bytes"};
    }
    if (bytes.size() < fixed_bytes_v2 + length) return ProxyHeader{};
    ProxyHeader header{fixed_bytes_v2 + length, std::nullopt};
    if (command == command_local) return header;
    const ByteView rest = bytes.subspan(fixed_bytes_v2, length);
    const std::uint8_t family = bytes[13] >> 4U;
    if (family != family_ipv4 && family != family_ipv6) return header;
    const bool is_v6 = family == family_ipv6;
    if (rest.size() < (is_v6 ? addresses_ipv6 : addresses_ipv4)) {
        return ProxyFault{"a PROXY header that is too short for its addresses"};
    }
    header.source = source_of(rest, is_v6);
    return header;
}

}  // namespace

Parsed parse_proxy_header(ByteView bytes) {
    if (bytes.empty()) return ProxyHeader{};
    if (may_begin(bytes, signature_v2)) {
        return bytes.size() < signature_v2.size() ? Parsed{ProxyHeader{}} : parse_v2(bytes);
    }
    if (may_begin(bytes, signature_v1)) {
        return bytes.size() < signature_v1.size() ? Parsed{ProxyHeader{}} : parse_v1(bytes);
    }
    return ProxyFault{"no PROXY header, which this listener wants first"};
}

}  // namespace holdfast::net
