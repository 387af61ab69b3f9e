#include "net/flap_watch.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using net::FlapWatch;

namespace {

constexpr Instant start{Seconds{1'000}};

}  // namespace

BOOST_AUTO_TEST_SUITE(flap_watch)

BOOST_AUTO_TEST_CASE(more_takeovers_than_the_maximum_are_told_once_in_a_window) {
    FlapWatch watch{{.flapping_takeovers_max = 3}};
    for (int i = 0; i < 3; ++i) BOOST_TEST(watch.on_takeover("pump-7", start) == 0U);
    BOOST_TEST(watch.on_takeover("pump-7", start) == 4U);
    BOOST_TEST(watch.on_takeover("pump-7", start) == 0U);
    const Instant later = start + Seconds{11};
    for (int i = 0; i < 3; ++i) BOOST_TEST(watch.on_takeover("pump-7", later) == 0U);
    BOOST_TEST(watch.on_takeover("pump-7", later) == 4U);
}

BOOST_AUTO_TEST_CASE(slow_takeovers_and_those_of_others_do_not_add_up) {
    FlapWatch watch{{.flapping_takeovers_max = 1}};
    for (int i = 0; i < 20; ++i) {
        BOOST_TEST(watch.on_takeover("pump-7", start + Seconds{11 * i}) == 0U);
        BOOST_TEST(watch.on_takeover("other " + std::to_string(i), start) == 0U);
    }
}

BOOST_AUTO_TEST_CASE(without_a_maximum_nobody_is_watched) {
    FlapWatch watch{{.flapping_takeovers_max = unlimited}};
    for (int i = 0; i < 1'000; ++i) BOOST_TEST(watch.on_takeover("pump-7", start) == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
