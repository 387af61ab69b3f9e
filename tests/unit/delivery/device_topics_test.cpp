#include "delivery/device_topics.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using delivery::DeviceTopics;

namespace {

constexpr std::string_view down = "$oc/devices/pump-7/sys/messages/down";
constexpr std::string_view config = "$oc/devices/pump-7/user/config";

bool is_granted(const DeviceTopics& topics, DeviceTopics::Index topic, QoS qos) {
    return topics.granted(topic) == qos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(device_topics)

BOOST_AUTO_TEST_CASE(a_topic_is_kept_once_and_its_place_is_used_again) {
    DeviceTopics topics{QoS::at_least_once};
    const auto first = topics.add(config, false);
    BOOST_TEST(topics.add(config, false) == first);
    const auto other = topics.add("other", false);
    BOOST_TEST(other != first);
    topics.remove(first);
    BOOST_TEST(topics.name(first) == config);
    topics.remove(first);
    BOOST_TEST(topics.add("third", false) == first);
    BOOST_TEST(topics.name(first) == "third");
}

BOOST_AUTO_TEST_CASE(only_the_system_topic_is_subscribed_implicitly) {
    DeviceTopics topics{QoS::at_least_once};
    const auto system = topics.add(down, true);
    const auto full = topics.add(down, false);  // the same words, passed through as given
    BOOST_TEST(system != full);
    BOOST_TEST(is_granted(topics, system, QoS::at_least_once));
    BOOST_TEST(!topics.granted(full).has_value());
}

BOOST_AUTO_TEST_CASE(an_explicit_subscription_decides_instead) {
    DeviceTopics topics{QoS::at_most_once};
    const auto system = topics.add(down, true);
    topics.subscribe({std::string{down}, QoS::at_least_once});
    BOOST_TEST(is_granted(topics, system, QoS::at_least_once));
    topics.subscribe({std::string{down}, QoS::at_most_once});
    BOOST_TEST(is_granted(topics, system, QoS::at_most_once));
    topics.subscribe({"$oc/#", QoS::exactly_once});
    BOOST_TEST(is_granted(topics, system, QoS::at_least_once));  // the highest, and never 2
    topics.unsubscribe("$oc/#");
    topics.unsubscribe(down);
    BOOST_TEST(is_granted(topics, system, QoS::at_most_once));
}

BOOST_AUTO_TEST_CASE(subscriptions_are_replaced_as_a_whole) {
    DeviceTopics topics{QoS::at_least_once};
    const auto user = topics.add(config, false);
    topics.set_subscriptions({{"$oc/devices/+/user/#", QoS::at_least_once}});
    BOOST_TEST(topics.granted(user).has_value());
    topics.set_subscriptions({{"$share/group/$oc/devices/pump-7/user/config", QoS::at_least_once}});
    BOOST_TEST(!topics.granted(user).has_value());
    topics.set_subscriptions({{"#", QoS::at_least_once}});
    BOOST_TEST(!topics.granted(user).has_value());  // a wildcard in front does not match `$`
}

BOOST_AUTO_TEST_CASE(a_topic_without_a_message_has_the_highest_qos_of_what_matches) {
    DeviceTopics topics{QoS::at_least_once};
    BOOST_TEST(!topics.find_subscribed(down).has_value());
    topics.subscribe({"$oc/devices/pump-7/sys/messages/#", QoS::at_most_once});
    BOOST_TEST((topics.find_subscribed(down) == QoS::at_most_once));
    topics.subscribe({"$oc/devices/pump-7/#", QoS::exactly_once});
    BOOST_TEST((topics.find_subscribed(down) == QoS::at_least_once));
    BOOST_TEST(!topics.find_subscribed("$oc/devices/pump-8/x").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
