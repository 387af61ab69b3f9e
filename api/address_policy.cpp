#include "api/address_policy.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace holdfast::api {

namespace {

constexpr std::array<std::string_view, 27> reserved_texts{
    "0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",
    "::/96",         "64:ff9b::/96",    "64:ff9b:1::/48", "100::/64",       "2001::/23",
    "2001:db8::/32", "2002::/16",       "3fff::/20",      "fc00::/7",       "fe80::/10",
    "fec0::/10",     "ff00::/8"};

std::vector<AddressRange> reserved_ranges() {
    std::vector<AddressRange> ranges;
    for (const std::string_view text : reserved_texts) {
        const auto range = parse_address_range(text);
        CHECK(range.has_value());
        ranges.push_back(*range);
    }
    return ranges;
}

bool contains(const std::vector<AddressRange>& ranges, const PeerAddress& address) {
    return std::ranges::any_of(ranges,
                               [&](const AddressRange& range) { return range.contains(address); });
}

}  // namespace

bool AddressPolicy::allows(const boost::asio::ip::address& address) const {
    if (allows_all) return true;
    // A zone says which link an address is on, and is no part of it.
    const std::string text =
        address.is_v6() ? boost::asio::ip::make_address_v6(address.to_v6().to_bytes()).to_string()
                        : address.to_string();
    const auto peer = parse_address(text);
    if (!peer) return false;
    if (contains(allowed, *peer)) return true;
    if (address.is_v6() && address.to_v6().is_v4_mapped()) return false;
    static const std::vector<AddressRange> reserved = reserved_ranges();
    return !contains(reserved, *peer);
}

}  // namespace holdfast::api
