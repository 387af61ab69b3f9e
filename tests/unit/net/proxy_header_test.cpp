#include "net/proxy_header.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <string>

using namespace holdfast;
using net::parse_proxy_header;

namespace {

const std::string signature_v2{"\r\n\r\n\0\r\nQUIT\n", 12};

/// A header of version 2 with what is behind its length.
std::string v2(char version_and_command, char family, const std::string& rest) {
    std::string header = signature_v2 + version_and_command + family;
    header += static_cast<char>(rest.size() >> 8);
    header += static_cast<char>(rest.size() & 0xFF);
    return header + rest;
}

const std::string addresses_v4{"\xC0\x00\x02\x07\x0A\x00\x00\x01\xC8\x90\x07\x5B", 12};

std::string source_of(const std::string& bytes) {
    const auto parsed = parse_proxy_header(as_bytes(bytes));
    if (parsed.has_error()) return "fault: " + std::string{parsed.error().cause};
    if (parsed->size == 0) return "incomplete";
    return parsed->source ? parsed->source->to_string() : "nobody";
}

bool is_fault(const std::string& bytes) { return parse_proxy_header(as_bytes(bytes)).has_error(); }

}  // namespace

BOOST_AUTO_TEST_SUITE(proxy_header)

BOOST_AUTO_TEST_CASE(a_line_of_version_1_names_the_source) {
    BOOST_TEST(source_of("PROXY TCP4 192.0.2.7 10.0.0.1 51344 1883\r\n") == "192.0.2.7:51344");
    BOOST_TEST(source_of("PROXY TCP6 2001:db8::1 2001:db8::2 51344 1883\r\nrest") ==
               "[2001:db8::1]:51344");
    BOOST_TEST(source_of("PROXY UNKNOWN\r\n") == "nobody");
    BOOST_TEST(source_of("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n") == "nobody");
    BOOST_TEST(parse_proxy_header(as_bytes("PROXY UNKNOWN\r\nabc"))->size == 15U);
}

BOOST_AUTO_TEST_CASE(a_header_of_version_2_names_the_source) {
    BOOST_TEST(source_of(v2(0x21, 0x11, addresses_v4)) == "192.0.2.7:51344");
    std::string addresses_v6(36, '\0');
    addresses_v6[0] = 0x20;
    addresses_v6[1] = 0x01;
    addresses_v6[15] = 9;
    addresses_v6[33] = 80;
    BOOST_TEST(source_of(v2(0x21, 0x21, addresses_v6)) == "[2001::9]:80");
    BOOST_TEST(source_of(v2(0x20, 0x00, "")) == "nobody");              // LOCAL: the balancer's own
    BOOST_TEST(source_of(v2(0x21, 0x31, std::string(216, 'x'))) == "nobody");  // unix sockets
}

BOOST_AUTO_TEST_CASE(what_follows_the_addresses_of_version_2_is_skipped) {
    const std::string tlv{"\x01\x00\x04mqtt", 7};
    const auto parsed = parse_proxy_header(as_bytes(v2(0x21, 0x11, addresses_v4 + tlv) + "\x10"));
    BOOST_TEST(parsed->size == 16U + 12U + 7U);
}

BOOST_AUTO_TEST_CASE(a_header_that_is_cut_anywhere_is_incomplete) {
    for (const std::string& whole :
         {std::string{"PROXY TCP4 192.0.2.7 10.0.0.1 51344 1883\r\n"}, v2(0x21, 0x11, addresses_v4)}) {
        for (std::size_t size = 0; size < whole.size(); ++size) {
            BOOST_TEST(source_of(whole.substr(0, size)) == "incomplete");
        }
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_header_is_a_fault_at_its_first_wrong_byte) {
    BOOST_TEST(is_fault("\x10"));  // a CONNECT
    BOOST_TEST(is_fault("GET / HTTP/1.1\r\n"));
    BOOST_TEST(is_fault("PROXIED"));
    BOOST_TEST(is_fault("\r\n\r\r"));
}

BOOST_AUTO_TEST_CASE(a_header_that_breaks_the_protocol_is_a_fault) {
    BOOST_TEST(is_fault("PROXY TCP4 192.0.2.7 10.0.0.1 51344\r\n"));
    BOOST_TEST(is_fault("PROXY TCP4 192.0.2.7 10.0.0.1 51344 70000\r\n"));
    BOOST_TEST(is_fault("PROXY TCP4 2001:db8::1 2001:db8::2 51344 1883\r\n"));
    BOOST_TEST(is_fault("PROXY TCP6 192.0.2.7 10.0.0.1 51344 1883\r\n"));
    BOOST_TEST(is_fault("PROXY TCP5 192.0.2.7 10.0.0.1 51344 1883\r\n"));
    BOOST_TEST(is_fault("PROXY TCP4 192.0.2.7 10.0.0.1 51344 1883 more\r\n"));
    BOOST_TEST(is_fault("PROXY " + std::string(101, 'x')));
    BOOST_TEST(is_fault(v2(0x11, 0x11, addresses_v4)));              // version 1 in the binary form
    BOOST_TEST(is_fault(v2(0x22, 0x11, addresses_v4)));              // an unknown command
    BOOST_TEST(is_fault(v2(0x21, 0x11, addresses_v4.substr(0, 11))));  // too short for its family
    BOOST_TEST(is_fault(v2(0x21, 0x11, std::string(4081, 'x'))));
}

BOOST_AUTO_TEST_SUITE_END()
