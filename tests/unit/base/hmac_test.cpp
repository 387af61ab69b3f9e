#include "base/hmac.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;

namespace {

std::string mac_of(std::string_view key, std::string_view data) {
    return std::string{as_text(to_hex_text(HmacKey{key}.mac(data)))};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hmac)

// RFC 4231, test cases 1, 2, 6 and 7.
BOOST_AUTO_TEST_CASE(it_is_that_of_the_standard) {
    BOOST_TEST(mac_of(std::string(20, '\x0b'), "Hi There") ==
               "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    BOOST_TEST(mac_of("Jefe", "what do ya want for nothing?") ==
               "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

BOOST_AUTO_TEST_CASE(a_key_longer_than_a_block_is_digested_first) {
    const std::string key(131, '\xaa');
    BOOST_TEST(mac_of(key, "Test Using Larger Than Block-Size Key - Hash Key First") ==
               "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    BOOST_TEST(mac_of(key,
                      "This is a test using a larger than block-size key and a larger than "
                      "block-size data. The key needs to be hashed before being used by the HMAC "
                      "algorithm.") ==
               "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

BOOST_AUTO_TEST_CASE(one_key_serves_many_texts) {
    const HmacKey key{"Jefe"};
    BOOST_TEST((key.mac("a") == key.mac("a")));
    BOOST_TEST((key.mac("a") != key.mac("b")));
}

BOOST_AUTO_TEST_SUITE_END()
