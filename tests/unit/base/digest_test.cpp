#include "base/digest.hpp"

#include "support/counting_bytes.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace holdfast;
using namespace test_support;

BOOST_AUTO_TEST_SUITE(digest)

BOOST_AUTO_TEST_CASE(bytes_become_hexadecimal_and_come_back) {
    const std::vector<std::uint8_t> bytes{0x00, 0x0F, 0xA5, 0xFF};
    BOOST_TEST(to_hex(bytes) == "000fa5ff");
    BOOST_TEST(from_hex("000fa5ff") == bytes, boost::test_tools::per_element());
    for (const char* wrong : {"", "0", "0g", "0F", "00 0"}) {
        BOOST_TEST(from_hex(wrong).empty(), wrong);
    }
}

BOOST_AUTO_TEST_CASE(sha256_is_that_of_the_standard) {
    BOOST_TEST(sha256_hex("abc") ==
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    BOOST_TEST(sha256_hex("") ==
               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

BOOST_AUTO_TEST_CASE(random_texts_have_their_length_and_differ) {
    CountingBytes random;
    std::set<std::string> texts;
    for (int i = 0; i < 100; ++i) {
        const std::string hex = random_hex(random, 16);
        const std::string word = random_word(random, 24);
        BOOST_TEST(from_hex(hex).size() == 16U);
        BOOST_TEST(word.size() == 24U);
        BOOST_TEST(word.find_first_not_of("abcdefghijkmnpqrstuvwxyz23456789") == std::string::npos);
        texts.insert(hex);
        texts.insert(word);
    }
    BOOST_TEST(texts.size() == 200U);
}

BOOST_AUTO_TEST_CASE(texts_are_equal_byte_by_byte) {
    BOOST_TEST(is_equal_in_constant_time("", ""));
    BOOST_TEST(is_equal_in_constant_time("abc", "abc"));
    BOOST_TEST(!is_equal_in_constant_time("abc", "abd"));
    BOOST_TEST(!is_equal_in_constant_time("abc", "ab"));
}

BOOST_AUTO_TEST_SUITE_END()
