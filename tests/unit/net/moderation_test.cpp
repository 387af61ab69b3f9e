#include "net/moderation.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using net::Moderation;
using Rest = Moderation::Rest;

namespace {

Moderation flooded(int turns) {
    Moderation moderation;
    for (int i = 0; i < turns; ++i) static_cast<void>(moderation.after_turn(50, 80));
    return moderation;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(moderation)

BOOST_AUTO_TEST_CASE(whoever_comes_alone_or_with_few_is_served_at_once) {
    Moderation moderation;
    for (int i = 0; i < 10; ++i) {
        BOOST_TEST((moderation.after_turn(0, 0) == Rest{0}));
        BOOST_TEST((moderation.after_turn(1, 500) == Rest{0}));
        BOOST_TEST((moderation.after_turn(3, 500) == Rest{0}));
    }
}

BOOST_AUTO_TEST_CASE(clients_that_wait_for_every_answer_are_never_kept_waiting) {
    Moderation moderation;
    for (int i = 0; i < 10; ++i) BOOST_TEST((moderation.after_turn(100, 100) == Rest{0}));
}

BOOST_AUTO_TEST_CASE(a_few_who_do_not_wait_are_no_flood_among_many_who_do) {
    Moderation moderation;
    for (int i = 0; i < 10; ++i) BOOST_TEST((moderation.after_turn(100, 124) == Rest{0}));
    BOOST_TEST((moderation.after_turn(100, 125) > Rest{0}));
}

BOOST_AUTO_TEST_CASE(it_rests_no_longer_than_it_takes_for_enough_to_come) {
    Moderation moderation;
    static_cast<void>(moderation.after_turn(10, 20));
    static_cast<void>(moderation.after_turn(10, 59));
    for (const std::uint64_t packets : {60u, 120u, 480u}) {
        BOOST_TEST((moderation.after_turn(10, packets) == Rest{128}));
    }
    BOOST_TEST((moderation.after_turn(10, 50) == Rest{256}));
}

BOOST_AUTO_TEST_CASE(more_than_enough_makes_it_rest_less_but_not_stop) {
    Moderation moderation = flooded(10);
    Rest before = Moderation::longest_of_one;
    for (int turns = 0; turns < 10; ++turns) {
        const Rest rest = moderation.after_turn(50, 5000);
        BOOST_TEST((rest < before));
        before = rest;
    }
    for (int turns = 0; turns < 30; ++turns) before = moderation.after_turn(50, 5000);
    BOOST_TEST((before == Rest{64}));
}

BOOST_AUTO_TEST_CASE(a_flood_makes_it_rest_longer_each_turn_to_a_limit) {
    Moderation moderation;
    for (const int microseconds : {64, 128, 256, 512, 512}) {
        BOOST_TEST((moderation.after_turn(4, 5) == Rest{microseconds}));
    }
}

BOOST_AUTO_TEST_CASE(one_of_several_loops_rests_longer_at_most) {
    Moderation moderation;
    moderation.set_loops(2);
    for (const int microseconds : {64, 128, 256, 512, 1024, 2048, 2048}) {
        BOOST_TEST((moderation.after_turn(4, 5) == Rest{microseconds}));
    }
}

BOOST_AUTO_TEST_CASE(what_has_come_one_by_one_lately_makes_it_rest_less_and_then_not) {
    Moderation moderation = flooded(10);
    Rest before = Moderation::longest_of_one;
    int turns = 0;
    for (; before.count() > 0 && turns < 100; ++turns) {
        const Rest rest = moderation.after_turn(50, 50);
        BOOST_TEST((rest < before));
        before = rest;
    }
    BOOST_TEST(turns < 30);
}

BOOST_AUTO_TEST_CASE(a_flood_that_is_over_is_forgotten_at_once) {
    Moderation moderation = flooded(10);
    BOOST_TEST((moderation.after_turn(3, 3) == Rest{0}));
    BOOST_TEST((moderation.after_turn(100, 100) == Rest{0}));
}

BOOST_AUTO_TEST_SUITE_END()
