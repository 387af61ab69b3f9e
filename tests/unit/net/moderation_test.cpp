#include "net/moderation.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using net::Moderation;
using Rest = Moderation::Rest;

namespace {

Moderation flooded(int turns) {
    Moderation moderation;
    for (int i = 0; i < turns; ++i) static_cast<void>(moderation.after_turn(50, 80, 16000));
    return moderation;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(moderation)

BOOST_AUTO_TEST_CASE(whoever_comes_alone_or_with_few_is_served_at_once) {
    Moderation moderation;
    for (int i = 0; i < 10; ++i) {
        BOOST_TEST((moderation.after_turn(0, 0, 0) == Rest{0}));
        BOOST_TEST((moderation.after_turn(1, 500, 100000) == Rest{0}));
        BOOST_TEST((moderation.after_turn(3, 500, 100000) == Rest{0}));
    }
}

BOOST_AUTO_TEST_CASE(clients_that_wait_for_every_answer_are_never_kept_waiting) {
    Moderation moderation;
    for (int i = 0; i < 10; ++i) BOOST_TEST((moderation.after_turn(100, 100, 20000) == Rest{0}));
}

BOOST_AUTO_TEST_CASE(a_few_who_do_not_wait_are_no_flood_among_many_who_do) {
    Moderation moderation;
    for (int i = 0; i < 10; ++i) BOOST_TEST((moderation.after_turn(100, 124, 24800) == Rest{0}));
    BOOST_TEST((moderation.after_turn(100, 125, 25000) > Rest{0}));
}

BOOST_AUTO_TEST_CASE(a_flood_makes_it_rest_longer_each_turn_to_a_limit) {
    Moderation moderation;
    for (const int microseconds : {64, 128, 256, 512, 512}) {
        BOOST_TEST((moderation.after_turn(4, 5, 1000) == Rest{microseconds}));
    }
}

BOOST_AUTO_TEST_CASE(one_of_several_loops_rests_longer_at_most) {
    Moderation moderation;
    moderation.set_loops(2);
    for (const int microseconds : {64, 128, 256, 512, 1024, 2048, 2048}) {
        BOOST_TEST((moderation.after_turn(4, 5, 1000) == Rest{microseconds}));
    }
}

BOOST_AUTO_TEST_CASE(one_of_several_rests_no_longer_than_usual_where_enough_comes) {
    Moderation moderation;
    moderation.set_loops(2);
    for (const int microseconds : {64, 128, 256, 512, 1024, 1024}) {
        BOOST_TEST((moderation.after_turn(10, 60, 12000) == Rest{microseconds}));
    }
    BOOST_TEST((moderation.after_turn(10, 59, 11800) == Rest{2048}));
    BOOST_TEST((moderation.after_turn(10, 60, 12000) == Rest{2048}));  // it is why enough has come
    BOOST_TEST((moderation.after_turn(10, 180, 36000) == Rest{2048}));
    BOOST_TEST((moderation.after_turn(10, 181, 36200) == Rest{1024}));
}

BOOST_AUTO_TEST_CASE(of_large_packets_fewer_are_enough) {
    Moderation moderation;
    moderation.set_loops(2);
    for (int i = 0; i < 10; ++i) static_cast<void>(moderation.after_turn(10, 20, 10 * 16 * 1024));
    BOOST_TEST((moderation.after_turn(10, 20, 10 * 16 * 1024) == Rest{1024}));
    BOOST_TEST((moderation.after_turn(10, 20, 10 * 16 * 1024 - 1) == Rest{2048}));
    BOOST_TEST((moderation.after_turn(10, 20, 10 * 48 * 1024) == Rest{2048}));
    BOOST_TEST((moderation.after_turn(10, 20, 10 * 48 * 1024 + 1) == Rest{1024}));
}

BOOST_AUTO_TEST_CASE(what_has_come_one_by_one_lately_makes_it_rest_less_and_then_not) {
    Moderation moderation = flooded(10);
    Rest before = Moderation::longest_of_one;
    int turns = 0;
    for (; before.count() > 0 && turns < 100; ++turns) {
        const Rest rest = moderation.after_turn(50, 50, 10000);
        BOOST_TEST((rest < before));
        before = rest;
    }
    BOOST_TEST(turns < 30);
}

BOOST_AUTO_TEST_CASE(a_flood_that_is_over_is_forgotten_at_once) {
    Moderation moderation = flooded(10);
    BOOST_TEST((moderation.after_turn(3, 3, 600) == Rest{0}));
    BOOST_TEST((moderation.after_turn(100, 100, 20000) == Rest{0}));
}

BOOST_AUTO_TEST_SUITE_END()
