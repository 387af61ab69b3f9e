#include "base/wall_offset.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;

namespace {

constexpr Instant instant(std::int64_t count) { return Instant{Milliseconds{count}}; }
constexpr WallTime wall(std::int64_t count) { return WallTime{Milliseconds{count}}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(wall_offset)

BOOST_AUTO_TEST_CASE(instants_become_wall_times_and_come_back) {
    constexpr WallOffset offset{instant(5'000), wall(1'700'000'000'000)};
    static_assert(offset.to_wall(instant(5'000)) == wall(1'700'000'000'000));
    static_assert(offset.to_wall(instant(4'999)) == wall(1'699'999'999'999));
    for (const std::int64_t count : {-1'000'000'000LL, 0LL, 5'001LL, 1'000'000'000'000LL}) {
        BOOST_TEST((offset.to_instant(offset.to_wall(instant(count))) == instant(count)));
    }
}

BOOST_AUTO_TEST_CASE(another_process_finds_the_same_wall_time) {
    constexpr WallOffset before{instant(5'000), wall(1'700'000'000'000)};
    constexpr WallOffset after{instant(70), wall(1'700'000'060'000)};  // a minute later, restarted
    const Instant deadline = after.to_instant(before.to_wall(instant(5'000 + 90'000)));
    BOOST_TEST((deadline == instant(70 + 30'000)));
}

BOOST_AUTO_TEST_CASE(wall_times_stay_within_the_years_1970_to_9999) {
    constexpr WallOffset offset{instant(0), wall(1'700'000'000'000)};
    BOOST_TEST((offset.to_wall(instant(-1'700'000'000'000)) == wall_time_min));
    BOOST_TEST((offset.to_wall(instant(-1'700'000'000'001)) == wall_time_min));
    BOOST_TEST((offset.to_wall(Instant::min()) == wall_time_min));
    const std::int64_t left = wall_time_max.time_since_epoch().count() - 1'700'000'000'000;
    BOOST_TEST((offset.to_wall(instant(left)) == wall_time_max));
    BOOST_TEST((offset.to_wall(instant(left + 1)) == wall_time_max));
    BOOST_TEST((offset.to_wall(Instant::max()) == wall_time_max));
}

BOOST_AUTO_TEST_CASE(absurd_clocks_do_no_harm) {
    constexpr WallOffset latest{Instant::min(), WallTime::max()};
    BOOST_TEST((latest.to_wall(Instant::max()) == wall_time_max));
    BOOST_TEST((latest.to_instant(WallTime::min()) == Instant::min()));
    constexpr WallOffset earliest{Instant::max(), WallTime::min()};
    BOOST_TEST((earliest.to_wall(Instant::min()) == wall_time_min));
    BOOST_TEST((earliest.to_instant(WallTime::max()) == Instant::max()));
}

BOOST_AUTO_TEST_SUITE_END()
