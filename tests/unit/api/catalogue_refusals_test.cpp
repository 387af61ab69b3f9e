#include "api/catalogue_refusals.hpp"

#include "store/catalogue.hpp"
#include "unit/api/api_world.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace holdfast::api;
using holdfast::store::CatalogueError;

std::string words(const Response& response) {
    return std::to_string(response.result_int()) + " " + error_code_of(response);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(catalogue_refusals)

BOOST_AUTO_TEST_CASE(each_error_of_the_catalogue_has_its_code) {
    BOOST_TEST(words(device_refusal(CatalogueError::not_found, "d")) == "404 IOTDA.014000");
    BOOST_TEST(words(device_refusal(CatalogueError::already_exists, "d")) == "400 IOTDA.014031");
    BOOST_TEST(words(device_refusal(CatalogueError::still_in_use, "d")) == "403 IOTDA.014180");
    BOOST_TEST(words(device_refusal(CatalogueError::limit_reached, "d")) == "403 IOTDA.014181");
    BOOST_TEST(words(product_refusal(CatalogueError::not_found, "p")) == "404 IOTDA.013190");
    BOOST_TEST(words(product_refusal(CatalogueError::already_exists, "p")) == "400 IOTDA.013191");
    BOOST_TEST(words(product_refusal(CatalogueError::still_in_use, "p")) == "403 IOTDA.013192");
    BOOST_TEST(words(product_refusal(CatalogueError::limit_reached, "p")) == "403 IOTDA.013193");
    BOOST_TEST(words(no_such_app("a")) == "403 IOTDA.001000");
    BOOST_TEST(error_message_of(device_refusal(CatalogueError::not_found, "d")) ==
               "The device does not exist: \"d\"");
}

BOOST_AUTO_TEST_CASE(a_full_disk_and_other_failures_are_told_apart) {
    const auto full = std::make_error_code(std::errc::no_space_on_device);
    const auto broken = std::make_error_code(std::errc::io_error);
    BOOST_TEST(device_refusal(full, "d").result_int() == 507U);
    BOOST_TEST(product_refusal(full, "p").result_int() == 507U);
    const Response response = device_refusal(broken, "d");
    BOOST_TEST(response.result_int() == 503U);
    BOOST_TEST(response[http::field::retry_after] == "1");
    BOOST_TEST(error_message_of(response).starts_with("the catalogue failed: "));
}

BOOST_AUTO_TEST_SUITE_END()
