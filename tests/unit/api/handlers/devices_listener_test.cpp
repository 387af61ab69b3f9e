// What who tells gateways is told of the devices behind them.

#include "api/handlers/devices.hpp"
#include "unit/api/api_world.hpp"
#include "unit/api/fake_policies.hpp"
#include "unit/api/fake_presence.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace {

using namespace holdfast;
using namespace holdfast::api;
using Lines = std::vector<std::string>;

class NoHooks final : public DeviceHooks {
public:
    void disconnect(std::string_view, DisconnectCause) override {}
    void remove_messages(std::uint64_t, std::string_view,
                         std::function<void(std::error_code)> done) override {
        done({});
    }
};

class RecordedListener final : public SubDeviceListener {
public:
    Lines lines;
    void on_sub_device_added(const boost::json::object& shown) override {
        lines.push_back("added " + std::string{shown.at("device_id").as_string()});
    }
    void on_sub_device_removed(const store::Device& device) override {
        lines.push_back("removed " + device.device_id + " behind " + device.gateway_id);
    }
};

struct World : ApiWorld {
    FakePresence online;
    NoHooks hooks;
    Apps apps{installation.default_app_id};
    FakePolicies policies;
    RecordedListener listener;

    World() {
        add_device_routes(routes, {.catalogue = *catalogue,
                                   .executor = executor,
                                   .status = online,
                                   .hooks = hooks,
                                   .installation = installation,
                                   .clock = clock,
                                   .random = random,
                                   .apps = apps,
                                   .policies = policies,
                                   .sub_devices = &listener});
    }
    unsigned add(boost::json::object body) {
        body["node_id"] = "n";
        return ask(http::verb::post, path("/devices"), boost::json::serialize(body)).result_int();
    }
    unsigned remove(const std::string& id) {
        return ask(http::verb::delete_, path("/devices/" + id)).result_int();
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(listeners_of_devices, World)

BOOST_AUTO_TEST_CASE(devices_behind_gateways_are_told_when_they_were_added_and_removed) {
    BOOST_TEST(add({{"device_id", "pump"}}) == 201U);
    BOOST_TEST(add({{"device_id", "s"}, {"gateway_id", "pump"}}) == 201U);
    BOOST_TEST(add({{"device_id", "s"}, {"gateway_id", "pump"}}) == 400U);
    BOOST_TEST(remove("pump") == 403U);
    BOOST_TEST(remove("s") == 204U);
    BOOST_TEST(remove("s") == 404U);
    BOOST_TEST(remove("pump") == 204U);
    const Lines expected{"added s", "removed s behind pump"};
    BOOST_TEST(listener.lines == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
