#include "api/handlers/broadcasts.hpp"

#include "unit/api/api_world.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <vector>

namespace {

using namespace holdfast;
using namespace holdfast::api;

class FakeBroadcasts final : public BroadcastService {
public:
    std::vector<BroadcastReceiver> subscribed;
    std::vector<Broadcast> published;
    std::error_code failure;
    bool asked_for_waiting = false;

    [[nodiscard]] std::vector<BroadcastReceiver> receivers_of(std::string_view,
                                                              bool with_waiting) override {
        asked_for_waiting = with_waiting;
        return subscribed;
    }
    void publish(const Broadcast& broadcast, std::function<void(std::error_code)> done) override {
        if (!failure) published.push_back(broadcast);
        done(failure);
    }
};

struct World : ApiWorld {
    Apps apps{installation.default_app_id};
    FakeBroadcasts broadcasts;

    World() {
        apps.put({"plant", "plant", {}});
        add_broadcast_routes(routes,
                             {*catalogue, executor, apps, broadcasts, clock, random});
    }

    void add_device(const std::string& device_id, const std::string& app_id, unsigned session) {
        store::Device device;
        device.device_id = device_id;
        device.node_id = device_id;
        device.product_id = installation.default_product_id;
        device.app_id = app_id;
        auto waiting = boost::asio::make_work_guard(loop);
        catalogue->add_device(device, executor,
                              [&](std::error_code error, const store::DevicePtr&) {
                                  BOOST_TEST(!error);
                                  waiting.reset();
                              });
        loop.restart();
        loop.run();
        broadcasts.subscribed.push_back({static_cast<SessionNumber>(session), device_id});
    }
    Response send(boost::json::object changes = {}) {
        boost::json::object body{{"topic_full_name", "$oc/broadcast/all"}, {"message", "aGk="}};
        for (const auto& change : changes) body[change.key()] = change.value();
        return ask(http::verb::post, path("/broadcast-messages"), boost::json::serialize(body));
    }
    static std::string words(const Response& response) {
        return std::to_string(response.result_int()) + " " + error_code_of(response);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(broadcasts_routes, World)

BOOST_AUTO_TEST_CASE(devices_of_the_space_get_the_decoded_bytes) {
    add_device("a", installation.default_app_id, 7);
    add_device("b", "plant", 5);
    add_device("c", installation.default_app_id, 3);
    const Response response = send();
    BOOST_TEST_REQUIRE(response.result_int() == 201U);
    const auto answer = object_of(response);
    BOOST_TEST(answer.at("app_id").as_string() == installation.default_app_id);
    BOOST_TEST(answer.at("topic_full_name").as_string() == "$oc/broadcast/all");
    BOOST_TEST(answer.at("created_time").as_string() == "20260101T000000Z");
    BOOST_TEST(!answer.at("message_id").as_string().empty());
    const auto& published = broadcasts.published.at(0);
    BOOST_TEST(published.payload == "hi");
    BOOST_TEST(!published.ttl);
    BOOST_TEST(!broadcasts.asked_for_waiting);
    const std::vector<SessionNumber> expected{static_cast<SessionNumber>(3),
                                              static_cast<SessionNumber>(7)};
    BOOST_TEST((published.receivers == expected));
    send({{"app_id", "plant"}});
    BOOST_TEST(broadcasts.published.at(1).receivers.size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_kept_is_for_ten_subscribers_and_has_an_id_of_its_own) {
    for (unsigned i = 0; i < 10; ++i) {
        add_device("d" + std::to_string(i), installation.default_app_id, i + 1);
    }
    BOOST_TEST(send({{"ttl", 5}, {"message_id", "m"}}).result_int() == 201U);
    BOOST_TEST(broadcasts.asked_for_waiting);
    BOOST_TEST((broadcasts.published.at(0).ttl == std::chrono::minutes{5}));
    BOOST_TEST(words(send({{"ttl", 5}, {"message_id", "m"}})) == "400 IOTDA.014190");
    clock.instant += std::chrono::minutes{5};
    BOOST_TEST(send({{"ttl", 5}, {"message_id", "m"}}).result_int() == 201U);
    add_device("more", installation.default_app_id, 11);
    BOOST_TEST(words(send({{"ttl", 5}})) == "400 IOTDA.014194");
    BOOST_TEST(send({{"ttl", 0}}).result_int() == 201U);
}

BOOST_AUTO_TEST_CASE(a_broadcast_that_could_not_be_kept_may_come_again) {
    broadcasts.failure = std::make_error_code(std::errc::io_error);
    BOOST_TEST(send({{"ttl", 5}, {"message_id", "m"}}).result_int() == 503U);
    broadcasts.failure.clear();
    BOOST_TEST(send({{"ttl", 5}, {"message_id", "m"}}).result_int() == 201U);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named) {
    for (const char* topic : {"a", "$oc/broadcast/", "$oc/broadcast/+", "$oc/devices/a/user/x"}) {
        BOOST_TEST(words(send({{"topic_full_name", topic}})) == "400 IOTDA.000006");
    }
    BOOST_TEST(words(send({{"message", "not base64"}})) == "400 IOTDA.000006");
    BOOST_TEST(words(send({{"ttl", 7}})) == "400 IOTDA.000006");
    BOOST_TEST(words(send({{"app_id", "no"}})) == "403 IOTDA.001000");
    BOOST_TEST(broadcasts.published.empty());
}

BOOST_AUTO_TEST_SUITE_END()
