#include "api/device_query.hpp"

#include "unit/api/api_world.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace holdfast::api;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;

using Query = Parameters;

boost::system::result<holdfast::store::DeviceQuery, Response> read(Query query) {
    return read_device_query(
        Exchange{Request{http::verb::get, "/", 11}, {{}, std::move(query)}});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(device_query)

BOOST_AUTO_TEST_CASE(without_parameters_it_asks_for_all) {
    const auto query = read({});
    BOOST_TEST_REQUIRE(query.has_value());
    BOOST_TEST(!query->product_id.has_value());
    BOOST_TEST(!query->is_cascade);
    BOOST_TEST(!query->created_from.has_value());
}

BOOST_AUTO_TEST_CASE(every_filter_is_taken) {
    const auto query = read({{"product_id", "p"},
                             {"gateway_id", "g"},
                             {"is_cascade_query", "true"},
                             {"node_id", "n"},
                             {"device_name", "name"},
                             {"app_id", "a"},
                             {"start_time", "19700101T000001Z"},
                             {"end_time", "20240229T235959Z"},
                             {"limit", "5"}});
    BOOST_TEST_REQUIRE(query.has_value());
    BOOST_TEST(query->product_id.value() == "p");
    BOOST_TEST(query->gateway_id.value() == "g");
    BOOST_TEST(query->is_cascade);
    BOOST_TEST(query->node_id.value() == "n");
    BOOST_TEST(query->device_name.value() == "name");
    BOOST_TEST(query->app_id.value() == "a");
    BOOST_TEST((query->created_from == holdfast::store::CatalogueTime{1s}));
    const std::chrono::sys_days day{std::chrono::year{2024} / 2 / 29};
    BOOST_TEST((query->created_until == day + 24h - 1s));
    BOOST_TEST(query->paging.limit == 5U);
}

BOOST_AUTO_TEST_CASE(a_time_has_one_form) {
    for (const char* time :
         {"", "2024", "2024-02-29T00:00:00Z", "20240229T000000", "20240229 000000Z",
          "20230229T000000Z", "20240229T240000Z", "20240229T006000Z", "20240229T000060Z",
          "2024022xT000000Z", "-0240229T000000Z", "20240229T0000 0Z"}) {
        const auto refused = read({{"start_time", time}});
        BOOST_TEST_REQUIRE(refused.has_error(), time);
        BOOST_TEST(error_code_of(refused.error()) == "IOTDA.000009");
    }
}

BOOST_AUTO_TEST_CASE(times_are_in_their_order) {
    BOOST_TEST(
        read({{"start_time", "20240101T000000Z"}, {"end_time", "20240101T000000Z"}}).has_value());
    const auto refused =
        read({{"start_time", "20240101T000001Z"}, {"end_time", "20240101T000000Z"}});
    BOOST_TEST_REQUIRE(refused.has_error());
    BOOST_TEST(error_code_of(refused.error()) == "IOTDA.000010");
}

BOOST_AUTO_TEST_CASE(other_parameters_keep_their_rules) {
    const auto refused = read({{"is_cascade_query", "1"}});
    BOOST_TEST_REQUIRE(refused.has_error());
    BOOST_TEST(error_message_of(refused.error()) == "is_cascade_query must be true or false");
    BOOST_TEST(error_code_of(read({{"limit", "51"}}).error()) == "IOTDA.000017");
}

BOOST_AUTO_TEST_SUITE_END()
