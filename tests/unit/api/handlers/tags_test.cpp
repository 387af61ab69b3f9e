#include "api/handlers/tags.hpp"

#include "api/handlers/devices.hpp"
#include "unit/api/api_world.hpp"
#include "unit/api/fake_policies.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

namespace {

using namespace holdfast;
using namespace holdfast::api;

class Nobody final : public DeviceStatusSource, public DeviceHooks {
public:
    [[nodiscard]] bool is_online(std::string_view) const override { return false; }
    void disconnect(std::string_view, DisconnectCause) override {}
    void remove_messages(std::uint64_t, std::string_view,
                         std::function<void(std::error_code)> done) override {
        done({});
    }
};

struct World : ApiWorld {
    Nobody nobody;
    Apps apps{installation.default_app_id};
    FakePolicies policies;

    World() {
        add_device_routes(routes, {*catalogue, executor, nobody, nobody, installation,
                                   clock, random, apps, policies});
        add_tag_routes(routes, {*catalogue, executor});
        for (const char* id : {"pump", "valve"}) {
            ask(http::verb::post, path("/devices"),
                boost::json::serialize(boost::json::object{{"device_id", id}, {"node_id", id}}));
        }
    }

    Response bind(const std::string& device, const std::string& tags) {
        return ask(
            http::verb::post, path("/tags/bind-resource"),
            R"({"resource_type":"device","resource_id":")" + device + R"(","tags":)" + tags + "}");
    }
    Response unbind(const std::string& device, const std::string& tag_keys) {
        return ask(http::verb::post, path("/tags/unbind-resource"),
                   R"({"resource_type":"device","resource_id":")" + device + R"(","tag_keys":)" +
                       tag_keys + "}");
    }
    std::string found(const std::string& tags) {
        std::string text;
        const auto list = object_of(ask(http::verb::post, path("/tags/query-resources"),
                                        R"({"resource_type":"device","tags":)" + tags + "}"));
        for (const auto& resource : list.at("resources").as_array()) {
            text += std::string{resource.at("resource_id").as_string()} + " ";
        }
        return text + std::to_string(list.at("page").at("count").as_int64());
    }
    std::string shown(const std::string& device) {
        return boost::json::serialize(
            object_of(ask(http::verb::get, path("/devices/" + device))).at("tags"));
    }
    static std::string words(const Response& response) {
        return std::to_string(response.result_int()) + " " + error_code_of(response);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(tags, World)

BOOST_AUTO_TEST_CASE(tags_are_bound_shown_replaced_and_taken_off) {
    BOOST_TEST(shown("pump") == "[]");
    BOOST_TEST(bind("pump", R"([{"tag_key":"place","tag_value":"roof"},{"tag_key":"old"}])")
                   .result_int() == 200U);
    BOOST_TEST(shown("pump") == R"([{"tag_key":"place","tag_value":"roof"},)"
                                R"({"tag_key":"old","tag_value":""}])");
    BOOST_TEST(bind("pump", R"([{"tag_key":"place","tag_value":"cellar"}])").result_int() == 200U);
    BOOST_TEST(unbind("pump", R"(["old","never"])").result_int() == 200U);
    BOOST_TEST(shown("pump") == R"([{"tag_key":"place","tag_value":"cellar"}])");
}

BOOST_AUTO_TEST_CASE(devices_are_found_by_all_their_tags) {
    bind("pump", R"([{"tag_key":"place","tag_value":"roof"},{"tag_key":"kind","tag_value":"a"}])");
    bind("valve", R"([{"tag_key":"place","tag_value":"roof"},{"tag_key":"kind","tag_value":"b"}])");
    BOOST_TEST(found(R"([{"tag_key":"place"}])") == "valve pump 2");
    BOOST_TEST(found(R"([{"tag_key":"place","tag_value":"roof"}])") == "valve pump 2");
    BOOST_TEST(found(R"([{"tag_key":"place","tag_value":"cellar"}])") == "0");
    BOOST_TEST(found(R"([{"tag_key":"place"},{"tag_key":"kind","tag_value":"a"}])") == "pump 1");
    BOOST_TEST(found(R"([{"tag_key":"place"},{"tag_key":"no"}])") == "0");
    ask(http::verb::delete_, path("/devices/pump"));
    BOOST_TEST(found(R"([{"tag_key":"place"}])") == "valve 1");
}

BOOST_AUTO_TEST_CASE(a_device_has_ten_tags_at_most) {
    for (int i = 0; i < 10; ++i) {
        const std::string key = "k" + std::to_string(i);
        BOOST_TEST(bind("pump", R"([{"tag_key":")" + key + "\"}]").result_int() == 200U);
    }
    BOOST_TEST(words(bind("pump", R"([{"tag_key":"more"}])")) == "403 IOTDA.014183");
    BOOST_TEST(bind("pump", R"([{"tag_key":"k1","tag_value":"v"}])").result_int() == 200U);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_bound_is_told_why) {
    BOOST_TEST(words(bind("no", R"([{"tag_key":"k"}])")) == "404 IOTDA.014000");
    BOOST_TEST(words(bind("pump", "[]")) == "400 IOTDA.000006");
    BOOST_TEST(words(bind("pump", R"([{"tag_key":"k"},{"tag_key":"k"}])")) == "400 IOTDA.000006");
    BOOST_TEST(words(bind("pump", R"([{"tag_key":"a b"}])")) == "400 IOTDA.000006");
    BOOST_TEST(words(ask(http::verb::post, path("/tags/bind-resource"),
                         R"({"resource_type":"app","resource_id":"a","tags":[]})")) ==
               "400 IOTDA.000006");
}

BOOST_AUTO_TEST_SUITE_END()
