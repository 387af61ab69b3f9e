#include "process.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <string>

using namespace holdfast;

BOOST_AUTO_TEST_SUITE(process)

BOOST_AUTO_TEST_CASE(the_descriptor_limit_can_be_raised_again_and_again) {
    const auto first = raise_descriptor_limit();
    BOOST_TEST_REQUIRE(first.has_value());
    BOOST_TEST(*first > 0U);
    BOOST_TEST((raise_descriptor_limit() == first));
}

BOOST_AUTO_TEST_CASE(without_a_service_manager_nobody_is_told) {
    unsetenv("NOTIFY_SOCKET");
    BOOST_TEST(notify_service_manager("READY=1").has_value());
}

BOOST_AUTO_TEST_CASE(a_service_manager_that_is_not_there_is_an_error) {
    setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1);
    BOOST_TEST(notify_service_manager("READY=1").has_error());
    setenv("NOTIFY_SOCKET", std::string(200, 'x').c_str(), 1);
    BOOST_TEST(notify_service_manager("READY=1").has_error());
    unsetenv("NOTIFY_SOCKET");
}

BOOST_AUTO_TEST_SUITE_END()
