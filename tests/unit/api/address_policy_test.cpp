#include "api/address_policy.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using api::AddressPolicy;

namespace {

bool allows(const AddressPolicy& policy, const std::string& text) {
    return policy.allows(boost::asio::ip::make_address(text));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(address_policy)

BOOST_AUTO_TEST_CASE(public_addresses_are_allowed) {
    for (const char* const text : {"8.8.8.8", "172.32.0.1", "100.128.0.1", "192.167.255.255",
                                   "223.255.255.255", "2606:4700::1", "2a00:1450::5"}) {
        BOOST_TEST(allows({}, text), text);
    }
}

BOOST_AUTO_TEST_CASE(what_only_the_server_reaches_is_refused) {
    for (const char* const text : {"127.0.0.1",
                                   "127.255.0.9",
                                   "0.0.0.0",
                                   "0.1.2.3",
                                   "10.1.2.3",
                                   "172.16.0.1",
                                   "172.31.255.255",
                                   "192.168.1.1",
                                   "100.64.0.1",
                                   "169.254.169.254",
                                   "224.0.0.1",
                                   "255.255.255.255",
                                   "::1",
                                   "::",
                                   "::127.0.0.1",
                                   "fe80::1",
                                   "fe80::1%1",
                                   "fc00::1",
                                   "fd00:ec2::254",
                                   "ff02::1",
                                   "64:ff9b::a00:1",
                                   "2002:7f00:1::",
                                   "2001:0:1::",
                                   "::ffff:127.0.0.1",
                                   "::ffff:8.8.8.8"}) {
        BOOST_TEST(!allows({}, text), text);
        BOOST_TEST(allows({.allows_all = true, .allowed = {}}, text), text);
    }
}

BOOST_AUTO_TEST_CASE(a_range_that_is_named_is_allowed_and_no_other) {
    const AddressPolicy policy{
        .allows_all = false,
        .allowed = {*parse_address_range("10.1.0.0/16"), *parse_address_range("fd00::/8")}};
    BOOST_TEST(allows(policy, "10.1.2.3"));
    BOOST_TEST(allows(policy, "::ffff:10.1.2.3"));
    BOOST_TEST(allows(policy, "fd00::9"));
    BOOST_TEST(allows(policy, "8.8.8.8"));
    BOOST_TEST(!allows(policy, "10.2.2.3"));
    BOOST_TEST(!allows(policy, "127.0.0.1"));
}

BOOST_AUTO_TEST_SUITE_END()
