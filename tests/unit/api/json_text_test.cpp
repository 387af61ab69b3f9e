#include "api/json_text.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <limits>
#include <string>

using namespace holdfast::api;

namespace {

std::string quoted(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(json_text)

BOOST_AUTO_TEST_CASE(a_member_is_found_as_it_stands) {
    struct Case {
        std::string_view object;
        std::string_view text;
    };
    for (const auto& [object, text] :
         {Case{R"({"m":1})", "1"}, Case{" { \"m\" : 23.50 , \"x\" : 1 } ", "23.50"},
          Case{R"({"x":{"m":2},"m":[1,{"m":3}]})", R"([1,{"m":3}])"},
          Case{R"({"x":"\"m\":1","m":"a\\\"}b"})", R"("a\\\"}b")"}, Case{R"({"m":1,"m":2})", "2"},
          Case{R"({"\u006d":true})", "true"},
          Case{"{\"m\":{\n \"a\": [ ] }\n}", "{\n \"a\": [ ] }"}, Case{R"({"m":{}})", "{}"},
          Case{R"({"x":1})", ""}, Case{R"({"x\\":"m","xm":1,"":2})", ""}, Case{"{}", ""},
          Case{R"({"m":-1e400})", "-1e400"}}) {
        BOOST_TEST(find_member_text(object, "m") == text, object);
    }
}

BOOST_AUTO_TEST_CASE(members_and_elements_come_in_their_order) {
    const auto members = member_texts(R"( {"a" : 1.50, "\u0062":[1,{"x":"}"}] , "c":"\\" } )");
    BOOST_TEST_REQUIRE(members.size() == 3U);
    BOOST_TEST(members[0].value == "1.50");
    BOOST_TEST(members[1].has_key("b"));
    BOOST_TEST(!members[1].has_key("a"));
    BOOST_TEST(members[1].value == R"([1,{"x":"}"}])");
    BOOST_TEST(members[2].value == R"("\\")");
    BOOST_TEST(member_texts("{}").empty());
    const auto elements = element_texts(R"( [ {"a":[2]} , "],", 1e400,[ ],null ] )");
    const std::vector<std::string_view> expected{R"({"a":[2]})", "\"],\"", "1e400", "[ ]", "null"};
    BOOST_TEST(elements == expected, boost::test_tools::per_element());
    BOOST_TEST(element_texts("[ ]").empty());
}

BOOST_AUTO_TEST_CASE(spaces_between_tokens_go_and_those_in_texts_stay) {
    BOOST_TEST(compact_json(" { \"a b\" : [ 1.50 ,\r\n\t\"x \\\" y\" , { } ] } ") ==
               R"({"a b":[1.50,"x \" y",{}]})");
    BOOST_TEST(compact_json(" 5 ") == "5");
    BOOST_TEST(compact_json("") == "");
}

BOOST_AUTO_TEST_CASE(texts_are_quoted_so_that_a_parser_gets_them_back) {
    BOOST_TEST(quoted("") == "\"\"");
    BOOST_TEST(quoted("a\"b\\c\n\r\t\x01\x1f/") == R"("a\"b\\c\n\r\t\u0001\u001f/")");
    std::string all;
    for (int c = 0; c < 0x80; ++c) all += static_cast<char>(c);
    all += "é中\U0001F600";
    BOOST_TEST(boost::json::parse(quoted(all)).as_string() == all);
}

BOOST_AUTO_TEST_CASE(numbers_are_written_with_all_their_digits) {
    JsonWriter writer;
    writer.begin_object();
    writer.number("least", std::numeric_limits<std::int64_t>::min());
    writer.number("zero", 0);
    writer.number("most", std::numeric_limits<std::int64_t>::max());
    writer.end_object();
    BOOST_TEST(writer.take() ==
               R"({"least":-9223372036854775808,"zero":0,"most":9223372036854775807})");
}

BOOST_AUTO_TEST_CASE(a_writer_sets_the_commas) {
    JsonWriter writer;
    writer.begin_object();
    writer.text("a", "[");
    writer.number("b", -5);
    writer.begin_array("c");
    for (int i = 0; i < 2; ++i) {
        writer.begin_object();
        writer.json("d", "{}");
        writer.end_object();
    }
    writer.end_array();
    writer.begin_object("e");
    writer.end_object();
    writer.text("f", "");
    writer.end_object();
    BOOST_TEST(writer.size() == 54U);
    BOOST_TEST(writer.take() == R"({"a":"[","b":-5,"c":[{"d":{}},{"d":{}}],"e":{},"f":""})");
}

BOOST_AUTO_TEST_SUITE_END()
