#include "api/message_schema.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

namespace {

using namespace holdfast;
using namespace holdfast::api;
using delivery::DeviceMessage;

boost::system::result<DeviceMessage, FieldError> read(const std::string& body) {
    return read_message(body, boost::json::parse(body), "pump-7");
}

/// A body that has only what it must have besides `field`.
std::string with(const std::string& field) { return R"({"message":"x",)" + field + "}"; }

DeviceMessage accepted(const std::string& body) {
    const auto message = read(body);
    BOOST_TEST_REQUIRE(message.has_value(),
                       body << ": " << (message ? std::string{} : to_string(message.error())));
    return *message;
}

/// The sentence; empty: it is accepted.
std::string refusal(const std::string& body) {
    const auto message = read(body);
    return message ? std::string{} : to_string(message.error());
}

std::string repeated(std::size_t count, const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += text;
    return out;
}

std::string user_properties(std::size_t count) {
    std::string list = repeated(count, R"({"prop_key":"k","prop_value":"v"},)");
    if (!list.empty()) list.pop_back();
    return with(R"("properties":{"user_properties":[)" + list + "]}");
}

struct Field {
    std::string text;  ///< "key":value
    bool is_valid;
};

/// Each text once at each limit, met and exceeded.
void check(const std::vector<Field>& table) {
    for (const Field& field : table) {
        const std::string error = refusal(with(field.text));
        const std::string shown = field.text.substr(0, 80);
        BOOST_TEST(error.empty() == field.is_valid, shown << ": " << error);
    }
}

std::string text_field(const std::string& key, const std::string& value) {
    return "\"" + key + "\":\"" + value + "\"";
}

std::string property(const std::string& key, const std::string& value) {
    return "\"properties\":{" + text_field(key, value) + "}";
}

std::string user_property(const std::string& key, const std::string& value) {
    return R"("properties":{"user_properties":[{)" + text_field("prop_key", key) + "," +
           text_field("prop_value", value) + "}]}";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(message_schema)

BOOST_AUTO_TEST_CASE(the_least_body_gets_the_defaults) {
    const DeviceMessage message = accepted(R"({"message":"hello"})");
    DeviceMessage expected;
    expected.content = "hello";
    expected.topic = "$oc/devices/pump-7/sys/messages/down";
    expected.ttl = std::chrono::hours{24};
    BOOST_TEST((message == expected));
}

BOOST_AUTO_TEST_CASE(every_field_is_taken) {
    const DeviceMessage message = accepted(R"({"message_id":"m-1","name":"n","message":"eA==",
        "encoding":"base64","payload_format":"raw","topic":"alarm/high","ttl":10,
        "properties":{"correlation_data":"c","response_topic":"r/x",
            "user_properties":[{"prop_key":"a","prop_value":"1"},{"prop_key":"a","prop_value":"2"}]},
        "something":["unknown"]})");
    BOOST_TEST(message.message_id == "m-1");
    BOOST_TEST((message.name == "n"));
    BOOST_TEST(message.content == "eA==");
    BOOST_TEST((message.content_kind == delivery::ContentKind::text));
    BOOST_TEST((message.encoding == delivery::Encoding::base64));
    BOOST_TEST((message.payload_format == delivery::PayloadFormat::raw));
    BOOST_TEST((message.topic_kind == delivery::TopicKind::user));
    BOOST_TEST(message.topic == "$oc/devices/pump-7/user/alarm/high");
    BOOST_TEST((message.ttl == std::chrono::minutes{10}));
    const delivery::MessageProperties expected{"c", "r/x", {{"a", "1"}, {"a", "2"}}};
    BOOST_TEST((message.properties == expected));
}

BOOST_AUTO_TEST_CASE(null_is_absent) {
    const std::string body = R"({"message":"x","message_id":null,"name":null,"encoding":null,
        "payload_format":null,"topic":null,"topic_full_name":null,"properties":null,"ttl":null})";
    BOOST_TEST((accepted(body) == accepted(R"({"message":"x"})")));
    BOOST_TEST(refusal(R"({"message":null})") == "message must be there");
    BOOST_TEST(refusal("{}") == "message must be there");
}

BOOST_AUTO_TEST_CASE(a_body_that_is_no_object_is_refused) {
    BOOST_TEST(refusal("[]") == "the body must be an object, not []");
    BOOST_TEST(refusal("\"message\"").starts_with("the body must be an object"));
}

