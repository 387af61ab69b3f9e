#include "base/token_bucket.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;

namespace {

constexpr Instant start{Seconds{1'000}};

int take_all(TokenBucket& bucket, std::size_t rate, Instant now) {
    int taken = 0;
    while (bucket.try_take(rate, now)) ++taken;
    return taken;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(token_bucket)

BOOST_AUTO_TEST_CASE(what_a_second_gives_may_come_at_once) {
    TokenBucket bucket{10, start};
    BOOST_TEST(take_all(bucket, 10, start) == 10);
    BOOST_TEST(take_all(bucket, 10, start + Milliseconds{99}) == 0);
    BOOST_TEST(take_all(bucket, 10, start + Milliseconds{100}) == 1);
}

BOOST_AUTO_TEST_CASE(it_holds_no_more_than_a_second_gives) {
    TokenBucket bucket{10, start};
    BOOST_TEST(take_all(bucket, 10, start + Seconds{1'000'000}) == 10);
}

BOOST_AUTO_TEST_CASE(on_the_average_the_rate_is_met_whatever_the_steps) {
    TokenBucket bucket{7, start};
    BOOST_TEST(take_all(bucket, 7, start) == 7);
    int taken = 0;
    for (int step = 1; step <= 400; ++step) {
        taken += take_all(bucket, 7, start + Milliseconds{250 * step});
    }
    BOOST_TEST(taken == 700);
}

BOOST_AUTO_TEST_CASE(it_says_when_there_is_room) {
    TokenBucket bucket{3, start};
    BOOST_TEST((bucket.room_at(3, start) == start));
    BOOST_TEST(take_all(bucket, 3, start) == 3);
    const Instant room = bucket.room_at(3, start);
    BOOST_TEST((room == start + Milliseconds{334}));
    BOOST_TEST(!bucket.try_take(3, room - Milliseconds{1}));
    BOOST_TEST(bucket.try_take(3, room));
}

BOOST_AUTO_TEST_CASE(it_may_owe_and_pays_back) {
    TokenBucket bucket{1'000, start};
    bucket.take(3'000, 1'000, start);
    BOOST_TEST((bucket.room_at(1'000, start) == start + Milliseconds{2'001}));
    BOOST_TEST(!bucket.try_take(1'000, start + Seconds{2}));
    BOOST_TEST(bucket.try_take(1'000, start + Milliseconds{2'001}));
}

BOOST_AUTO_TEST_CASE(a_clock_that_steps_back_changes_nothing) {
    TokenBucket bucket{2, start};
    BOOST_TEST(take_all(bucket, 2, start) == 2);
    BOOST_TEST(take_all(bucket, 2, start - Seconds{500}) == 0);
    BOOST_TEST(take_all(bucket, 2, start + Milliseconds{500}) == 1);
}

BOOST_AUTO_TEST_CASE(the_largest_rates_and_pauses_do_not_overflow) {
    constexpr std::size_t rate = std::size_t{64} << 30;
    TokenBucket bucket{rate, start};
    bucket.take(static_cast<std::size_t>(-1), rate, start);
    const Instant room = bucket.room_at(rate, start);
    BOOST_TEST((room > start));
    BOOST_TEST((bucket.room_at(rate, start + Seconds{1'000'000'000}) ==
                start + Seconds{1'000'000'000}));
}

BOOST_AUTO_TEST_SUITE_END()
