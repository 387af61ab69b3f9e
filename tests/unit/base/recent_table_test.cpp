#include "base/recent_table.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using holdfast::RecentTable;

namespace {

constexpr auto keep_none = [](int) { return false; };
constexpr auto keep_positive = [](int value) { return value > 0; };

}  // namespace

BOOST_AUTO_TEST_SUITE(recent_table)

BOOST_AUTO_TEST_CASE(a_value_stays_with_its_key) {
    RecentTable<std::string, int> table{2};
    BOOST_TEST(table.find("a") == nullptr);
    table.use("a", 1, keep_none) += 1;
    BOOST_TEST(table.use("a", 1, keep_none) == 2);
    table.erase("a");
    table.erase("a");
    BOOST_TEST(table.use("a", 1, keep_none) == 1);
}

BOOST_AUTO_TEST_CASE(of_too_many_the_one_used_longest_ago_goes) {
    RecentTable<std::string, int> table{2};
    table.use("a", 1, keep_none);
    table.use("b", 2, keep_none);
    table.use("a", 0, keep_none);
    table.use("c", 3, keep_none);
    BOOST_TEST(table.size() == 2U);
    BOOST_TEST(table.find("b") == nullptr);
    BOOST_TEST(*table.find("a") == 1);
}

BOOST_AUTO_TEST_CASE(what_must_be_kept_goes_last) {
    RecentTable<int, int> table{3};
    table.use(1, 1, keep_positive);
    table.use(2, 0, keep_positive);
    table.use(3, 0, keep_positive);
    for (int key = 4; key < 100; ++key) table.use(key, 0, keep_positive);
    BOOST_TEST(table.size() == 3U);
    BOOST_TEST(table.find(1) != nullptr);
}

BOOST_AUTO_TEST_CASE(a_table_of_what_must_be_kept_is_bounded_too) {
    RecentTable<int, int> table{40};
    for (int key = 0; key < 1'000; ++key) table.use(key, 1, keep_positive);
    BOOST_TEST(table.size() == 40U);
    BOOST_TEST(table.find(999) != nullptr);
    BOOST_TEST(table.find(959) == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
