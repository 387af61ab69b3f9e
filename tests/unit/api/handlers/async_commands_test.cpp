#include "api/handlers/async_commands.hpp"

#include "unit/api/api_world.hpp"
#include "unit/api/fake_line.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace {

using namespace holdfast;
using namespace holdfast::api;

struct World : ApiWorld {
    FakeLine line;
    ManualGate gate;
    RecordedPlatformEvents sink;
    AsyncCommandSettings settings;
    DeviceRequestSettings requests;
    AsyncCommands commands{{.catalogue = *catalogue,
                            .line = line,
                            .home = executor,
                            .turns = gate,
                            .clock = clock,
                            .events = sink,
                            .settings = settings,
                            .requests = requests}};

    World() {
        add_async_command_routes(
            routes, {.commands = commands, .catalogue = *catalogue, .executor = executor});
        add_device("gw", "");
        add_device("sensor", "gw");
    }
    ~World() { catalogue.reset(); }  // before what its last answers are for
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    void add_device(const std::string& id, const std::string& gateway_id) {
        store::Device device;
        device.device_id = id;
        device.product_id = installation.default_product_id;
        device.gateway_id = gateway_id;
        test_support::CatalogueCaller caller{*catalogue};
        BOOST_TEST_REQUIRE(!caller.add_device(device).error);
    }
    std::string commands_of(std::string_view device_id, std::string_view rest = {}) const {
        return path("/devices/" + std::string{device_id} + "/async-commands" + std::string{rest});
    }
    Response post(std::string_view device_id, std::string body = R"({"paras":{}})") {
        return ask(http::verb::post, commands_of(device_id), std::move(body));
    }
    boost::json::object get(const std::string& target) {
        const Response response = ask(http::verb::get, target);
        BOOST_TEST(response.result_int() == 200U);
        return object_of(response);
    }
    std::size_t count(const std::string& target) {
        const boost::json::object page = get(target).at("page").as_object();
        return page.at("count").to_number<std::size_t>();
    }
    std::string id_of(const Response& response) {
        return std::string{object_of(response).at("command_id").as_string()};
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(async_commands_routes, World)

BOOST_AUTO_TEST_CASE(a_command_is_answered_as_it_is_kept) {
    const Response response =
        post("sensor", R"({"service_id":"S","command_name":"C","paras":{"x":1.50}})");
    BOOST_TEST(response.result_int() == 200U);
    const std::string id = id_of(response);
    BOOST_TEST(
        response.body() ==
        R"({"device_id":"sensor","command_id":")" + id +
            R"(","service_id":"S","command_name":"C","paras":{"x":1.50},"expire_time":86400,)"
            R"("send_strategy":"delay","status":"PENDING","created_time":)"
            R"("20260101T000000Z"})" +
            "\n");
    const Response shown = ask(http::verb::get, commands_of("sensor", "/" + id));
    BOOST_TEST(shown.body() == response.body());
    BOOST_TEST(ask(http::verb::get, commands_of("gw", "/" + id)).result_int() == 404U);
}

BOOST_AUTO_TEST_CASE(lists_have_what_is_live_and_what_is_over) {
    line.is_there = true;
    post("gw", R"({"paras":{},"command_name":"A"})");
    line.is_there = false;
    post("gw", R"({"paras":{},"command_name":"B"})");
    post("gw", R"({"paras":{},"command_name":"B"})");
    post("gw", R"({"paras":{},"command_name":"A","send_strategy":"immediately"})");
    BOOST_TEST(count(commands_of("gw")) == 3U);
    BOOST_TEST(count(commands_of("gw", "?status=SENT")) == 1U);
    BOOST_TEST(count(commands_of("gw", "?command_name=B")) == 2U);
    BOOST_TEST(count(commands_of("gw", "?command_name=B&status=SENT")) == 0U);
    BOOST_TEST(count(commands_of("gw", "-history")) == 1U);
    BOOST_TEST(count(commands_of("gw", "-history?status=EXPIRED")) == 0U);
    BOOST_TEST(count(commands_of("sensor")) == 0U);
    BOOST_TEST(count(commands_of("gw", "?start_time=20260101T000000Z")) == 3U);
    BOOST_TEST(count(commands_of("gw", "?end_time=20251231T235959Z")) == 0U);
    const auto first = get(commands_of("gw", "?limit=2"));
    BOOST_TEST(first.at("commands").as_array().size() == 2U);
    const std::string marker{first.at("page").at("marker").as_string()};
    const auto rest = get(commands_of("gw", "?limit=2&marker=" + marker));
    BOOST_TEST(rest.at("commands").as_array().size() == 1U);
    BOOST_TEST(rest.at("commands").at(0).at("status").as_string() == "SENT");
    const std::string history = commands_of("gw", "-history/count");
    BOOST_TEST(ask(http::verb::post, history).body() == "{\"count\":1}\n");
    BOOST_TEST(ask(http::verb::post, history + "?status=TIMEOUT").body() == "{\"count\":0}\n");
}

BOOST_AUTO_TEST_CASE(what_is_refused_has_its_code) {
    BOOST_TEST(error_code_of(post("gw", "{oops")) == "IOTDA.000008");
    BOOST_TEST(error_code_of(post("gw", "{}")) == "IOTDA.000006");
    BOOST_TEST(error_code_of(post("a+b")) == "IOTDA.000006");
    BOOST_TEST(error_code_of(post("nobody")) == "IOTDA.014000");
    const auto code_of = [&](std::string_view rest) {
        return error_code_of(ask(http::verb::get, commands_of("gw", rest)));
    };
    BOOST_TEST(code_of("?status=SUCCESSFUL") == "IOTDA.000006");
    BOOST_TEST(code_of("-history?status=PENDING") == "IOTDA.000006");
    BOOST_TEST(code_of("?start_time=yesterday") == "IOTDA.000009");
    BOOST_TEST(code_of("?limit=51") == "IOTDA.000017");
    BOOST_TEST(code_of("/x") == "IOTDA.000006");
    BOOST_TEST(code_of("/6955b90000000000000000ff") == "IOTDA.014176");
    for (std::size_t i = 0; i < pending_commands_max; ++i) {
        BOOST_TEST(post("gw").result_int() == 200U);
    }
    BOOST_TEST(post("gw").result_int() == 403U);
    BOOST_TEST(error_code_of(post("gw")) == "IOTDA.014175");
    requests.waiting_per_device_max = 0;
    line.is_there = true;
    const Response busy = post("gw", R"({"paras":{},"send_strategy":"immediately"})");
    BOOST_TEST(busy.result_int() == 429U);
    BOOST_TEST(error_code_of(busy) == "APIGW.0308");
    commands.stop();
    BOOST_TEST(post("gw").result_int() == 503U);
    token.clear();
    BOOST_TEST(post("gw").result_int() == 401U);
    BOOST_TEST(line.sent.empty());
}

BOOST_AUTO_TEST_SUITE_END()
