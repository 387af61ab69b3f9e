#include "api/base64.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast::api;

BOOST_AUTO_TEST_SUITE(base64)

BOOST_AUTO_TEST_CASE(texts_of_the_standard_are_decoded) {
    struct Case {
        std::string_view text;
        std::string_view bytes;
    };
    // RFC 4648, section 10, and every digit.
    for (const auto& [text, bytes] :
         {Case{"", ""}, Case{"Zg==", "f"}, Case{"Zm8=", "fo"}, Case{"Zm9v", "foo"},
          Case{"Zm9vYg==", "foob"}, Case{"Zm9vYmE=", "fooba"}, Case{"Zm9vYmFy", "foobar"},
          Case{"AP+A/w==", {"\0\xff\x80\xff", 4}}}) {
        std::string decoded;
        BOOST_TEST(decode_base64(text, decoded), text);
        BOOST_TEST(decoded == bytes, text);
        BOOST_TEST((base64_decoded_size(text) == bytes.size()), text);
        BOOST_TEST(encode_base64(bytes) == text);
    }
}

BOOST_AUTO_TEST_CASE(what_is_not_base64_gives_nothing) {
    for (const std::string_view text :
         {"Z", "Zg", "Zg=", "Zm9", "====", "Z===", "=Zg=", "Zg==Zg==", "Zm9v\n", " Zm9v", "Zm9*",
          "-_-_", "Zm9v=", "Zm\xc3\xa9", "Z=g=", "Zm9vYg==="}) {
        std::string decoded = "kept";
        BOOST_TEST(!decode_base64(text, decoded), text);
        BOOST_TEST(decoded == "kept");
        BOOST_TEST(!base64_decoded_size(text), text);
    }
}

BOOST_AUTO_TEST_CASE(bytes_are_appended) {
    std::string bytes = "foo";
    BOOST_TEST(decode_base64("YmFy", bytes));
    BOOST_TEST(bytes == "foobar");
}

BOOST_AUTO_TEST_SUITE_END()
