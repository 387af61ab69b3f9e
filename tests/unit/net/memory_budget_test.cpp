#include "net/memory_budget.hpp"

#include <boost/test/unit_test.hpp>

using holdfast::net::MemoryBudget;

BOOST_AUTO_TEST_SUITE(memory_budget)

BOOST_AUTO_TEST_CASE(it_is_exhausted_at_its_maximum_and_until_a_sixteenth_below) {
    MemoryBudget budget{1'600};
    BOOST_TEST(!budget.on_measured(1'599));
    BOOST_TEST(budget.on_measured(1'600));
    BOOST_TEST(budget.is_exhausted());
    BOOST_TEST(!budget.on_measured(1'500));
    BOOST_TEST(budget.is_exhausted());
    BOOST_TEST(budget.on_measured(1'499));
    BOOST_TEST(!budget.is_exhausted());
    BOOST_TEST(budget.used() == 1'499U);
}

BOOST_AUTO_TEST_CASE(without_a_maximum_it_never_is) {
    MemoryBudget budget{holdfast::unlimited};
    BOOST_TEST(!budget.on_measured(holdfast::unlimited));
    BOOST_TEST(!budget.is_exhausted());
}

BOOST_AUTO_TEST_SUITE_END()
