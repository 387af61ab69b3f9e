#include "api/handlers/device_policies.hpp"

#include "unit/api/api_world.hpp"
#include "unit/api/fake_policies.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

namespace {

using namespace holdfast;
using namespace holdfast::api;

constexpr std::string_view statement =
    R"([{"effect":"ALLOW","actions":["iotda:devices:publish","iotda:devices:subscribe"],)"
    R"("resources":["topic:/v1/${devices.deviceId}/test"]}])";

struct World : ApiWorld {
    Apps apps{installation.default_app_id};
    FakePolicies policies;

    World() {
        add_device_policy_routes(routes, {*catalogue, executor, apps, policies, clock});
    }

    Response create(std::string_view statements = statement) {
        return ask(http::verb::post, path("/device-policies"),
                   R"({"policy_name":"own","statement":)" + std::string{statements} + "}");
    }
    std::string create_id() { return std::string{object_of(create()).at("policy_id").as_string()}; }
    Response call(const std::string& id, const std::string& what, const std::string& body) {
        return ask(http::verb::post, path("/device-policies/" + id + what), body);
    }
    std::string product_target() const {
        return R"({"target_type":"product","target_ids":[")" + installation.default_product_id +
               "\"]}";
    }
    std::string targets(const std::string& id, const std::string& query = {}) {
        const auto list = object_of(call(id, "/list-targets" + query, ""));
        std::string text;
        for (const auto& target : list.at("targets").as_array()) {
            text += std::string{target.at("target_type").as_string()} + " " +
                    std::string{target.at("target_id").as_string()} + " ";
        }
        return text + std::to_string(list.at("page").at("count").as_int64());
    }
    static std::string words(const Response& response) {
        return std::to_string(response.result_int()) + " " + error_code_of(response);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(device_policies, World)

BOOST_AUTO_TEST_CASE(a_policy_is_made_shown_changed_and_deleted) {
    const Response made = create();
    BOOST_TEST(made.result_int() == 201U);
    const std::string id{object_of(made).at("policy_id").as_string()};
    BOOST_TEST(policies.lines.back() ==
               "put " + id + " allow publish subscribe /v1/${devices.deviceId}/test");
    BOOST_TEST(boost::json::serialize(object_of(made).at("statement")) == statement);
    const std::string one = path("/device-policies/" + id);
    BOOST_TEST(ask(http::verb::get, one).body() == made.body());
    clock.wall += Seconds{5};
    const auto changed =
        object_of(ask(http::verb::put, one,
                      R"({"statement":[{"effect":"DENY","actions":["iotda:devices:publish"],)"
                      R"("resources":["topic:a/#"]}]})"));
    BOOST_TEST(changed.at("policy_name").as_string() == "own");
    BOOST_TEST(changed.at("create_time").as_string() == "20260101T000000Z");
    BOOST_TEST(changed.at("update_time").as_string() == "20260101T000005Z");
    BOOST_TEST(policies.lines.back() == "put " + id + " deny publish a/#");
    const auto list = object_of(ask(http::verb::get, path("/device-policies?policy_name=own")));
    BOOST_TEST(list.at("page").at("count").as_int64() == 1);
    BOOST_TEST(ask(http::verb::delete_, one).result_int() == 204U);
    BOOST_TEST(policies.lines.back() == "remove " + id);
    BOOST_TEST(words(ask(http::verb::get, one)) == "404 IOTDA.015290");
}

BOOST_AUTO_TEST_CASE(policies_are_bound_listed_and_unbound) {
    const std::string id = create_id();
    const std::string product = installation.default_product_id;
    BOOST_TEST(call(id, "/bind", product_target()).result_int() == 200U);
    BOOST_TEST(policies.lines.back() == "bind " + id + " product " + product);
    const std::string app =
        R"({"target_type":"app","target_ids":[")" + installation.default_app_id + "\"]}";
    BOOST_TEST(call(id, "/bind", app).result_int() == 200U);
    BOOST_TEST(targets(id) == "app " + installation.default_app_id + " product " + product + " 2");
    BOOST_TEST(targets(id, "?target_type=product") == "product " + product + " 1");
    BOOST_TEST(targets(id, "?target_type=device") == "0");
    BOOST_TEST(call(id, "/unbind", product_target()).result_int() == 200U);
    BOOST_TEST(policies.lines.back() == "unbind " + id + " product " + product);
    BOOST_TEST(targets(id) == "app " + installation.default_app_id + " 1");
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_not_bound) {
    const std::string id = create_id();
    const auto bind = [&](const std::string& type) {
        return words(call(id, "/bind", R"({"target_type":")" + type + R"(","target_ids":["no"]})"));
    };
    BOOST_TEST(bind("device") == "404 IOTDA.014000");
    BOOST_TEST(bind("product") == "404 IOTDA.013190");
    BOOST_TEST(bind("app") == "403 IOTDA.001000");
    BOOST_TEST(bind("group") == "400 IOTDA.000006");
    BOOST_TEST(words(call("no", "/bind", product_target())) == "404 IOTDA.015290");
    BOOST_TEST(policies.lines.size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_in_a_statement_is_named) {
    const auto with = [](const std::string& effect, const std::string& action,
                         const std::string& resource) {
        return R"([{"effect":")" + effect + R"(","actions":[")" + action + R"("],"resources":[")" +
               resource + "\"]}]";
    };
    const std::string publish = "iotda:devices:publish";
    BOOST_TEST(create(with("ALLOW", publish, "topic:a")).result_int() == 201U);
    BOOST_TEST(words(create("[]")) == "400 IOTDA.000006");
    BOOST_TEST(words(create(with("MAYBE", publish, "topic:a"))) == "400 IOTDA.000006");
    BOOST_TEST(words(create(with("ALLOW", "iotda:devices:fly", "topic:a"))) == "400 IOTDA.000006");
    BOOST_TEST(words(create(with("ALLOW", publish, "a"))) == "400 IOTDA.000006");
    const Response wrong = create(with("ALLOW", publish, "topic:a/##"));
    BOOST_TEST(error_message_of(wrong).find("it has ##") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(policies_are_read_at_the_next_start) {
    const std::string id = create_id();
    call(id, "/bind", product_target());
    FakePolicies again;
    BOOST_TEST(load_policies(catalogue->documents(), again).has_value());
    BOOST_TEST(again.lines == policies.lines, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
