#include "api/handlers/shadow.hpp"

#include "unit/api/api_world.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace {

using namespace holdfast;
using namespace holdfast::api;

struct World : ApiWorld {
    Shadows shadows{catalogue->documents()};

    World() {
        add_shadow_routes(routes, {.shadows = shadows,
                                   .catalogue = *catalogue,
                                   .executor = executor,
                                   .clock = clock});
        store::Device device;
        device.device_id = "pump-7";
        device.product_id = installation.default_product_id;
        test_support::CatalogueCaller caller{*catalogue};
        BOOST_TEST_REQUIRE(!caller.add_device(device).error);
    }
    Response call(http::verb method, std::string_view query = {}, std::string body = {}) {
        return ask(method, path("/devices/pump-7/shadow" + std::string{query}), std::move(body));
    }
    Response put(std::string body) { return call(http::verb::put, {}, std::move(body)); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(shadow_handlers)

BOOST_FIXTURE_TEST_CASE(what_is_desired_is_kept_shown_and_removed, World) {
    BOOST_TEST(call(http::verb::get).body() == "{\"device_id\":\"pump-7\",\"shadow\":[]}\n");
    const Response put_response =
        put(R"({"shadow":[{"service_id":"S","desired":{"x":1.0},"version":0},)"
            R"({"service_id":"T","desired":{}}]})");
    BOOST_TEST(put_response.result_int() == 200U);
    const std::string shown =
        R"({"service_id":"S","desired":{"properties":{"x":1.0},"event_time":"20260101T000000Z"},)"
        R"("version":1})";
    BOOST_TEST(put_response.body().find(shown) != std::string::npos);
    BOOST_TEST(call(http::verb::get).body() == put_response.body());
    BOOST_TEST(call(http::verb::get, "?service_id=S").body() ==
               R"({"device_id":"pump-7","shadow":[)" + shown + "]}\n");
    BOOST_TEST(call(http::verb::delete_, "?service_id=T").result_int() == 204U);
    BOOST_TEST(call(http::verb::get).body() ==
               R"({"device_id":"pump-7","shadow":[)" + shown + "]}\n");
    BOOST_TEST(call(http::verb::delete_).result_int() == 204U);
    BOOST_TEST(call(http::verb::delete_).result_int() == 204U);
    BOOST_TEST(call(http::verb::get).body() == "{\"device_id\":\"pump-7\",\"shadow\":[]}\n");
}

BOOST_FIXTURE_TEST_CASE(what_is_wrong_has_a_code, World) {
    BOOST_TEST(error_code_of(put("{oops")) == "IOTDA.000008");
    BOOST_TEST(error_code_of(put("{}")) == "IOTDA.000006");
    BOOST_TEST(error_code_of(call(http::verb::get, "?service_id=")) == "IOTDA.000006");
    const Response conflict = put(R"({"shadow":[{"service_id":"S","desired":{},"version":4}]})");
    BOOST_TEST(conflict.result_int() == 409U);
    BOOST_TEST(error_code_of(conflict) == "IOTDA.014173");
    const std::string large(shadow_bytes_max, 'x');
    const Response refused =
        put(R"({"shadow":[{"service_id":"S","desired":{"x":")" + large + "\"}}]}");
    BOOST_TEST(refused.result_int() == 403U);
    BOOST_TEST(error_code_of(refused) == "IOTDA.014174");
    BOOST_TEST(error_code_of(ask(http::verb::get, path("/devices/nobody/shadow"))) ==
               "IOTDA.014000");
    token.clear();
    BOOST_TEST(call(http::verb::get).result_int() == 401U);
}

BOOST_AUTO_TEST_SUITE_END()
