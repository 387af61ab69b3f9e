#include "api/custom_topics.hpp"

#include "unit/api/api_world.hpp"
#include "unit/api/fake_topics.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace {

using namespace holdfast;
using namespace holdfast::api;

}  // namespace

BOOST_AUTO_TEST_SUITE(custom_topics_of_the_catalogue)

BOOST_AUTO_TEST_CASE(a_start_puts_those_of_all_products_that_have_some) {
    const auto catalogue = open_catalogue();
    test_support::CatalogueCaller caller{*catalogue};
    std::vector<std::string> expected;
    for (int i = 0; i < 205; ++i) {  // more than two pages
        const std::string id = "p" + std::to_string(1'000 + i);
        store::Product product{.product_id = id};
        if (i != 7) product.topics = {{"a/b", true, false}, {"c", false, true}};
        if (i != 7) expected.push_back("put " + id + " a/b p c s");
        BOOST_TEST_REQUIRE(!caller.add_product(product).error);
    }
    FakeTopics topics;
    BOOST_TEST(load_custom_topics(*catalogue, topics).has_value());
    std::ranges::sort(topics.lines);
    BOOST_TEST(topics.lines == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
