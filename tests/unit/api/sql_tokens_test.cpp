#include "api/sql_tokens.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace {

using namespace holdfast::api;

/// "word:select sign:* ...", up to the end or the problem.
std::string tokens_of(std::string_view statement) {
    constexpr const char* kinds[] = {"word:", "number:", "text:", "sign:", "end"};
    SqlTokens tokens{statement};
    std::string text;
    while (true) {
        const auto token = tokens.take();
        if (!token) return text + std::to_string(token.error().place);
        text += kinds[static_cast<int>(token->kind)];
        if (token->kind == SqlToken::Kind::end) return text;
        text += std::string{token->written} + " ";
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sql_tokens)

BOOST_AUTO_TEST_CASE(a_statement_is_taken_apart) {
    BOOST_TEST(tokens_of("") == "end");
    BOOST_TEST(tokens_of("  a1_ 12 12a\t'x' ") == "word:a1_ number:12 word:12a text:'x' end");
    BOOST_TEST(tokens_of("a!='b'<>c>=d,*;()") ==
               "word:a sign:!= text:'b' sign:<> word:c sign:>= word:d sign:, sign:* sign:; "
               "sign:( sign:) end");
    BOOST_TEST(tokens_of("'a''b'''") == "text:'a''b''' end");
}

BOOST_AUTO_TEST_CASE(what_is_no_token_is_told_with_its_place) {
    BOOST_TEST(tokens_of("a = 'b") == "word:a sign:= 4");
    BOOST_TEST(tokens_of("a ? b") == "word:a 2");
    BOOST_TEST(tokens_of("a = \"b\"") == "word:a sign:= 4");
    BOOST_TEST(tokens_of("'''") == "0");
}

BOOST_AUTO_TEST_CASE(keywords_are_the_same_in_capitals_and_values_are_not) {
    SqlTokens tokens{"SeLeCt 'it''s'"};
    const SqlToken keyword = *tokens.take();
    BOOST_TEST(keyword.is_word("select"));
    BOOST_TEST(!keyword.is_word("selec"));
    BOOST_TEST(!keyword.is_sign("SeLeCt"));
    BOOST_TEST((*tokens.take()).value() == "it's");
    BOOST_TEST((*tokens.take()).shown() == "the end");
}

BOOST_AUTO_TEST_SUITE_END()
