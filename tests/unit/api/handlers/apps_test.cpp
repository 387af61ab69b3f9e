#include "api/handlers/apps.hpp"

#include "api/handlers/products.hpp"
#include "unit/api/api_world.hpp"
#include "unit/api/fake_policies.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

namespace {

using namespace holdfast;
using namespace holdfast::api;

struct World : ApiWorld {
    Apps apps = Apps::load(catalogue->documents(), installation.default_app_id, clock.wall).value();
    FakePolicies policies;

    World() {
        add_app_routes(routes, {*catalogue, executor, apps, policies, clock});
        add_product_routes(
            routes, {*catalogue, executor, installation, clock, random, apps, policies});
    }

    Response create(const std::string& name) {
        return ask(http::verb::post, path("/apps"), R"({"app_name":")" + name + "\"}");
    }
    std::string create_id(const std::string& name) {
        return std::string{object_of(create(name)).at("app_id").as_string()};
    }
    std::string listed(const std::string& query) {
        std::string text;
        const auto list = object_of(ask(http::verb::get, path("/apps" + query)));
        for (const auto& app : list.at("applications").as_array()) {
            text += std::string{app.at("app_name").as_string()} + " ";
        }
        return text;
    }
    static std::string words(const Response& response) {
        return std::to_string(response.result_int()) + " " + error_code_of(response);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(apps_routes, World)

BOOST_AUTO_TEST_CASE(the_default_space_is_there) {
    BOOST_TEST(listed("") == "default ");
    const auto app = object_of(ask(http::verb::get, path("/apps/" + installation.default_app_id)));
    BOOST_TEST(app.at("default_app").as_bool());
    BOOST_TEST(app.at("create_time").as_string() == "20260101T000000Z");
    BOOST_TEST(words(ask(http::verb::delete_, path("/apps/" + installation.default_app_id))) ==
               "403 IOTDA.001092");
}

BOOST_AUTO_TEST_CASE(spaces_are_made_listed_renamed_and_deleted) {
    const Response made = create("plant");
    BOOST_TEST(made.result_int() == 201U);
    const std::string app_id{object_of(made).at("app_id").as_string()};
    BOOST_TEST(!object_of(made).at("default_app").as_bool());
    BOOST_TEST(listed("") == "plant default ");
    BOOST_TEST(listed("?default_app=true") == "default ");
    BOOST_TEST(listed("?default_app=false") == "plant ");
    BOOST_TEST(words(ask(http::verb::get, path("/apps?default_app=2"))) == "400 IOTDA.000006");
    const Response renamed =
        ask(http::verb::put, path("/apps/" + app_id), R"({"app_name":"works"})");
    BOOST_TEST(object_of(renamed).at("app_name").as_string() == "works");
    BOOST_TEST(apps.name_of(app_id) == "works");
    BOOST_TEST(ask(http::verb::delete_, path("/apps/" + app_id)).result_int() == 204U);
    BOOST_TEST(policies.lines.back() == "forget app " + app_id);
    BOOST_TEST(words(ask(http::verb::get, path("/apps/" + app_id))) == "403 IOTDA.001000");
    BOOST_TEST(words(ask(http::verb::delete_, path("/apps/" + app_id))) == "403 IOTDA.001000");
}

BOOST_AUTO_TEST_CASE(a_space_with_products_stays) {
    const std::string app_id = create_id("plant");
    const Response product = ask(
        http::verb::post, path("/products"),
        boost::json::serialize(boost::json::object{{"name", "pumps"},
                                                   {"device_type", "pump"},
                                                   {"protocol_type", "MQTT"},
                                                   {"service_capabilities", boost::json::array{}},
                                                   {"app_id", app_id}}));
    BOOST_TEST_REQUIRE(product.result_int() == 201U);
    BOOST_TEST(words(ask(http::verb::delete_, path("/apps/" + app_id))) == "403 IOTDA.001091");
    BOOST_TEST(apps.find(app_id) != nullptr);
    const std::string product_id{object_of(product).at("product_id").as_string()};
    BOOST_TEST(ask(http::verb::delete_, path("/products/" + product_id)).result_int() == 204U);
    BOOST_TEST(ask(http::verb::delete_, path("/apps/" + app_id)).result_int() == 204U);
}

BOOST_AUTO_TEST_CASE(there_are_ten_at_most) {
    for (int i = 1; i < 10; ++i) BOOST_TEST(create("a").result_int() == 201U);
    BOOST_TEST(words(create("a")) == "403 IOTDA.001090");
    BOOST_TEST(words(create("")) == "400 IOTDA.000006");
}

BOOST_AUTO_TEST_CASE(spaces_are_read_at_the_next_start) {
    const std::string app_id = create_id("plant");
    const auto again =
        Apps::load(catalogue->documents(), installation.default_app_id, clock.wall).value();
    BOOST_TEST(again.name_of(app_id) == "plant");
    BOOST_TEST(again.name_of(installation.default_app_id) == "default");
}

BOOST_AUTO_TEST_SUITE_END()
