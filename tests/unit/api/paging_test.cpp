#include "api/paging.hpp"

#include "unit/api/api_world.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace holdfast::api;

using Query = Parameters;

boost::system::result<holdfast::store::Paging, Response> read(Query query) {
    return read_paging(Exchange{Request{http::verb::get, "/", 11}, {{}, std::move(query)}});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(paging)

BOOST_AUTO_TEST_CASE(without_parameters_it_is_the_first_ten) {
    const auto read_one = read({});
    BOOST_TEST_REQUIRE(read_one.has_value());
    BOOST_TEST(read_one->limit == 10U);
    BOOST_TEST(read_one->offset == 0U);
    BOOST_TEST(read_one->marker.empty());
}

BOOST_AUTO_TEST_CASE(each_parameter_is_taken_to_its_limit) {
    const auto most =
        read({{"limit", "50"}, {"offset", "500"}, {"marker", "ffffffffffffffffffffffff"}});
    BOOST_TEST_REQUIRE(most.has_value());
    BOOST_TEST(most->limit == 50U);
    BOOST_TEST(most->offset == 500U);
    BOOST_TEST(most->marker == "ffffffffffffffffffffffff");
    const auto least = read({{"limit", "1"}, {"offset", "0"}});
    BOOST_TEST_REQUIRE(least.has_value());
    BOOST_TEST(least->limit == 1U);
}

BOOST_AUTO_TEST_CASE(beyond_a_limit_it_is_told_which) {
    for (const char* limit : {"0", "51", "-1", "", "x", "10x", "99999999999999999999"}) {
        const auto refused = read({{"limit", limit}});
        BOOST_TEST_REQUIRE(refused.has_error(), limit);
        BOOST_TEST(refused.error().result_int() == 400U);
        BOOST_TEST(error_code_of(refused.error()) == "IOTDA.000017");
        BOOST_TEST(error_message_of(refused.error()) ==
                   "limit must be a whole number from 1 to 50");
    }
    for (const char* offset : {"501", "-1", "x"}) {
        const auto refused = read({{"offset", offset}});
        BOOST_TEST_REQUIRE(refused.has_error(), offset);
        BOOST_TEST(error_code_of(refused.error()) == "IOTDA.000006");
    }
    for (const char* marker : {"", "f", "fffffffffffffffffffffffff", "gfffffffffffffffffffffff"}) {
        const auto refused = read({{"marker", marker}});
        BOOST_TEST_REQUIRE(refused.has_error(), marker);
        BOOST_TEST(error_message_of(refused.error()) == "marker must be 24 hexadecimal digits");
    }
}

BOOST_AUTO_TEST_CASE(a_page_tells_the_next_ones_marker) {
    const std::string marker(24, '7');
    BOOST_TEST(page_json(3, marker, {}).at("marker").as_string() == marker);
    BOOST_TEST(page_json(3, marker, {}).at("count").as_uint64() == 3U);
    BOOST_TEST(page_json(3, "", {.marker = marker}).at("marker").as_string() == marker);
    BOOST_TEST(page_json(0, "", {}).at("marker").as_string() == "ffffffffffffffffffffffff");
}

BOOST_AUTO_TEST_SUITE_END()
