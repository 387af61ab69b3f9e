#include "api/property_report.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::api;

namespace {

constexpr WallTime now{std::chrono::sys_days{std::chrono::year{2026} / 1 / 2}};

std::string read(std::string_view payload) {
    const auto report = read_property_report(payload, now);
    return report ? property_event_body(*report) : report.error().text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(property_report)

BOOST_AUTO_TEST_CASE(values_stay_as_they_were_written) {
    BOOST_TEST(read(R"({"services":[ {"service_id":"A","properties":{"x": 1.50},)"
                    R"("event_time":"20260101T010203Z"},{"properties":{},"service_id":"B"}]})") ==
               R"({"services":[{"service_id":"A","properties":{"x":1.50},)"
               R"("event_time":"20260101T010203Z"},)"
               R"({"service_id":"B","properties":{},"event_time":"20260102T000000Z"}]})");
    BOOST_TEST(read(R"({"services":[]})") == R"({"services":[]})");
}

BOOST_AUTO_TEST_CASE(a_time_of_another_form_is_the_servers) {
    for (const char* time : {"null", "\"\"", "\"2026-01-01T01:02:03Z\"", "\"20260101T010203\"",
                             "\"20260101T01020xZ\""}) {
        BOOST_TEST(read(R"({"services":[{"service_id":"A","properties":{},"event_time":)" +
                        std::string{time} + "}]}") ==
                   R"({"services":[{"service_id":"A","properties":{},)"
                   R"("event_time":"20260102T000000Z"}]})");
    }
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_said) {
    BOOST_TEST(read("{") == "is not JSON: incomplete JSON at byte 1");
    BOOST_TEST(read("{}") == "services must be there");
    BOOST_TEST(read(R"({"services":[5]})") == "services[0] must be an object, not 5");
    BOOST_TEST(read(R"({"services":[{"service_id":"A"}]})") ==
               "services[0].properties must be there");
}

BOOST_AUTO_TEST_CASE(a_report_has_so_many_services_and_no_more) {
    std::string services;
    for (std::size_t i = 0; i < reported_services_max; ++i) {
        services += R"({"service_id":"A","properties":{}},)";
    }
    services.pop_back();
    BOOST_TEST(read(R"({"services":[)" + services + "]}").starts_with('{'));
    BOOST_TEST(!read(R"({"services":[)" + services + R"(,{"service_id":"A","properties":{}}]})")
                    .starts_with('{'));
}

BOOST_AUTO_TEST_CASE(a_gateway_reports_of_several_devices) {
    const auto reports = read_gateway_report(
        R"({"devices":[{"device_id":"a","services":[]},)"
        R"({"device_id":"b","services":[{"service_id":"S","properties":{"x":1}}]}]})",
        now);
    BOOST_TEST_REQUIRE(reports.has_value());
    BOOST_TEST_REQUIRE(reports->size() == 2U);
    BOOST_TEST((*reports)[0].device_id == "a");
    BOOST_TEST((*reports)[1].services.at(0).properties == R"({"x":1})");
    for (const char* wrong :
         {"{}", R"({"devices":[{"services":[]}]})", R"({"devices":[{"device_id":"a/b"}]})",
          R"({"devices":[{"device_id":"a"}]})"}) {
        BOOST_TEST(read_gateway_report(wrong, now).has_error(), wrong);
    }
}

BOOST_AUTO_TEST_SUITE_END()
