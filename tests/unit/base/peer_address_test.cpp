#include "base/peer_address.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;

namespace {

bool is_in(std::string_view address, std::string_view range) {
    return parse_address_range(range)->contains(*parse_address(address));
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

BOOST_AUTO_TEST_SUITE_END()
