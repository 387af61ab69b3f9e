#include "product_topics.hpp"

#include "support/world_gate.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace {

using namespace holdfast;
using namespace test_support;

struct Fixture {
    World world;
    WorldGate gate{world};
    ProductTopics topics{world.registry(), gate, access::WithoutTopics::all_allowed};
    const std::string alarm = "$oc/devices/pump/user/alarm";
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(product_topics_of_the_server, Fixture)

BOOST_AUTO_TEST_CASE(the_devices_of_a_product_share_their_rights_and_follow_each_change) {
    const session::RightsPtr rights = topics.rights_of("pumps");
    BOOST_TEST(rights == topics.rights_of("pumps"));
    BOOST_TEST(rights != topics.rights_of("valves"));
    BOOST_TEST(rights->may_publish(alarm, QoS::at_most_once, false));
    topics.put("pumps", {{"other", true, true}});
    BOOST_TEST(!rights->may_publish(alarm, QoS::at_most_once, false));
    BOOST_TEST(topics.rights_of("valves")->may_publish(alarm, QoS::at_most_once, false));
    topics.put("pumps", {{"other", true, true}, {"alarm", true, false}});
    BOOST_TEST(rights->may_publish(alarm, QoS::at_most_once, false));
    BOOST_TEST(!rights->may_subscribe(alarm, QoS::at_most_once));
}

BOOST_AUTO_TEST_CASE(who_asks_about_a_product_is_told_the_same) {
    topics.put("pumps", {{"alarm", true, false}});
    BOOST_TEST(topics.may_publish("pumps", alarm));
    BOOST_TEST(!topics.may_subscribe("pumps", alarm));
    BOOST_TEST(topics.may_subscribe("valves", alarm));
}

BOOST_AUTO_TEST_CASE(a_product_that_is_made_anew_begins_without_topics) {
    topics.put("pumps", {{"other", true, true}});
    topics.forget("pumps");
    BOOST_TEST(topics.may_publish("pumps", alarm));
}

BOOST_AUTO_TEST_CASE(sessions_are_reviewed_at_each_change_once_there_are_some) {
    topics.put("pumps", {{"other", true, true}});
    BOOST_TEST(gate.times_entered == 0);
    topics.start();
    topics.put("pumps", {});
    BOOST_TEST(gate.times_entered == 1);
    topics.forget("pumps");
    BOOST_TEST(gate.times_entered == 1);
}

BOOST_AUTO_TEST_SUITE_END()
