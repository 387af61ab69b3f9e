#include "access/base64url.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast::access;

BOOST_AUTO_TEST_SUITE(base64url)

BOOST_AUTO_TEST_CASE(every_length_is_read) {
    BOOST_TEST(*decode_base64url("") == "");
    BOOST_TEST(*decode_base64url("Zg") == "f");
    BOOST_TEST(*decode_base64url("Zm8") == "fo");
    BOOST_TEST(*decode_base64url("Zm9v") == "foo");
    BOOST_TEST(*decode_base64url("Zm9vYg") == "foob");
    BOOST_TEST(*decode_base64url("-_8") == "\xFB\xFF");
}

BOOST_AUTO_TEST_CASE(there_is_one_text_for_a_value) {
    for (const auto* const text : {"Zg==", "Zh", "Zm9", "Z", "Zm9vY", "Zm 9", "+/8", "Zg\n", "Zm8."}) {
        BOOST_TEST(!decode_base64url(text), text);
    }
}

BOOST_AUTO_TEST_SUITE_END()
