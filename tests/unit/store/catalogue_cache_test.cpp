#include "store/catalogue_cache.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using Cache = holdfast::store::RecordCache<int>;

std::shared_ptr<const int> number(int value) { return std::make_shared<const int>(value); }

}  // namespace

BOOST_AUTO_TEST_SUITE(catalogue_cache)

BOOST_AUTO_TEST_CASE(a_record_is_found_until_it_is_replaced_or_erased) {
    Cache cache{2};
    BOOST_TEST(cache.find("a") == nullptr);
    cache.put("a", number(1));
    BOOST_TEST(*cache.find("a") == 1);
    cache.put("a", number(2));
    BOOST_TEST(*cache.find("a") == 2);
    BOOST_TEST(cache.size() == 1U);
    cache.erase("a");
    cache.erase("never there");
    BOOST_TEST(cache.find("a") == nullptr);
    BOOST_TEST(cache.size() == 0U);
}

BOOST_AUTO_TEST_CASE(a_full_cache_forgets_what_was_used_longest_ago) {
    Cache cache{2};
    cache.put("a", number(1));
    cache.put("b", number(2));
    BOOST_TEST(cache.size() == 2U);
    BOOST_TEST(*cache.find("a") == 1);  // now b is the one
    cache.put("c", number(3));
    BOOST_TEST(cache.size() == 2U);
    BOOST_TEST(*cache.find("a") == 1);
    BOOST_TEST(cache.find("b") == nullptr);
    BOOST_TEST(*cache.find("c") == 3);
}

BOOST_AUTO_TEST_CASE(a_record_outlives_its_place_in_the_cache) {
    Cache cache{1};
    cache.put("a", number(1));
    const auto held = cache.find("a");
    cache.put("b", number(2));
    BOOST_TEST(*held == 1);
}

BOOST_AUTO_TEST_SUITE_END()
