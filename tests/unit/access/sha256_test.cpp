#include "access/sha256.hpp"

#include "base/bytes.hpp"
#include "base/digest.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace holdfast::access;

BOOST_AUTO_TEST_SUITE(sha256)

BOOST_AUTO_TEST_CASE(known_digests_come_out) {
    // FIPS 180-4, and RFC 4231 case 2.
    BOOST_TEST(to_hex(sha256_of(as_bytes("abc"))) ==
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    BOOST_TEST(to_hex(hmac_sha256(as_bytes("Jefe"), "what do ya want for nothing?")) ==
               "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

BOOST_AUTO_TEST_SUITE_END()
