#include "base/ascii.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string_view>

using namespace holdfast;

BOOST_AUTO_TEST_SUITE(ascii)

BOOST_AUTO_TEST_CASE(only_letters_of_ascii_lose_their_case) {
    BOOST_TEST(equals_ignoring_case("", ""));
    BOOST_TEST(equals_ignoring_case("Chunked", "cHUNKED"));
    BOOST_TEST(!equals_ignoring_case("chunked", "chunke"));
    BOOST_TEST(!equals_ignoring_case("a@[", "A`{"));
    BOOST_TEST(!equals_ignoring_case("\xC3\xA4", "\xC3\x84"));
}

BOOST_AUTO_TEST_CASE(nothing_behind_the_last_letter_is_read) {
    const auto last = std::make_unique<char>('x');  // AddressSanitizer watches what follows
    BOOST_TEST(equals_ignoring_case(std::string_view{last.get(), 1}, "X"));
}

BOOST_AUTO_TEST_SUITE_END()
