#include "api/contract_time.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace holdfast::api;

BOOST_AUTO_TEST_SUITE(contract_times)

BOOST_AUTO_TEST_CASE(a_time_is_in_the_form_of_the_contract) {
    BOOST_TEST(contract_time(WallTime{}) == "19700101T000000Z");
    BOOST_TEST(contract_time(WallTime{Milliseconds{1'449'922'332'000}}) == "20151212T121212Z");
    BOOST_TEST(contract_time(std::chrono::sys_days{std::chrono::year{2028} / 2 / 29} +
                             std::chrono::hours{23} + std::chrono::minutes{59} + Seconds{59}) ==
               "20280229T235959Z");
}

BOOST_AUTO_TEST_CASE(a_time_is_the_second_that_has_begun) {
    BOOST_TEST(contract_time(WallTime{Milliseconds{999}}) == "19700101T000000Z");
    BOOST_TEST(contract_time(WallTime{Milliseconds{1000}}) == "19700101T000001Z");
}

BOOST_AUTO_TEST_CASE(a_time_is_read_as_it_is_written) {
    for (const char* text : {"19700101T000000Z", "20280229T235959Z"}) {
        BOOST_TEST(contract_time(parse_contract_time(text).value()) == text);
    }
    for (const char* text : {"", "20260101", "20260101T000000", "20260101 000000Z",
                             "20270229T000000Z", "20260101T240000Z", "2026-101T000000Z"}) {
        BOOST_TEST(!parse_contract_time(text));
    }
}

BOOST_AUTO_TEST_SUITE_END()
