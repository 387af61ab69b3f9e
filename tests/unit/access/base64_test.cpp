#include "access/base64.hpp"

#include "base/bytes.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::access;

BOOST_AUTO_TEST_SUITE(base64)

BOOST_AUTO_TEST_CASE(the_examples_of_rfc_4648_come_out) {
    const std::pair<const char*, const char*> examples[] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : examples) {
        BOOST_TEST(to_base64(as_bytes(bytes)) == text);
        BOOST_TEST(from_base64(text).value() == bytes);
    }
    const std::string all{"\x00\xFB\xEF\xFF", 4};
    BOOST_TEST(to_base64(as_bytes(all)) == "APvv/w==");
    BOOST_TEST(from_base64("APvv/w==").value() == all);
}

BOOST_AUTO_TEST_CASE(what_is_no_base64_is_refused) {
    for (const char* text : {"Z", "Zg", "Zg=", "Zm9v=", "Z===", "====", "Zg==Zg==", "Z=g=", " Zm9v",
                             "Zm9v\n", "Zm 9", "Zm-_", "Zg=a"}) {
        BOOST_TEST(!from_base64(text).has_value(), text);
    }
}

BOOST_AUTO_TEST_SUITE_END()
