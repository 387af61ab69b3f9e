#include "api/handlers/device_search.hpp"

#include "unit/api/api_world.hpp"
#include "unit/api/fake_presence.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

namespace {

using namespace holdfast;
using namespace holdfast::api;

struct World : ApiWorld {
    FakePresence online;
    Apps apps{installation.default_app_id};
    test_support::CatalogueCaller caller{*catalogue};

    World() {
        add_device_search_routes(routes, {*catalogue, executor, online, apps});
        for (const char* id : {"a", "b", "c"}) {
            store::Device device;
            device.device_id = id;
            device.node_id = id;
            device.product_id = installation.default_product_id;
            device.app_id = installation.default_app_id;
            device.secret = "12345678";
            BOOST_TEST_REQUIRE(!caller.add_device(device).error);
        }
    }
    Response search(std::string_view sql) {
        return ask(http::verb::post, path("/search/query-devices"),
                   boost::json::serialize(boost::json::object{{"sql", sql}}));
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(device_search, World)

BOOST_AUTO_TEST_CASE(devices_are_found_as_lists_show_them_with_their_marker) {
    online.devices = {"b"};
    const Response response = search("select * from device where status = 'ONLINE'");
    BOOST_TEST(response.result_int() == 200U);
    BOOST_TEST(response.body().find("12345678") == std::string::npos);
    const auto body = object_of(response);
    BOOST_TEST(body.at("count").as_int64() == 1);
    BOOST_TEST_REQUIRE(body.at("devices").as_array().size() == 1U);
    const auto& device = body.at("devices").as_array().front().as_object();
    BOOST_TEST(device.at("device_id").as_string() == "b");
    BOOST_TEST(device.at("status").as_string() == "ONLINE");
    BOOST_TEST(device.at("app_name").as_string() == "default");
    BOOST_TEST(device.at("marker").as_string() == "000000000000000000000002");
}

BOOST_AUTO_TEST_CASE(fields_that_are_named_are_shown_alone_and_a_count_without_devices) {
    BOOST_TEST(search("select marker, device_id, fw_version from device order by marker limit 1,1")
                   .body() ==
               R"({"devices":[{"marker":"000000000000000000000002","device_id":"b"}],"count":3})"
               "\n");
    BOOST_TEST(search("select count(*) from device").body() == R"({"devices":[],"count":3})"
                                                               "\n");
}

BOOST_AUTO_TEST_CASE(the_next_page_begins_behind_the_last_marker) {
    const char* const next =
        "select device_id from device where marker < '000000000000000000000003' limit 1";
    BOOST_TEST(search(next).body() == R"({"devices":[{"device_id":"b"}],"count":2})"
                                      "\n");
}

BOOST_AUTO_TEST_CASE(what_is_not_understood_is_refused_at_its_character) {
    const Response response =
        search("select * from device where device_name = 'Pumpe \u00fc' or name = 'x'");
    BOOST_TEST(response.result_int() == 400U);
    BOOST_TEST(error_code_of(response) == "IOTDA.000006");
    BOOST_TEST(
        error_message_of(response).starts_with("sql is not understood at character 55: there must "
                                               "be a field to search by here, not name;"));
    BOOST_TEST(error_message_of(search(std::string(401, 'x')))
                   .starts_with("sql must be a text of 1 to 400 characters"));
    BOOST_TEST(error_message_of(ask(http::verb::post, path("/search/query-devices"), "{}")) ==
               "sql must be there");
    BOOST_TEST(error_code_of(ask(http::verb::post, path("/search/query-devices"), "[")) ==
               "IOTDA.000008");
}

BOOST_AUTO_TEST_CASE(it_asks_for_a_token_of_the_project) {
    BOOST_TEST(ask(http::verb::post, "/v5/iot/other/search/query-devices", "{}").result_int() ==
               403U);
    token.clear();
    BOOST_TEST(search("select * from device").result_int() == 401U);
}

BOOST_AUTO_TEST_SUITE_END()