BOOST_AUTO_TEST_CASE(content_that_is_no_text_is_kept_as_it_stands) {
    struct Case {
        std::string message;
        std::string content;
    };
    for (const auto& [value, content] :
         {Case{R"({ "t" : 23.50, "n": 12345678901234567890123 })",
               R"({"t":23.50,"n":12345678901234567890123})"},
          Case{"[1, 2]", "[1,2]"}, Case{"5", "5"}, Case{"false", "false"}, Case{"{}", "{}"}}) {
        const DeviceMessage message = accepted(R"({"message":)" + value + "}");
        BOOST_TEST((message.content_kind == delivery::ContentKind::json));
        BOOST_TEST(message.content == content);
    }
}

BOOST_AUTO_TEST_CASE(identifiers_and_names_at_their_limits) {
    check({
        {text_field("message_id", "a"), true},
        {text_field("message_id", std::string(128, 'x')), true},
        {text_field("message_id", std::string(129, 'x')), false},
        {text_field("message_id", ""), false},
        {text_field("message_id", "a b"), false},
        {text_field("message_id", "a.b"), false},
        {text_field("message_id", "中"), false},
        {R"("message_id":5)", false},
        {text_field("name", "A_?'#().,&%@!-9"), true},
        {text_field("name", repeated(128, "中")), true},
        {text_field("name", repeated(129, "中")), false},
        {text_field("name", "a b"), false},
        {text_field("name", "a/b"), false},
        {R"("name":{})", false},
    });
}

BOOST_AUTO_TEST_CASE(ttl_is_a_multiple_of_five_minutes_of_at_most_a_day) {
    for (const int ttl : {0, 5, 1435, 1440}) {
        const DeviceMessage message = accepted(with("\"ttl\":" + std::to_string(ttl)));
        BOOST_TEST((message.ttl == std::chrono::minutes{ttl}));
    }
    for (const char* const ttl :
         {"1", "4", "7", "1445", "1441", "-5", "5.5", "\"5\"", "true", "[]"}) {
        BOOST_TEST(refusal(with("\"ttl\":" + std::string{ttl})) ==
                   "ttl must be a whole number from 0 to 1440 and a multiple of 5, not " +
                       std::string{ttl == std::string_view{"5.5"} ? "5.5E0" : ttl});
    }
}

BOOST_AUTO_TEST_CASE(words_are_those_of_the_contract) {
    check({
        {text_field("encoding", "none"), true},
        {text_field("encoding", "None"), false},
        {text_field("encoding", "utf-8"), false},
        {text_field("encoding", ""), false},
        {text_field("payload_format", "standard"), true},
        {text_field("payload_format", "raw"), true},
        {text_field("payload_format", "json"), false},
        {R"("payload_format":1)", false},
    });
}

BOOST_AUTO_TEST_CASE(topics_at_their_limits) {
    check({
        {text_field("topic", std::string(128, 'x')), true},
        {text_field("topic", std::string(129, 'x')), false},
        {text_field("topic", ""), false},
        {text_field("topic", "a/+"), false},
        {text_field("topic", "#"), false},
        {text_field("topic", "a\\u0000"), false},
        {text_field("topic_full_name", std::string(128, 'x')), true},
        {text_field("topic_full_name", std::string(129, 'x')), false},
        {text_field("topic_full_name", repeated(128, "/")), true},
        {text_field("topic_full_name", "中/x"), true},
        {text_field("topic_full_name", ""), false},
        {text_field("topic_full_name", "a/#"), false},
        {text_field("topic_full_name", "+"), false},
        {R"("topic_full_name":5)", false},
    });
}

BOOST_AUTO_TEST_CASE(a_full_topic_name_is_the_topic) {
    const DeviceMessage message = accepted(with(text_field("topic_full_name", "/plant/7")));
    BOOST_TEST((message.topic_kind == delivery::TopicKind::full));
    BOOST_TEST(message.topic == "/plant/7");
}

BOOST_AUTO_TEST_CASE(the_two_kinds_of_topic_exclude_each_other) {
    BOOST_TEST(refusal(with(R"("topic":"a","topic_full_name":"b")")) ==
               "topic and topic_full_name exclude each other");
    BOOST_TEST(refusal(with(R"("topic":"a","topic_full_name":null)")) == "");
}

