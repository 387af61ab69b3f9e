#include "api/handlers/products.hpp"

#include "unit/api/api_world.hpp"
#include "unit/api/fake_policies.hpp"
#include "unit/api/fake_topics.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace {

using namespace holdfast;
using namespace holdfast::api;

struct World : ApiWorld {
    Apps apps{installation.default_app_id};
    FakePolicies policies;
    FakeTopics enforced;

    World() : ApiWorld({.limits = {.products_max = 3}}) {
        add_product_routes(
            routes, {*catalogue, executor, installation, clock, random, apps, policies, &enforced});
    }

    Response create(boost::json::object changes = {}) {
        boost::json::object body{{"name", "pumps"},
                                 {"device_type", "pump"},
                                 {"protocol_type", "MQTT"},
                                 {"service_capabilities", boost::json::array{}}};
        for (const auto& change : changes) body[change.key()] = change.value();
        return ask(http::verb::post, path("/products"), boost::json::serialize(body));
    }
    std::string words(const Response& response) {
        return std::to_string(response.result_int()) + " " + error_code_of(response);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(products, World)

BOOST_AUTO_TEST_CASE(a_product_is_created_and_shown) {
    const Response created = create({{"product_id", "p"}, {"description", "all"}});
    BOOST_TEST(created.result_int() == 201U);
    const Response shown = ask(http::verb::get, path("/products/p?app_id=x"));
    BOOST_TEST(shown.result_int() == 200U);
    BOOST_TEST(shown.body() == created.body());
    const auto product = object_of(shown);
    BOOST_TEST(product.at("description").as_string() == "all");
    BOOST_TEST(product.at("app_id").as_string() == installation.default_app_id);
    BOOST_TEST(product.at("create_time").as_string() == "20260101T000000Z");
}

BOOST_AUTO_TEST_CASE(a_missing_id_is_made) {
    const std::string id{object_of(create()).at("product_id").as_string()};
    BOOST_TEST(id.size() == 24U);
    BOOST_TEST(id.starts_with("6955b900"));  // the hour, so that ids are in the order of time
    BOOST_TEST(ask(http::verb::get, path("/products/" + id)).result_int() == 200U);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_created_is_told_why) {
    BOOST_TEST(create({{"product_id", "p"}}).result_int() == 201U);
    BOOST_TEST(words(create({{"product_id", "p"}})) == "400 IOTDA.013191");
    BOOST_TEST(words(create({{"name", ""}})) == "400 IOTDA.000006");
    BOOST_TEST(words(create({{"app_id", "other"}})) == "403 IOTDA.001000");
    BOOST_TEST(create({{"app_id", installation.default_app_id}}).result_int() == 201U);
    BOOST_TEST(words(create()) == "403 IOTDA.013193");  // the default one is the third
    BOOST_TEST(words(ask(http::verb::post, path("/products"), "{")) == "400 IOTDA.000008");
}

BOOST_AUTO_TEST_CASE(products_are_listed_newest_first) {
    create({{"product_id", "p"}});
    create({{"product_id", "q"}, {"name", "valves"}});
    const auto list = object_of(ask(http::verb::get, path("/products?limit=2")));
    BOOST_TEST(list.at("page").at("count").as_int64() == 3);
    BOOST_TEST_REQUIRE(list.at("products").as_array().size() == 2U);
    BOOST_TEST(list.at("products").at(0).at("product_id").as_string() == "q");
    BOOST_TEST(!list.at("products").at(0).as_object().contains("service_capabilities"));
    const std::string marker{list.at("page").at("marker").as_string()};
    const auto rest = object_of(ask(http::verb::get, path("/products?marker=" + marker)));
    BOOST_TEST_REQUIRE(rest.at("products").as_array().size() == 1U);
    BOOST_TEST(rest.at("products").at(0).at("name").as_string() == "default");
    const auto named = object_of(ask(http::verb::get, path("/products?product_name=valves")));
    BOOST_TEST(named.at("page").at("count").as_int64() == 1);
    const auto none = object_of(ask(http::verb::get, path("/products?app_id=other")));
    BOOST_TEST(none.at("products").as_array().empty());
    BOOST_TEST(words(ask(http::verb::get, path("/products?limit=51"))) == "400 IOTDA.000017");
}

BOOST_AUTO_TEST_CASE(an_update_changes_what_it_names) {
    create({{"product_id", "p"}});
    const Response updated =
        ask(http::verb::put, path("/products/p"), R"({"name":"valves","app_id":"ignored"})");
    BOOST_TEST(updated.result_int() == 200U);
    BOOST_TEST(object_of(updated).at("name").as_string() == "valves");
    BOOST_TEST(object_of(updated).at("device_type").as_string() == "pump");
    BOOST_TEST(words(ask(http::verb::put, path("/products/p"), R"({"name":1})")) ==
               "400 IOTDA.000006");
    BOOST_TEST(words(ask(http::verb::put, path("/products/no"), "{}")) == "404 IOTDA.013190");
}

BOOST_AUTO_TEST_CASE(who_enforces_topics_is_told_of_each_change_that_was_made) {
    create({{"product_id", "p"}});
    const auto put = [&](const char* product, const char* body) {
        return ask(http::verb::put, path("/products/" + std::string{product} + "/topics"), body)
            .result_int();
    };
    BOOST_TEST(put("p", R"({"topics":[{"topic":"a","permission":"PUBLISH"},{"topic":"b"}]})") ==
               200U);
    BOOST_TEST(put("p", R"({"topics":[{"topic":"//"}]})") == 400U);
    BOOST_TEST(put("q", R"({"topics":[]})") == 404U);
    BOOST_TEST(put("p", R"({"topics":[]})") == 200U);
    BOOST_TEST(ask(http::verb::delete_, path("/products/p")).result_int() == 204U);
    const std::vector<std::string> expected{"put p a p b p s", "put p", "forget p"};
    BOOST_TEST(enforced.lines == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(topics_are_replaced_as_a_whole) {
    create({{"product_id", "p"}});
    const auto topics = [&] {
        return boost::json::serialize(
            object_of(ask(http::verb::get, path("/products/p/topics"))).at("topics"));
    };
    BOOST_TEST(topics() == "[]");
    const Response replaced = ask(http::verb::put, path("/products/p/topics"),
                                  R"({"topics":[{"topic":"a"},{"topic":"b"}]})");
    BOOST_TEST(replaced.result_int() == 200U);
    ask(http::verb::put, path("/products/p/topics"),
        R"({"topics":[{"topic":"c","permission":"SUBSCRIBE"}]})");
    BOOST_TEST(topics() == R"([{"topic":"c","permission":"SUBSCRIBE"}])");
    BOOST_TEST(words(ask(http::verb::put, path("/products/p/topics"), "{}")) == "400 IOTDA.000006");
    BOOST_TEST(words(ask(http::verb::get, path("/products/no/topics"))) == "404 IOTDA.013190");
    ask(http::verb::put, path("/products/p"), R"({"name":"valves"})");
    BOOST_TEST(topics() == R"([{"topic":"c","permission":"SUBSCRIBE"}])");
}

BOOST_AUTO_TEST_CASE(a_product_without_devices_can_be_deleted) {
    create({{"product_id", "p"}});
    test_support::CatalogueCaller caller{*catalogue};
    BOOST_TEST_REQUIRE(!caller.add_device({.device_id = "d", .product_id = "p"}).error);
    BOOST_TEST(words(ask(http::verb::delete_, path("/products/p"))) == "403 IOTDA.013192");
    BOOST_TEST(!caller.remove_device("d"));
    const Response deleted = ask(http::verb::delete_, path("/products/p"));
    BOOST_TEST(deleted.result_int() == 204U);
    BOOST_TEST(deleted.body().empty());
    BOOST_TEST(words(ask(http::verb::delete_, path("/products/p"))) == "404 IOTDA.013190");
}

BOOST_AUTO_TEST_CASE(every_route_asks_for_a_token_of_the_project) {
    const std::pair<http::verb, const char*> all[] = {
        {http::verb::post, "/products"},        {http::verb::get, "/products"},
        {http::verb::get, "/products/p"},       {http::verb::put, "/products/p"},
        {http::verb::delete_, "/products/p"},   {http::verb::get, "/products/p/topics"},
        {http::verb::put, "/products/p/topics"}};
    for (const auto& [method, rest] : all) {
        BOOST_TEST(ask(method, "/v5/iot/other" + std::string{rest}, "{}").result_int() == 403U,
                   rest);
    }
    token.clear();
    for (const auto& [method, rest] : all) {
        BOOST_TEST(ask(method, path(rest), "{").result_int() == 401U, rest);
    }
}

BOOST_AUTO_TEST_CASE(a_path_id_keeps_its_rule) {
    BOOST_TEST(words(ask(http::verb::get, path("/products/a%2Fb"))) == "400 IOTDA.000006");
    BOOST_TEST(words(ask(http::verb::get, path("/products/" + std::string(37, 'x')))) ==
               "400 IOTDA.000006");
}

BOOST_AUTO_TEST_SUITE_END()
