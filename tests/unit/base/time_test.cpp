#include "base/time.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;

namespace {

constexpr Instant start{Milliseconds{123'456}};

}  // namespace

BOOST_AUTO_TEST_SUITE(time_values)

BOOST_AUTO_TEST_CASE(a_deadline_is_the_start_and_the_delay) {
    BOOST_TEST((deadline_after(start, Seconds{0}) == start));
    BOOST_TEST((deadline_after(start, Seconds{10}) == start + Seconds{10}));
    BOOST_TEST((deadline_after(start, Seconds{0xFFFF'FFFF}) == start + Seconds{0xFFFF'FFFF}));
}

BOOST_AUTO_TEST_CASE(a_delay_beyond_the_timeline_means_never) {
    BOOST_TEST((deadline_after(start, Seconds::max()) == never));
    BOOST_TEST((deadline_after(start, Seconds{std::int64_t{1} << 41}) == never));
    BOOST_TEST((deadline_after(start, Seconds{std::int64_t{1} << 40}) < never));
}

BOOST_AUTO_TEST_CASE(the_seconds_left_are_rounded_up) {
    BOOST_TEST(seconds_left(start, start + Milliseconds{1}) == 1U);
    BOOST_TEST(seconds_left(start, start + Milliseconds{1000}) == 1U);
    BOOST_TEST(seconds_left(start, start + Milliseconds{1001}) == 2U);
}

BOOST_AUTO_TEST_CASE(nothing_is_left_of_a_passed_deadline) {
    BOOST_TEST(seconds_left(start, start) == 0U);
    BOOST_TEST(seconds_left(start, start - Seconds{5}) == 0U);
}

BOOST_AUTO_TEST_CASE(more_seconds_than_a_property_can_say_are_cut) {
    BOOST_TEST(seconds_left(start, start + Seconds{0xFFFF'FFFF}) == 0xFFFF'FFFFU);
    BOOST_TEST(seconds_left(start, start + Seconds{0x1'0000'0000}) == 0xFFFF'FFFFU);
    BOOST_TEST(seconds_left(start, never) == 0xFFFF'FFFFU);
}

BOOST_AUTO_TEST_SUITE_END()
