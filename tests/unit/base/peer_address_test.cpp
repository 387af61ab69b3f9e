#include "base/peer_address.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;

namespace {

bool is_in(std::string_view address, std::string_view range) {
    return parse_address_range(range)->contains(*parse_address(address));
}

PeerAddress ipv4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
    PeerAddress peer{.address = {}, .port = 1883};
    peer.address[10] = peer.address[11] = 0xFF;
    peer.address[12] = a;
    peer.address[13] = b;
    peer.address[14] = c;
    peer.address[15] = d;
    return peer;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(peer_address)

BOOST_AUTO_TEST_CASE(addresses_of_both_families_are_read_and_written) {
    BOOST_TEST(parse_address("192.0.2.7", 80)->to_string() == "192.0.2.7:80");
    BOOST_TEST(parse_address("2001:db8::1", 80)->to_string() == "[2001:db8::1]:80");
    BOOST_TEST(parse_address("::ffff:192.0.2.7")->address_text() == "192.0.2.7");
    for (const char* const text : {"", "localhost", "1.2.3", "1.2.3.4.5", "1.2.3.256", ":::", "1.2.3.4/8"}) {
        BOOST_TEST(!parse_address(text));
    }
}

BOOST_AUTO_TEST_CASE(a_range_holds_what_begins_with_its_bits) {
    BOOST_TEST(is_in("10.255.0.1", "10.0.0.0/8"));
    BOOST_TEST(!is_in("11.0.0.1", "10.0.0.0/8"));
    BOOST_TEST(is_in("10.1.2.130", "10.1.2.128/25"));
    BOOST_TEST(!is_in("10.1.2.127", "10.1.2.128/25"));
    BOOST_TEST(is_in("1.2.3.4", "0.0.0.0/0"));
    BOOST_TEST(!is_in("2001:db8::1", "0.0.0.0/0"));
    BOOST_TEST(is_in("1.2.3.4", "::/0"));
    BOOST_TEST(is_in("2001:db8:ffff::1", "2001:db8::/32"));
    BOOST_TEST(is_in("192.0.2.7", "192.0.2.7"));
    BOOST_TEST(!is_in("192.0.2.8", "192.0.2.7"));
}

BOOST_AUTO_TEST_CASE(a_range_is_written_as_it_was_read) {
    for (const char* const text : {"10.0.0.0/8", "0.0.0.0/0", "192.0.2.7", "2001:db8::/32", "::/0", "::1"}) {
        BOOST_TEST(parse_address_range(text)->to_string() == text);
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_range_is_none) {
    for (const char* const text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x",
                                   "10.0.0.1/8", "::/129", "host/8"}) {
        BOOST_TEST(!parse_address_range(text));
    }
}

BOOST_AUTO_TEST_CASE(an_ipv4_address_is_its_own_network) {
    const PeerAddress network = ipv4(192, 0, 2, 7).network();
    BOOST_TEST(network.address_text() == "192.0.2.7");
    BOOST_TEST(network.port == 0U);
    BOOST_TEST(network.is_ipv4());
}

BOOST_AUTO_TEST_CASE(of_ipv6_the_first_64_bits_count) {
    PeerAddress peer{.address = {0x20, 0x01, 0x0D, 0xB8, 0, 1, 0, 2, 3, 4}, .port = 5};
    BOOST_TEST(peer.network().address_text() == "2001:db8:1:2::");
    BOOST_TEST(!peer.is_ipv4());
}

BOOST_AUTO_TEST_CASE(this_machine_is_127_and_1) {
    BOOST_TEST(ipv4(127, 0, 0, 1).is_loopback());
    BOOST_TEST(ipv4(127, 9, 9, 9).is_loopback());
    BOOST_TEST(!ipv4(128, 0, 0, 1).is_loopback());
    PeerAddress one;
    BOOST_TEST(!one.is_loopback());
    one.address[15] = 1;
    BOOST_TEST(one.is_loopback());
    one.address[0] = 0xFE;
    BOOST_TEST(!one.is_loopback());
}

BOOST_AUTO_TEST_SUITE_END()
