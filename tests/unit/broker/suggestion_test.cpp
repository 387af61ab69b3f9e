#include "suggestion.hpp"

#include <boost/test/unit_test.hpp>

#include <array>

using namespace holdfast;

BOOST_AUTO_TEST_SUITE(suggestion)

BOOST_AUTO_TEST_CASE(distance_counts_insertions_deletions_replacements_and_swaps) {
    BOOST_TEST(edit_distance("", "") == 0U);
    BOOST_TEST(edit_distance("", "abc") == 3U);
    BOOST_TEST(edit_distance("abc", "") == 3U);
    BOOST_TEST(edit_distance("serve", "serve") == 0U);
    BOOST_TEST(edit_distance("serv", "serve") == 1U);
    BOOST_TEST(edit_distance("sevre", "serve") == 1U);
    BOOST_TEST(edit_distance("sarve", "serve") == 1U);
    BOOST_TEST(edit_distance("limits", "listen") == 4U);
}

BOOST_AUTO_TEST_CASE(only_a_near_word_is_suggested) {
    constexpr std::array<std::string_view, 3> known{"serve", "check-config", "help"};
    BOOST_TEST(nearest_word("serv", known) == "serve");
    BOOST_TEST(nearest_word("check_config", known) == "check-config");
    BOOST_TEST(nearest_word("hepl", known) == "help");
    BOOST_TEST(nearest_word("publish", known).empty());
    BOOST_TEST(nearest_word("", known).empty());
    BOOST_TEST(nearest_word(std::string(1000, 's'), known).empty());
    BOOST_TEST(suggest("serv", known, "else") == "did you mean `serve`?");
    BOOST_TEST(suggest("publish", known, "else") == "else");
}

BOOST_AUTO_TEST_SUITE_END()
