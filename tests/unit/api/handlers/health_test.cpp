#include "api/handlers/health.hpp"

#include "unit/api/ask.hpp"
#include "unit/api/fake_status.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

namespace {

using namespace holdfast::api;

struct Served {
    FakeStatus status;
    Routes routes;
    Served() { add_health_routes(routes, status); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(health, Served)

BOOST_AUTO_TEST_CASE(live_is_answered_whenever_the_process_can) {
    status.ready = false;
    const Response response = ask(routes, http::verb::get, "/healthz/live");
    BOOST_TEST(response.result_int() == 200U);
    BOOST_TEST(boost::json::parse(response.body()).at("status").as_string() == "live");
}

BOOST_AUTO_TEST_CASE(ready_follows_the_server) {
    const Response ready = ask(routes, http::verb::get, "/healthz/ready");
    BOOST_TEST(ready.result_int() == 200U);
    BOOST_TEST(boost::json::parse(ready.body()).at("status").as_string() == "ready");
    status.ready = false;
    const Response stopping = ask(routes, http::verb::get, "/healthz/ready");
    BOOST_TEST(stopping.result_int() == 503U);
    BOOST_TEST(stopping[http::field::retry_after] == "1");
    BOOST_TEST(boost::json::parse(stopping.body()).at("status").as_string() == "not_ready");
}

BOOST_AUTO_TEST_CASE(version_names_program_and_version) {
    const Response response = ask(routes, http::verb::get, "/version");
    BOOST_TEST(response.result_int() == 200U);
    const auto body = boost::json::parse(response.body()).as_object();
    BOOST_TEST(body.at("name").as_string() == "holdfast");
    BOOST_TEST(body.at("version").as_string() == "1.2.3");
}

BOOST_AUTO_TEST_SUITE_END()
