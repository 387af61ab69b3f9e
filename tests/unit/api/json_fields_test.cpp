#include "api/json_fields.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

namespace {

using namespace holdfast::api;

enum class Colour { red, blue };
constexpr std::array colours{Word{"red", Colour::red}, Word{"blue", Colour::blue}};
constexpr IntegerRule minutes{.min = 0, .max = 1440, .multiple_of = 5};

/// The sentence about what is wrong with `body` when `read` reads it; empty: nothing.
template <class Read>
std::string error_of(std::string_view body, Read read) {
    const boost::json::value value = boost::json::parse(body);
    std::optional<FieldError> error;
    JsonFields fields{value, error};
    read(fields);
    BOOST_TEST(fields.failed() == error.has_value());
    return error ? to_string(*error) : std::string{};
}

std::string text_error(std::string_view body, const TextRule& rule) {
    return error_of(body, [&](JsonFields& fields) { (void)fields.find_text("a", rule); });
}

std::string integer_error(std::string_view body) {
    return error_of(body, [](JsonFields& fields) { (void)fields.find_integer("a", minutes); });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(json_fields)

BOOST_AUTO_TEST_CASE(fields_are_read_with_their_types) {
    const auto value = boost::json::parse(
        R"({"t":"x","i":5,"b":true,"w":"blue","o":{"t":"y"},"a":[1],"s":["p","q"],"l":[{"t":"z"}]})");
    std::optional<FieldError> error;
    JsonFields fields{value, error};
    BOOST_TEST(fields.text("t", {}) == "x");
    BOOST_TEST(fields.integer("i", minutes) == 5);
    BOOST_TEST((fields.find_bool("b") == true));
    BOOST_TEST((fields.find_word("w", colours) == Colour::blue));
    BOOST_TEST(fields.object("o").text("t", {}) == "y");
    BOOST_TEST(fields.find_array("a", 1)->size() == 1U);
    BOOST_TEST((fields.find_texts("s", 2, {}) == std::vector<std::string_view>{"p", "q"}));
    BOOST_TEST(fields.find_objects("l", 1).at(0).text("t", {}) == "z");
    BOOST_TEST(!error.has_value());
}

BOOST_AUTO_TEST_CASE(absent_and_null_are_the_same) {
    for (const char* const body : {"{}", R"({"a":null})"}) {
        const auto read = [](JsonFields& fields) {
            BOOST_TEST(!fields.find_text("a", {}));
            BOOST_TEST(!fields.find_integer("a", {}));
            BOOST_TEST(!fields.find_bool("a"));
            BOOST_TEST(!fields.find_word("a", colours));
            BOOST_TEST(!fields.find_object("a"));
            BOOST_TEST(fields.find_array("a", 1) == nullptr);
            BOOST_TEST(fields.find_objects("a", 1).empty());
            BOOST_TEST(fields.find_texts("a", 1, {}).empty());
            BOOST_TEST(fields.find_value("a") == nullptr);
        };
        BOOST_TEST(error_of(body, read) == "", body);
    }
}

BOOST_AUTO_TEST_CASE(a_required_field_must_be_there) {
    for (const char* const body : {"{}", R"({"a":null})"}) {
        const std::string expected = "a must be there";
        BOOST_TEST(error_of(body, [](JsonFields& f) { (void)f.text("a", {}); }) == expected);
        BOOST_TEST(error_of(body, [](JsonFields& f) { (void)f.integer("a", {}); }) == expected);
        BOOST_TEST(error_of(body, [](JsonFields& f) { (void)f.object("a"); }) == expected);
        BOOST_TEST(error_of(body, [](JsonFields& f) { (void)f.value("a"); }) == expected);
    }
}

BOOST_AUTO_TEST_CASE(the_first_error_is_kept_and_the_rest_is_empty) {
    const auto read = [](JsonFields& fields) {
        BOOST_TEST(fields.integer("a", minutes) == 0);
        BOOST_TEST(fields.text("b", {.characters_max = 1}).empty());
        BOOST_TEST(fields.failed());
    };
    BOOST_TEST(error_of(R"({"a":7,"b":"long"})", read) ==
               "a must be a whole number from 0 to 1440 and a multiple of 5, not 7");
}

BOOST_AUTO_TEST_CASE(a_body_that_is_no_object_is_refused_whole) {
    for (const char* const body : {"[]", "5", "\"x\"", "null", "true"}) {
        const std::string error = error_of(body, [](JsonFields& f) { (void)f.text("a", {}); });
        BOOST_TEST(error == "the body must be an object, not " + std::string{body});
    }
}

BOOST_AUTO_TEST_CASE(whole_numbers_at_their_limits) {
    for (const char* const body : {R"({"a":0})", R"({"a":1440})", R"({"a":5.0})", R"({"a":1e1})",
                                   R"({"a":-0})", R"({"a":-0.0})"}) {
        BOOST_TEST(integer_error(body) == "", body);
    }
    for (const char* const body :
         {R"({"a":-5})", R"({"a":1445})", R"({"a":7})", R"({"a":5.5})", R"({"a":"5"})",
          R"({"a":true})", R"({"a":[]})", R"({"a":1e300})", R"({"a":18446744073709551615})",
          R"({"a":99999999999999999999})", R"({"a":9223372036854775805})"}) {
        BOOST_TEST(integer_error(body).starts_with("a must be a whole number from 0 to 1440"),
                   body);
    }
}

BOOST_AUTO_TEST_CASE(lengths_are_counted_in_characters) {
    const TextRule rule{.characters_min = 1, .characters_max = 3};
    for (const char* const body : {R"({"a":"x"})", R"({"a":"xyz"})", "{\"a\":\"中文字\"}",
                                   "{\"a\":\"\U0001F600\U0001F600\U0001F600\"}"}) {
        BOOST_TEST(text_error(body, rule) == "", body);
    }
    BOOST_TEST(text_error(R"({"a":""})", rule) ==
               "a must be a text of 1 to 3 characters, not \"\"");
    BOOST_TEST(text_error(R"({"a":"wxyz"})", rule) != "");
    BOOST_TEST(text_error("{\"a\":\"中文字字\"}", rule) != "");
    BOOST_TEST(text_error(R"({"a":5})", rule) == "a must be a text of 1 to 3 characters, not 5");
}

BOOST_AUTO_TEST_CASE(rules_are_said_in_words) {
    BOOST_TEST(to_string(TextRule{}) == "must be a text");
    BOOST_TEST(to_string(TextRule{.characters_max = 5}) ==
               "must be a text of at most 5 characters");
    BOOST_TEST(to_string(TextRule{.characters_min = 2}) ==
               "must be a text of at least 2 characters");
    BOOST_TEST(to_string(TextRule{24, 24, identifier_alphabet}) ==
               "must be a text of 24 characters of letters, digits, _ and -");
}

BOOST_AUTO_TEST_CASE(alphabets_hold_what_the_contract_lists) {
    BOOST_TEST(is_written_in("azAZ09_-", identifier_alphabet));
    for (const char* const text : {" ", ".", "+", "中", "\xC3\xA9", "a b"}) {
        BOOST_TEST(!is_written_in(text, identifier_alphabet), text);
    }
    BOOST_TEST(is_written_in("azAZ09_?'#().,&%@!-", name_alphabet));
    BOOST_TEST(is_written_in("一龥㐀\U00020000", name_alphabet));
    for (const char* const text : {" ", "/", "\"", "+", "$", "é", "。", "か", "\U0001F600", "\n"}) {
        BOOST_TEST(!is_written_in(text, name_alphabet), text);
    }
    BOOST_TEST(is_written_in("a b 中", spaced_name_alphabet));
    BOOST_TEST(!is_written_in("a\tb", spaced_name_alphabet));
}

BOOST_AUTO_TEST_CASE(bytes_that_are_not_utf8_are_in_no_alphabet) {
    for (const char* const text : {"\xff", "\xe4\xb8", "a\x80", "\xc3"}) {
        BOOST_TEST(!is_written_in(text, spaced_name_alphabet), text);
    }
}

BOOST_AUTO_TEST_CASE(words_are_a_closed_list) {
    const auto read = [](JsonFields& fields) { (void)fields.find_word("a", colours); };
    BOOST_TEST(error_of(R"({"a":"green"})", read) == "a must be one of red, blue, not \"green\"");
    BOOST_TEST(error_of(R"({"a":"Red"})", read) != "");
    BOOST_TEST(error_of(R"({"a":1})", read) != "");
}

BOOST_AUTO_TEST_CASE(arrays_have_a_maximum) {
    const auto read = [](JsonFields& fields) { (void)fields.find_array("a", 2); };
    BOOST_TEST(error_of(R"({"a":[1,2]})", read) == "");
    BOOST_TEST(error_of(R"({"a":[1,2,3]})", read) == "a must be an array of at most 2 elements");
    BOOST_TEST(error_of(R"({"a":{}})", read) == "a must be an array of at most 2 elements, not {}");
}

BOOST_AUTO_TEST_CASE(an_error_names_the_whole_path) {
    const auto read = [](JsonFields& fields) {
        for (JsonFields& element : fields.object("p").find_objects("list", 20)) {
            (void)element.text("key", {.characters_max = 2});
        }
    };
    BOOST_TEST(error_of(R"({"p":{"list":[{"key":"k"},{"key":"long"}]}})", read) ==
               "p.list[1].key must be a text of at most 2 characters, not \"long\"");
    BOOST_TEST(error_of(R"({"p":{"list":[{"key":"k"},{}]}})", read) ==
               "p.list[1].key must be there");
    BOOST_TEST(error_of(R"({"p":{"list":[5]}})", read) == "p.list[0] must be an object, not 5");
    BOOST_TEST(error_of(R"({"p":5})", read) == "p must be an object, not 5");
    const auto read_texts = [](JsonFields& fields) { (void)fields.find_texts("a", 9, {}); };
    BOOST_TEST(error_of(R"({"a":["x",5]})", read_texts) == "a[1] must be a text, not 5");
}

BOOST_AUTO_TEST_CASE(a_large_value_is_shortened_between_characters) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += "中";
    const std::string error = text_error("{\"a\":\"" + text + "\"}", {.characters_max = 1});
    BOOST_TEST(error.ends_with("中..."));
    BOOST_TEST(count_characters(error) < 120U);
}

BOOST_AUTO_TEST_CASE(a_secret_is_not_shown) {
    const TextRule rule{.characters_min = 8, .characters_max = 32, .is_secret = true};
    BOOST_TEST(text_error(R"({"a":"hunter2"})", rule) == "a must be a text of 8 to 32 characters");
}

BOOST_AUTO_TEST_CASE(the_caller_may_add_a_rule_of_its_own) {
    const auto read = [](JsonFields& fields) { fields.fail("a", "cannot stand beside b"); };
    BOOST_TEST(error_of("{}", read) == "a cannot stand beside b");
}

BOOST_AUTO_TEST_SUITE_END()
