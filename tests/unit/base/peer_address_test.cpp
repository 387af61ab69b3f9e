#include "base/peer_address.hpp"

#include <boost/test/unit_test.hpp>

using holdfast::PeerAddress;

namespace {

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
