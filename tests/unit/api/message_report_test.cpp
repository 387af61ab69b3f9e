#include "api/message_report.hpp"

#include "support/wire.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace holdfast;
using namespace holdfast::api;

std::string body_of(std::string_view payload, std::string_view properties = {}) {
    const std::vector<Byte> encoded = test_support::bytes_of(properties);
    return message_report_body({.device_id = "d",
                                .topic = "$oc/devices/d/user/x",
                                .suffix = "user/x",
                                .payload = as_bytes(payload),
                                .properties = encoded});
}
std::string with(std::string_view rest) {
    return R"({"topic":"$oc/devices/d/user/x","content":)" + std::string{rest} + "}";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(message_report)

BOOST_AUTO_TEST_CASE(json_stays_as_it_came_and_other_payloads_are_texts) {
    BOOST_TEST(body_of(R"({ "a" : 1.50 })") == with(R"({"a":1.50})"));
    BOOST_TEST(body_of("null") == with("null"));
    BOOST_TEST(body_of("") == with(R"("")"));
    BOOST_TEST(body_of("say \"hi\"") == with(R"("say \"hi\"")"));
    BOOST_TEST(body_of("\xff\xfe") == with(R"("//4=")"));
}

BOOST_AUTO_TEST_CASE(properties_have_the_form_of_those_that_applications_post) {
    BOOST_TEST(body_of("1",
                       "01 01  03 ('text/plain')  08 ('a/b')  09 ('c-1')  26 ('k') ('v')  "
                       "26 ('k') ('\"')") ==
               with(R"(1,"properties":{"correlation_data":"c-1","response_topic":"a/b",)"
                    R"("content_type":"text/plain","user_properties":[)"
                    R"({"prop_key":"k","prop_value":"v"},{"prop_key":"k","prop_value":"\""}]})"));
}

BOOST_AUTO_TEST_CASE(only_what_was_said_is_told) {
    BOOST_TEST(body_of("1", "08 ('a')") == with(R"(1,"properties":{"response_topic":"a"})"));
    BOOST_TEST(body_of("1", "01 01") == with("1"));
}

BOOST_AUTO_TEST_CASE(correlation_data_that_is_no_text_is_the_text_of_its_base64) {
    BOOST_TEST(body_of("1", "09 0002 FFFE") ==
               with(R"(1,"properties":{"correlation_data":"//4="})"));
    BOOST_TEST(body_of("1", "09 0001 00") == with(R"(1,"properties":{"correlation_data":"AA=="})"));
    BOOST_TEST(body_of("1", "09 ('')") == with(R"(1,"properties":{"correlation_data":""})"));
}

BOOST_AUTO_TEST_SUITE_END()
