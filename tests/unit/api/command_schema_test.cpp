#include "api/command_schema.hpp"

#include "api/message_schema.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast::api;

namespace {

std::string shown(const boost::system::result<RequestDraft, FieldError>& draft,
                  std::string_view object_device_id = {}) {
    return draft ? payload_of(*draft, object_device_id) : to_string(draft.error());
}
std::string command(const std::string& text, std::string_view object_device_id = {}) {
    return shown(read_command(text, boost::json::parse(text)), object_device_id);
}
std::string properties(const std::string& text) {
    return shown(read_properties_to_set(text, boost::json::parse(text)));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(command_schema)

BOOST_AUTO_TEST_CASE(a_command_goes_to_the_device_as_it_was_written) {
    BOOST_TEST(
        command(R"({"paras":{"a": 1.50, "b":[1e400]},"service_id":"S","command_name":"C"})") ==
        R"({"service_id":"S","command_name":"C","paras":{"a":1.50,"b":[1e400]}})");
    BOOST_TEST(command(R"({"paras":{},"unknown":1,"service_id":null})") == R"({"paras":{}})");
    BOOST_TEST(command(R"({"paras":{}})", "sensor") ==
               R"({"object_device_id":"sensor","paras":{}})");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_command_is_said) {
    BOOST_TEST(command("{}") == "paras must be there");
    BOOST_TEST(command(R"({"paras":5})") == "paras must be an object, not 5");
    BOOST_TEST(command("[]").find("must be an object") != std::string::npos);
    const std::string name(128, 'n');
    BOOST_TEST(command(R"({"paras":{},"command_name":")" + name + "\"}").starts_with('{'));
    BOOST_TEST(!command(R"({"paras":{},"command_name":"n)" + name + "\"}").starts_with('{'));
    const std::string id(64, 's');
    BOOST_TEST(command(R"({"paras":{},"service_id":")" + id + "\"}").starts_with('{'));
    BOOST_TEST(!command(R"({"paras":{},"service_id":"s)" + id + "\"}").starts_with('{'));
}

BOOST_AUTO_TEST_CASE(what_goes_to_the_device_has_a_maximum) {
    const std::string fits(content_bytes_max - 8, 'x');  // {"a":""}
    BOOST_TEST(command(R"({"paras":{"a":")" + fits + "\"}}").starts_with('{'));
    BOOST_TEST(command(R"({"paras":{"a":"x)" + fits + "\"}}") ==
               "paras must be at most 262144 bytes long, not 262145");
}

BOOST_AUTO_TEST_CASE(properties_to_set_are_checked) {
    BOOST_TEST(properties(R"({"services":[{"service_id":"S","properties":{"a":2.0}}]})") ==
               R"({"services":[{"service_id":"S","properties":{"a":2.0}}]})");
    BOOST_TEST(properties("{}") == "services must be there");
    BOOST_TEST(properties(R"({"services":[]})") == "services must have at least one element");
    BOOST_TEST(properties(R"({"services":[{"properties":{}}]})") ==
               "services[0].service_id must be there");
    BOOST_TEST(properties(R"({"services":[{"service_id":"S"}]})") ==
               "services[0].properties must be there");
}

BOOST_AUTO_TEST_CASE(properties_are_asked_of_one_service) {
    BOOST_TEST(shown(read_properties_query("S\"1")) == R"({"service_id":"S\"1"})");
    BOOST_TEST(shown(read_properties_query(std::nullopt)) == "service_id must be there");
    BOOST_TEST(!shown(read_properties_query("")).starts_with('{'));
    BOOST_TEST(shown(read_properties_query(std::string(64, 's'))).starts_with('{'));
    BOOST_TEST(!shown(read_properties_query(std::string(65, 's'))).starts_with('{'));
}

BOOST_AUTO_TEST_SUITE_END()
