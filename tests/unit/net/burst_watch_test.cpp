#include "net/burst_watch.hpp"

#include "base/limits.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using net::BurstWatch;

namespace {

constexpr Instant start{Seconds{1'000}};

BurstWatch::Rules at_most(std::size_t times) {
    return {.times_max = times, .window = Seconds{10}, .entries_max = 16};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(burst_watch)

BOOST_AUTO_TEST_CASE(more_than_the_maximum_is_told_once_in_a_window) {
    BurstWatch watch{at_most(3)};
    for (int i = 0; i < 3; ++i) BOOST_TEST(watch.on_event("pump-7", start) == 0U);
    BOOST_TEST(watch.on_event("pump-7", start) == 4U);
    BOOST_TEST(watch.on_event("pump-7", start) == 0U);
    const Instant later = start + Seconds{11};
    for (int i = 0; i < 3; ++i) BOOST_TEST(watch.on_event("pump-7", later) == 0U);
    BOOST_TEST(watch.on_event("pump-7", later) == 4U);
}

BOOST_AUTO_TEST_CASE(slow_ones_and_those_of_others_do_not_add_up) {
    BurstWatch watch{at_most(1)};
    for (int i = 0; i < 20; ++i) {
        BOOST_TEST(watch.on_event("pump-7", start + Seconds{11 * i}) == 0U);
        BOOST_TEST(watch.on_event("other " + std::to_string(i), start) == 0U);
    }
}

BOOST_AUTO_TEST_CASE(names_that_are_made_up_fill_no_memory) {
    BurstWatch watch{at_most(1)};
    const std::string beginning(BurstWatch::name_bytes_max, 'x');
    BOOST_TEST(watch.on_event(beginning + std::string(60'000, 'y'), start) == 0U);
    BOOST_TEST(watch.on_event(beginning + "z", start) == 2U);
    for (int i = 0; i < 16; ++i) static_cast<void>(watch.on_event(std::to_string(i), start));
    BOOST_TEST(watch.on_event(beginning, start) == 0U);  // it was forgotten
}

BOOST_AUTO_TEST_CASE(without_a_maximum_nothing_is_watched) {
    BurstWatch watch{at_most(unlimited)};
    for (int i = 0; i < 1'000; ++i) BOOST_TEST(watch.on_event("pump-7", start) == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