BOOST_AUTO_TEST_CASE(properties_at_their_limits) {
    check({
        {R"("properties":{})", true},
        {R"("properties":[])", false},
        {property("correlation_data", std::string(128, 'x')), true},
        {property("correlation_data", std::string(129, 'x')), false},
        {property("correlation_data", "a/b"), false},
        {property("response_topic", "aZ9_-?=$/" + std::string(119, 'x')), true},
        {property("response_topic", std::string(129, 'x')), false},
        {property("response_topic", ""), false},
        {property("response_topic", "a b"), false},
        {user_property(std::string(128, 'k'), repeated(128, "中")), true},
        {user_property(std::string(129, 'k'), "v"), false},
        {user_property("k", repeated(129, "中")), false},
        {user_property("", "v"), false},
        {user_property("k", ""), true},
        {user_property("k k", "v"), false},
        {user_property("k", "a _? '#().,&%@!-Z"), true},
        {user_property("k", "a/b"), false},
        {R"("properties":{"user_properties":[{"prop_key":"k"}]})", false},
        {R"("properties":{"user_properties":["k"]})", false},
    });
}

BOOST_AUTO_TEST_CASE(a_response_topic_has_no_wildcards,
                     *boost::unit_test::label("MQTT5-3.3.2-14")) {
    for (const char* const topic : {"a/#", "a/+/b", "#", "+"}) {
        BOOST_TEST(refusal(with(property("response_topic", topic)))
                       .starts_with("properties.response_topic must be"),
                   topic);
    }
}

BOOST_AUTO_TEST_CASE(user_properties_are_counted) {
    BOOST_TEST(refusal(user_properties(0)) == "");
    BOOST_TEST(refusal(user_properties(user_properties_max)) == "");
    BOOST_TEST(refusal(user_properties(user_properties_max + 1)) ==
               "properties.user_properties must be an array of at most 20 elements");
}

BOOST_AUTO_TEST_CASE(a_text_is_accepted_at_the_maximum_of_its_bytes_and_refused_beyond) {
    const std::string longest(content_bytes_max, 'x');
    BOOST_TEST(accepted(R"({"message":")" + longest + "\"}").content == longest);
    BOOST_TEST(refusal(R"({"message":"x)" + longest + "\"}") ==
               "message must be at most 262144 bytes long, not 262145");
    const std::string chinese = repeated(content_bytes_max / 3, "中");
    BOOST_TEST(refusal(R"({"message":")" + chinese + "\"}") == "");
    BOOST_TEST(refusal(R"({"message":")" + chinese + "中\"}") != "");
    BOOST_TEST(accepted(R"({"message":""})").content.empty());
}

BOOST_AUTO_TEST_CASE(other_content_is_counted_without_its_spaces) {
    const std::string longest = "[\"" + std::string(content_bytes_max - 4, 'x') + "\"]";
    BOOST_TEST(refusal(R"({"message":)" + longest + "}") == "");
    BOOST_TEST(refusal(R"({"message":[ )" + longest.substr(1) + "}") == "");
    BOOST_TEST(refusal(R"({"message":[)" + longest + "]}") != "");
}

BOOST_AUTO_TEST_CASE(base64_is_checked_and_counted_as_what_it_stands_for) {
    const auto body = [](const std::string& message) {
        return R"({"encoding":"base64","message":)" + message + "}";
    };
    BOOST_TEST(refusal(body("\"\"")) == "");
    BOOST_TEST(refusal(body("\"eA==\"")) == "");
    for (const char* const text : {"\"eA=\"", "\"eA\"", "\"not base64\"", "\"e-A_\""}) {
        BOOST_TEST(refusal(body(text)) == "message must be Base64 with padding, as encoding says",
                   text);
    }
    BOOST_TEST(refusal(body("{\"a\":1}")) == "message must be a text when encoding is base64");
    // 262,144 bytes are 87,381 groups of three and one more byte.
    const std::string longest = repeated(content_bytes_max / 3, "AAAA");
    BOOST_TEST(refusal(body("\"" + longest + "AA==\"")) == "");
    BOOST_TEST(refusal(body("\"" + longest + "AAA=\"")) != "");
}

BOOST_AUTO_TEST_SUITE_END()
