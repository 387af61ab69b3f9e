#include "api/iso_time.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

BOOST_AUTO_TEST_SUITE(iso_time)

BOOST_AUTO_TEST_CASE(instants_are_written_in_utc_with_their_fraction) {
    const WallTime time =
        std::chrono::sys_days{std::chrono::year{2024} / 2 / 29} + 23h + 5min + 9s + 7ms;
    BOOST_TEST(api::iso_time_milliseconds(time) == "2024-02-29T23:05:09.007Z");
    BOOST_TEST(api::iso_time_microseconds(time) == "2024-02-29T23:05:09.007000Z");
    BOOST_TEST(api::iso_time_milliseconds(WallTime{}) == "1970-01-01T00:00:00.000Z");
}

BOOST_AUTO_TEST_SUITE_END()
