#include "api/handlers/metrics.hpp"

#include "api/prometheus.hpp"
#include "unit/api/ask.hpp"
#include "unit/api/fake_status.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast::api;

BOOST_AUTO_TEST_SUITE(metrics)

BOOST_AUTO_TEST_CASE(metrics_are_the_prometheus_text) {
    const FakeStatus status;
    Routes routes;
    add_metrics_routes(routes, status);
    const Response response = ask(routes, http::verb::get, "/metrics");
    BOOST_TEST(response.result_int() == 200U);
    BOOST_TEST(response[http::field::content_type] == "text/plain; version=0.0.4; charset=utf-8");
    BOOST_TEST(response.body() == prometheus_text(status));
    BOOST_TEST(ask(routes, http::verb::post, "/metrics").result_int() == 405U);
}

BOOST_AUTO_TEST_SUITE_END()
