#include "session/filter_set.hpp"

#include "support/allocations.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <vector>

using namespace holdfast;
using router::Filter;
using session::FilterSet;

namespace {

std::set<const Filter*> contents(const FilterSet& set) {
    std::set<const Filter*> all;
    set.for_each([&](const Filter& filter) { BOOST_TEST(all.insert(&filter).second); });
    return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(filter_set)

BOOST_AUTO_TEST_CASE(it_is_a_set_with_one_and_with_many) {
    std::vector<Filter::Owner> filters;
    for (int i = 0; i < 40; ++i) filters.push_back(Filter::create("t/" + std::to_string(i)));
    FilterSet set;
    std::set<const Filter*> expected;
    const auto check = [&] {
        BOOST_TEST((contents(set) == expected));
        BOOST_TEST(set.size() == expected.size());
        BOOST_TEST(set.empty() == expected.empty());
        for (const Filter::Owner& filter : filters) {
            BOOST_TEST(set.contains(filter.get()) == expected.contains(filter.get()));
        }
    };
    check();
    BOOST_TEST(!set.erase(filters[0].get()));
    for (int round = 0; round < 2; ++round) {
        for (const Filter::Owner& filter : filters) {
            set.insert(filter.get());
            set.insert(filter.get());
            expected.insert(filter.get());
            check();
        }
        for (const Filter::Owner& filter : filters) {
            BOOST_TEST(set.erase(filter.get()));
            BOOST_TEST(!set.erase(filter.get()));
            expected.erase(filter.get());
            check();
        }
    }
    set.insert(filters[0].get());
    set.clear();
    expected.clear();
    check();
    set.insert(filters[1].get());
    set.insert(filters[2].get());
    set.clear();
    check();
}

BOOST_AUTO_TEST_CASE(one_filter_needs_no_memory_of_the_set) {
    const Filter::Owner filter = Filter::create("t");
    FilterSet set;
    const std::size_t before = test_support::allocations();
    set.insert(filter.get());
    const std::size_t after = test_support::allocations();
    BOOST_TEST(after == before);
    BOOST_TEST(set.contains(filter.get()));
}

BOOST_AUTO_TEST_SUITE_END()
