#include "api/json_body.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast::api;

namespace {

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

/// The answer's message, which must be the one for what is not JSON.
std::string refusal_of(std::string_view body) {
    const auto parsed = parse_json_body(body);
    BOOST_TEST_REQUIRE(parsed.has_error(), body);
    BOOST_TEST(parsed.error().result_int() == 400U);
    const auto error = boost::json::parse(parsed.error().body()).as_object();
    BOOST_TEST(error.at("error_code").as_string() == "IOTDA.000008");
    return std::string{error.at("error_msg").as_string()};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(json_body)

BOOST_AUTO_TEST_CASE(one_json_text_is_taken_with_space_around_it) {
    for (const char* const body : {"{}", " {\"a\": [1, null]} \r\n", "5", "\"\\u4e2d\""}) {
        BOOST_TEST(parse_json_body(body).has_value(), body);
    }
}

BOOST_AUTO_TEST_CASE(what_is_not_json_is_refused_with_its_place) {
    BOOST_TEST(refusal_of("{\"a\": tru}") == "the body is not JSON: syntax error at byte 6");
    BOOST_TEST(refusal_of("").ends_with(" at byte 0"));
    for (const char* const body :
         {"{", "{}{}", "{'a':1}", "{\"a\":1,}", "[1 2]", "\"\x01\"", "NaN", "// x\n{}"}) {
        BOOST_TEST(refusal_of(body).starts_with("the body is not JSON: "), body);
    }
}

BOOST_AUTO_TEST_CASE(what_is_not_utf8_is_refused) {
    for (const char* const body : {"\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\\ud800\""}) {
        BOOST_TEST(parse_json_body(body).has_error(), body);
    }
}

BOOST_AUTO_TEST_CASE(depth_is_accepted_at_its_maximum_and_refused_beyond) {
    BOOST_TEST(parse_json_body(nested(json_depth_max)).has_value());
    BOOST_TEST(refusal_of(nested(json_depth_max + 1)).find("32") != std::string::npos);
    BOOST_TEST(parse_json_body(std::string(1'000'000, '[')).has_error());
}

BOOST_AUTO_TEST_CASE(a_field_that_breaks_its_rule_is_invalid_input) {
    const Response response = field_error_response({"ttl", "must be there", ""});
    BOOST_TEST(response.result_int() == 400U);
    const auto error = boost::json::parse(response.body()).as_object();
    BOOST_TEST(error.at("error_code").as_string() == "IOTDA.000006");
    BOOST_TEST(error.at("error_msg").as_string() == "ttl must be there");
}

BOOST_AUTO_TEST_SUITE_END()
