#include "access/token_json.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast::access;

BOOST_AUTO_TEST_SUITE(token_json)

BOOST_AUTO_TEST_CASE(an_object_is_read_and_nothing_else) {
    BOOST_TEST(parse_token_json(R"({"a":{"b":[1,"x:\":y",{"c":null}]}})").has_value());
    BOOST_TEST(parse_token_json("{}").has_value());
    for (const auto* const text :
         {"", "[]", "1", "null", "{", "{}x", "{'a':1}", "{\"a\":1,}", "{\"a\":\"\xFF\"}"}) {
        BOOST_TEST(!parse_token_json(text), text);
    }
}

BOOST_AUTO_TEST_CASE(a_name_that_stands_twice_is_refused_wherever_it_is) {
    BOOST_TEST(!parse_token_json(R"({"a":1,"a":1})"));
    BOOST_TEST(!parse_token_json(R"({"a":1,"\u0061":2})"));
    BOOST_TEST(!parse_token_json(R"({"x":[{"a":1,"b":2,"a":1}]})"));
    BOOST_TEST(parse_token_json(R"({"a":{"a":1},"b":{"a":1}})").has_value());
}

BOOST_AUTO_TEST_CASE(its_depth_has_a_maximum) {
    const auto nested = [](std::size_t depth) {
        return R"({"a":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
    };
    BOOST_TEST(parse_token_json(nested(token_json_depth_max)).has_value());
    BOOST_TEST(!parse_token_json(nested(token_json_depth_max + 1)));
    BOOST_TEST(!parse_token_json(nested(8'000)));
}

BOOST_AUTO_TEST_CASE(only_texts_are_found_as_texts) {
    const auto object = parse_token_json(R"({"a":"x","b":1})");
    BOOST_TEST_REQUIRE(object.has_value());
    BOOST_TEST((*find_text(*object, "a") == "x"));
    BOOST_TEST(find_text(*object, "b") == nullptr);
    BOOST_TEST(find_text(*object, "c") == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
