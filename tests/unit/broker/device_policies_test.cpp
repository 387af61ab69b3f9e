#include "device_policies.hpp"

#include "support/world_gate.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>

namespace {

using namespace holdfast;
using namespace test_support;
using api::PolicyTargetKind;

struct Fixture {
    World world;
    WorldGate gate{world};
    DevicePolicies policies{world.registry(), gate};
    store::Device device;

    Fixture() {
        device.device_id = "pump";
        device.node_id = "node";
        device.product_id = "pumps";
        device.app_id = "plant";
    }
    static api::PolicyStatement deny(std::string topic) {
        return {.is_allow = false,
                .is_about_publishing = true,
                .is_about_subscribing = true,
                .topics = {std::move(topic)}};
    }
    bool may_publish(std::string_view topic) {
        return policies.rights_of(device)->may_publish(topic, QoS::at_most_once, false);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(device_policies_of_the_server, Fixture)

BOOST_AUTO_TEST_CASE(a_policy_is_for_a_device_its_product_or_its_space) {
    policies.put("p", {deny("secret/${devices.nodeId}")});
    BOOST_TEST(may_publish("secret/node"));
    for (const auto& [kind, id] : {std::pair{PolicyTargetKind::device, "pump"},
                                   std::pair{PolicyTargetKind::product, "pumps"},
                                   std::pair{PolicyTargetKind::app, "plant"}}) {
        policies.bind("p", kind, id);
        BOOST_TEST(!may_publish("secret/node"), id);
        BOOST_TEST(may_publish("secret/other"), id);
        policies.unbind("p", kind, id);
        BOOST_TEST(may_publish("secret/node"), id);
    }
    policies.bind("p", PolicyTargetKind::device, "pump");
    policies.forget_target(PolicyTargetKind::device, "pump");
    BOOST_TEST(may_publish("secret/node"));
    policies.bind("p", PolicyTargetKind::device, "pump");
    policies.remove("p");
    BOOST_TEST(may_publish("secret/node"));
}

BOOST_AUTO_TEST_CASE(what_a_statement_is_about_is_what_it_forbids) {
    policies.put("p", {{.is_about_publishing = true, .topics = {"up"}},
                       {.is_about_subscribing = true, .topics = {"down"}}});
    policies.bind("p", PolicyTargetKind::device, "pump");
    const auto rights = policies.rights_of(device);
    BOOST_TEST(!rights->may_publish("up", QoS::at_most_once, false));
    BOOST_TEST(rights->may_subscribe("up", QoS::at_most_once));
    BOOST_TEST(!rights->may_subscribe("down", QoS::at_most_once));
    BOOST_TEST(rights->may_publish("down", QoS::at_most_once, false));
}

BOOST_AUTO_TEST_CASE(a_topic_that_cannot_be_judged_has_a_problem) {
    BOOST_TEST(!policies.problem_of("/v1/${devices.deviceId}/#").has_value());
    BOOST_TEST(policies.problem_of("a/#/b").has_value());
    BOOST_TEST(policies.problem_of("${devices.unknown}").has_value());
    for (const char* topic : {"$oc", "$oc/devices/pump/sys/messages/up"}) {
        BOOST_TEST(policies.problem_of(topic).value() ==
                   "topics below $oc/ are the platform's and not a matter of policies");
    }
}

BOOST_AUTO_TEST_CASE(sessions_are_reviewed_at_each_change_once_there_are_some) {
    policies.put("p", {deny("secret")});
    policies.bind("p", PolicyTargetKind::device, "pump");
    BOOST_TEST(gate.times_entered == 0);
    policies.start();
    policies.put("p", {deny("secret")});
    policies.unbind("p", PolicyTargetKind::device, "pump");
    policies.bind("p", PolicyTargetKind::product, "pumps");
    policies.remove("p");
    BOOST_TEST(gate.times_entered == 4);
    policies.forget_target(PolicyTargetKind::product, "pumps");
    BOOST_TEST(gate.times_entered == 4);
}

BOOST_AUTO_TEST_SUITE_END()
