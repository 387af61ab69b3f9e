#include "api/keystone_error.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast::api;

BOOST_AUTO_TEST_SUITE(keystone_errors)

BOOST_AUTO_TEST_CASE(an_error_has_code_message_and_title) {
    BOOST_TEST(keystone_error(http::status::unauthorized, "no").body() ==
               "{\"error\":{\"code\":401,\"message\":\"no\",\"title\":\"Unauthorized\"}}\n");
}

BOOST_AUTO_TEST_CASE(an_error_of_the_platform_keeps_status_header_and_words) {
    Response own = error_response(http::status::unauthorized, "IOTDA.000002", "no token");
    own.set(http::field::www_authenticate, "x");
    const Response response = as_keystone_error(own);
    BOOST_TEST(response.result_int() == 401U);
    BOOST_TEST(response[http::field::www_authenticate] == "x");
    BOOST_TEST(response[http::field::content_type] == "application/json");
    BOOST_TEST(response.body() == keystone_error(own.result(), "no token").body());
}

BOOST_AUTO_TEST_SUITE_END()
