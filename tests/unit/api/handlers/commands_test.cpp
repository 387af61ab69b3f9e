#include "api/handlers/commands.hpp"

#include "unit/api/api_world.hpp"
#include "unit/api/fake_line.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace {

using namespace holdfast;
using namespace holdfast::api;

class OneTurnGate final : public TurnGate {
public:
    explicit OneTurnGate(store::Executor& executor) { turn_.executor = &executor; }
    void enter(const std::function<void(Turn&)>& act) override { act(turn_); }
    [[nodiscard]] Turn& turn() { return turn_; }

private:
    Counters counters_;
    Turn turn_{ShardIndex{0}, counters_};
};

struct World : ApiWorld {
    FakeLine line;
    DeviceRequestSettings settings;
    DeviceRequests requests{line, settings};
    OneTurnGate gate{executor};

    World() {
        add_command_routes(routes, {.requests = requests,
                                    .catalogue = *catalogue,
                                    .executor = executor,
                                    .turns = gate,
                                    .random = random});
        add_device("gw", "");
        add_device("sensor", "gw");
        add_device("probe", "sensor");
    }
    void add_device(const std::string& id, const std::string& gateway_id) {
        store::Device device;
        device.device_id = id;
        device.product_id = installation.default_product_id;
        device.gateway_id = gateway_id;
        test_support::CatalogueCaller caller{*catalogue};
        BOOST_TEST_REQUIRE(!caller.add_device(device).error);
    }
    /// Whatever is asked gets this answer while it is being sent.
    void answer_with(ReplyKind kind, std::string payload = {}) {
        line.on_send = [this, kind, payload] {
            const FakeLine::Sent& sent = line.sent.back();
            const std::string id = sent.topic.substr(sent.topic.find('=') + 1);
            for (const RequestKind asked :
                 {RequestKind::command, RequestKind::set_properties, RequestKind::get_properties}) {
                static_cast<void>(requests.on_answer(asked, sent.device_id, id, {kind, payload}));
            }
        };
    }
    Response command(std::string_view device_id, std::string body = R"({"paras":{}})") {
        return ask(http::verb::post, path("/devices/" + std::string{device_id} + "/commands"),
                   std::move(body));
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(commands)

BOOST_FIXTURE_TEST_CASE(the_devices_answer_is_the_answer, World) {
    answer_with(ReplyKind::answered, R"({ "result_code": 0.0 })");
    const Response response = command("gw", R"({"service_id":"S","paras":{"x":1.0}})");
    BOOST_TEST(response.result_int() == 200U);
    BOOST_TEST(line.sent.at(0).payload == R"({"service_id":"S","paras":{"x":1.0}})");
    const std::string id = line.sent[0].topic.substr(line.sent[0].topic.find('=') + 1);
    BOOST_TEST(response.body() ==
               R"({"command_id":")" + id + R"(","response":{"result_code":0.0}})" + "\n");
}

BOOST_FIXTURE_TEST_CASE(a_device_behind_gateways_is_asked_through_the_one_that_is_connected,
                        World) {
    answer_with(ReplyKind::answered, "{}");
    BOOST_TEST(command("probe").result_int() == 200U);
    BOOST_TEST(line.sent.at(0).device_id == "gw");
    BOOST_TEST(line.sent[0].topic.starts_with("$oc/devices/gw/sys/commands/request_id="));
    BOOST_TEST(line.sent[0].payload == R"({"object_device_id":"probe","paras":{}})");
}

BOOST_FIXTURE_TEST_CASE(properties_are_set_and_read, World) {
    answer_with(ReplyKind::answered, R"({"result_code":0})");
    const Response set = ask(http::verb::put, path("/devices/gw/properties"),
                             R"({"services":[{"service_id":"S","properties":{"x":1}}]})");
    BOOST_TEST(set.body() == "{\"response\":{\"result_code\":0}}\n");
    BOOST_TEST(line.sent.at(0).topic.starts_with("$oc/devices/gw/sys/properties/set/request_id="));
    const Response got = ask(http::verb::get, path("/devices/gw/properties?service_id=S"));
    BOOST_TEST(got.result_int() == 200U);
    BOOST_TEST(line.sent.at(1).topic.starts_with("$oc/devices/gw/sys/properties/get/request_id="));
    BOOST_TEST(line.sent[1].payload == R"({"service_id":"S"})");
}

BOOST_FIXTURE_TEST_CASE(what_came_of_it_has_a_code, World) {
    struct Case {
        ReplyKind kind;
        unsigned status;
        const char* code;
    };
    for (const auto& [kind, status, code] :
         {Case{ReplyKind::offline, 403, "IOTDA.014016"}, Case{ReplyKind::gone, 403, "IOTDA.014016"},
          Case{ReplyKind::too_late, 403, "IOTDA.014111"},
          Case{ReplyKind::unreadable, 502, "IOTDA.014170"},
          Case{ReplyKind::blocked, 503, "IOTDA.014171"},
          Case{ReplyKind::too_large, 403, "IOTDA.014172"},
          Case{ReplyKind::too_many, 429, "APIGW.0308"}}) {
        answer_with(kind);
        const Response response = command("gw");
        BOOST_TEST(response.result_int() == status);
        BOOST_TEST(error_code_of(response) == code);
    }
    requests.stop();
    BOOST_TEST(command("gw").result_int() == 503U);
}

BOOST_FIXTURE_TEST_CASE(what_is_wrong_with_a_request_is_said_before_anything_is_sent, World) {
    BOOST_TEST(error_code_of(command("gw", "{oops")) == "IOTDA.000008");
    BOOST_TEST(error_code_of(command("gw", "{}")) == "IOTDA.000006");
    BOOST_TEST(error_code_of(command("a+b")) == "IOTDA.000006");
    BOOST_TEST(error_code_of(command("nobody")) == "IOTDA.014000");
    BOOST_TEST(error_code_of(ask(http::verb::get, path("/devices/gw/properties"))) ==
               "IOTDA.000006");
    BOOST_TEST(error_code_of(ask(http::verb::put, path("/devices/gw/properties"), "{}")) ==
               "IOTDA.000006");
    token.clear();
    BOOST_TEST(command("gw").result_int() == 401U);
    BOOST_TEST(line.sent.empty());
}

BOOST_AUTO_TEST_SUITE_END()
