#include "api/handlers/device_groups.hpp"

#include "unit/api/api_world.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

namespace {

using namespace holdfast;
using namespace holdfast::api;

struct World : ApiWorld {
    Apps apps{installation.default_app_id};

    World() { add_device_group_routes(routes, {*catalogue, executor, apps, clock}); }

    void add_device(const std::string& device_id) {
        store::Device device;
        device.device_id = device_id;
        device.node_id = device_id;
        device.product_id = installation.default_product_id;
        device.app_id = installation.default_app_id;
        std::error_code failed;
        catalogue->add_device(device, executor,
                              [&](std::error_code error, const store::DevicePtr&) {
                                  failed = error;
                                  loop.stop();
                              });
        loop.restart();
        auto waiting = boost::asio::make_work_guard(loop);
        loop.run();
        BOOST_TEST_REQUIRE(!failed);
    }
    Response create(const boost::json::object& body) {
        return ask(http::verb::post, path("/device-group"), boost::json::serialize(body));
    }
    std::string create_id(const std::string& name, const std::string& parent = {}) {
        boost::json::object body{{"name", name}};
        if (!parent.empty()) body["super_group_id"] = parent;
        return std::string{object_of(create(body)).at("group_id").as_string()};
    }
    Response act(const std::string& group, const std::string& action, const std::string& device) {
        return ask(http::verb::post, path("/device-group/" + group + "/action?action_id=" + action +
                                          "&device_id=" + device));
    }
    std::string members(const std::string& group) {
        std::string text;
        const auto list =
            object_of(ask(http::verb::get, path("/device-group/" + group + "/devices")));
        for (const auto& device : list.at("devices").as_array()) {
            text += std::string{device.at("device_id").as_string()} + " ";
        }
        return text + std::to_string(list.at("page").at("count").as_int64());
    }
    static std::string words(const Response& response) {
        return std::to_string(response.result_int()) + " " + error_code_of(response);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(device_groups, World)

BOOST_AUTO_TEST_CASE(a_group_is_made_shown_changed_and_deleted) {
    const Response made = create({{"name", "pumps"}, {"description", "all"}});
    BOOST_TEST(made.result_int() == 201U);
    const std::string id{object_of(made).at("group_id").as_string()};
    BOOST_TEST(object_of(made).at("group_type").as_string() == "STATIC");
    const std::string one = path("/device-group/" + id);
    BOOST_TEST(ask(http::verb::get, one).body() == made.body());
    const auto changed = object_of(ask(http::verb::put, one, R"({"name":"valves"})"));
    BOOST_TEST(changed.at("name").as_string() == "valves");
    BOOST_TEST(changed.at("description").as_string() == "all");
    const auto list = object_of(ask(http::verb::get, path("/device-group?name=valves")));
    BOOST_TEST(list.at("page").at("count").as_int64() == 1);
    BOOST_TEST(ask(http::verb::delete_, one).result_int() == 204U);
    BOOST_TEST(words(ask(http::verb::get, one)) == "404 IOTDA.015190");
    BOOST_TEST(words(ask(http::verb::delete_, one)) == "404 IOTDA.015190");
}

BOOST_AUTO_TEST_CASE(devices_are_put_in_and_taken_out) {
    add_device("pump");
    add_device("valve");
    const std::string group = create_id("all");
    BOOST_TEST(act(group, "addDevice", "pump").result_int() == 200U);
    BOOST_TEST(act(group, "addDevice", "valve").result_int() == 200U);
    BOOST_TEST(act(group, "addDevice", "valve").result_int() == 200U);
    BOOST_TEST(members(group) == "valve pump 2");
    BOOST_TEST(act(group, "removeDevice", "valve").result_int() == 200U);
    BOOST_TEST(members(group) == "pump 1");
    BOOST_TEST(words(act(group, "addDevice", "none")) == "404 IOTDA.014000");
    BOOST_TEST(words(act(group, "move", "pump")) == "400 IOTDA.000006");
    BOOST_TEST(words(act("no", "addDevice", "pump")) == "404 IOTDA.015190");
    BOOST_TEST(words(act(group, "addDevice", "a+b")) == "400 IOTDA.000006");
}

BOOST_AUTO_TEST_CASE(a_device_is_in_ten_groups_at_most) {
    add_device("pump");
    for (int i = 0; i < 10; ++i) {
        BOOST_TEST(act(create_id("g"), "addDevice", "pump").result_int() == 200U);
    }
    BOOST_TEST(words(act(create_id("g"), "addDevice", "pump")) == "403 IOTDA.015194");
}

BOOST_AUTO_TEST_CASE(groups_stand_in_groups_five_deep) {
    std::string above;
    std::string first;
    for (int level = 1; level <= 5; ++level) {
        above = create_id("g", above);
        if (first.empty()) first = above;
    }
    BOOST_TEST(words(create({{"name", "g"}, {"super_group_id", above}})) == "400 IOTDA.000006");
    BOOST_TEST(words(create({{"name", "g"}, {"super_group_id", "no"}})) == "400 IOTDA.000006");
    BOOST_TEST(words(ask(http::verb::delete_, path("/device-group/" + first))) ==
               "403 IOTDA.015192");
}

BOOST_AUTO_TEST_CASE(a_group_keeps_to_one_space) {
    apps.put({"space", "plant", {}});
    add_device("pump");
    const Response made = create({{"name", "g"}, {"app_id", "space"}});
    const std::string group{object_of(made).at("group_id").as_string()};
    BOOST_TEST(words(act(group, "addDevice", "pump")) == "403 IOTDA.015195");
    BOOST_TEST(words(create({{"name", "g"}, {"app_id", "no"}})) == "403 IOTDA.001000");
    BOOST_TEST(words(create({{"name", "g"}, {"super_group_id", group}})) == "400 IOTDA.000006");
    BOOST_TEST(words(create({{"name", "g"}, {"group_type", "DYNAMIC"}})) == "400 IOTDA.000006");
}

BOOST_AUTO_TEST_SUITE_END()
