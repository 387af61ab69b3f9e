#include "log_line.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

namespace {

using namespace holdfast;

constexpr WallTime noon = std::chrono::sys_days{std::chrono::year{2026} / 1 / 31} +
                          std::chrono::hours{12} + Milliseconds{7};

Event full_event() {
    Event event;
    event.severity = Severity::warning;
    event.name = "connection_closed";
    event.client_id = "pump-7";
    event.address = "127.0.0.1:5000";
    event.reason = "protocol_error";
    event.clause = "MQTT5-3.1.0-2";
    event.topic = "a/b";
    event.detail = "A second CONNECT.";
    event.count = 3;
    return event;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(log_line)

BOOST_AUTO_TEST_CASE(a_text_line_names_client_cause_and_clause) {
    BOOST_TEST(text_line(full_event(), noon) ==
               "2026-01-31T12:00:00.007Z warning connection_closed client_id=\"pump-7\" "
               "address=127.0.0.1:5000 reason=protocol_error clause=MQTT5-3.1.0-2 topic=\"a/b\" "
               "detail=\"A second CONNECT.\" count=3");
}

BOOST_AUTO_TEST_CASE(empty_fields_are_left_out) {
    Event event;
    event.name = "started";
    BOOST_TEST(text_line(event, noon) == "2026-01-31T12:00:00.007Z info started");
    BOOST_TEST(
        json_line(event, noon) ==
        "{\"time\":\"2026-01-31T12:00:00.007Z\",\"severity\":\"info\",\"event\":\"started\"}");
}

BOOST_AUTO_TEST_CASE(a_json_line_is_one_object_with_the_same_fields) {
    const auto line = boost::json::parse(json_line(full_event(), noon)).as_object();
    BOOST_TEST(line.size() == 10U);
    BOOST_TEST(line.at("severity").as_string() == "warning");
    BOOST_TEST(line.at("event").as_string() == "connection_closed");
    BOOST_TEST(line.at("client_id").as_string() == "pump-7");
    BOOST_TEST(line.at("address").as_string() == "127.0.0.1:5000");
    BOOST_TEST(line.at("reason").as_string() == "protocol_error");
    BOOST_TEST(line.at("clause").as_string() == "MQTT5-3.1.0-2");
    BOOST_TEST(line.at("topic").as_string() == "a/b");
    BOOST_TEST(line.at("detail").as_string() == "A second CONNECT.");
    BOOST_TEST(line.at("count").as_int64() == 3);
}

BOOST_AUTO_TEST_CASE(what_a_peer_sends_cannot_break_a_line) {
    Event event;
    event.name = "connection_closed";
    const std::string hostile{"a\"b\\c\nd\x1b[31m\x7f\0e", 15};
    event.client_id = hostile;
    for (const std::string& line : {text_line(event, noon), json_line(event, noon)}) {
        BOOST_TEST(line.find("a\\\"b\\\\c\\u000ad\\u001b[31m\\u007f") != std::string::npos, line);
    }
    BOOST_TEST(boost::json::parse(json_line(event, noon)).at("client_id").as_string() == hostile);
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_text_still_make_valid_json) {
    Event event;
    event.name = "connection_closed";
    event.client_id = "\xff\xc0";
    BOOST_CHECK_NO_THROW((void)boost::json::parse(json_line(event, noon)));
    BOOST_TEST(text_line(event, noon).find("\\u00ff\\u00c0") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_field_is_whole_at_its_maximum_and_cut_beyond) {
    Event event;
    event.name = "message_dropped";
    const std::string whole(log_field_bytes_max, 't');
    event.topic = whole;
    BOOST_TEST(text_line(event, noon).ends_with("\"" + whole + "\""));
    const std::string longer = whole + "t";
    event.topic = longer;
    BOOST_TEST(text_line(event, noon).ends_with("\"" + whole + "... (257 bytes)\""));
    // Not within a character.
    const std::string umlaut = std::string(log_field_bytes_max - 1, 't') + "\xc3\xa4";
    event.topic = umlaut;
    BOOST_TEST(text_line(event, noon).ends_with("t... (257 bytes)\""));
}

BOOST_AUTO_TEST_SUITE_END()
