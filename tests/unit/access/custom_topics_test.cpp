#include "access/custom_topics.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

using namespace holdfast;
using namespace holdfast::access;

namespace {

struct Fixture {
    CustomTopics topics{WithoutTopics::all_allowed};

    void define() {
        topics.replace({{"alarm/high", true, false}, {"set", false, true}, {"both", true, true}});
    }
    static std::string own(std::string_view suffix) {
        return "$oc/devices/pump_7/user/" + std::string{suffix};
    }
    bool publishes(std::string_view suffix) const {
        return topics.may_publish(own(suffix), QoS::at_most_once, false);
    }
    bool subscribes(std::string_view suffix) const {
        return topics.may_subscribe(own(suffix), QoS::at_least_once);
    }
    bool receives(std::string_view suffix) const { return topics.may_receive(own(suffix)); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(custom_topics, Fixture)

BOOST_AUTO_TEST_CASE(a_topic_is_used_as_the_product_allows) {
    define();
    BOOST_TEST(publishes("alarm/high"));
    BOOST_TEST(!subscribes("alarm/high"));
    BOOST_TEST(!receives("alarm/high"));
    BOOST_TEST(!publishes("set"));
    BOOST_TEST(subscribes("set"));
    BOOST_TEST(receives("set"));
    BOOST_TEST((publishes("both") && subscribes("both") && receives("both")));
}

BOOST_AUTO_TEST_CASE(what_is_not_defined_is_refused) {
    define();
    for (const char* suffix :
         {"", "alarm", "alarm/high/", "alarm/high/er", "Set", "sets", "/set"}) {
        BOOST_TEST(!publishes(suffix), suffix);
        BOOST_TEST(!subscribes(suffix), suffix);
        BOOST_TEST(!receives(suffix), suffix);
    }
}

BOOST_AUTO_TEST_CASE(a_filter_is_admitted_when_it_covers_something_that_may_be_subscribed) {
    define();
    for (const char* filter : {"#", "+", "set/#", "both/#"}) BOOST_TEST(subscribes(filter), filter);
    for (const char* filter : {"alarm/#", "alarm/+", "+/high", "+/+", "set/+"}) {
        BOOST_TEST(!subscribes(filter), filter);
    }
}

BOOST_AUTO_TEST_CASE(other_topics_are_not_its_matter) {
    define();
    for (const char* topic :
         {"$oc/devices/pump_7/sys/messages/up", "$oc/devices/pump_7/#", "$oc/devices/pump_7/+/x",
          "$oc/devices/pump_7/user", "$oc/devices/pump_7/users/x", "$oc/devices/pump_7",
          "$oc/devices/", "$oc/broadcast/user/x", "a/user/x", "#"}) {
        BOOST_TEST(topics.may_publish(topic, QoS::at_most_once, false), topic);
        BOOST_TEST(topics.may_subscribe(topic, QoS::at_most_once), topic);
        BOOST_TEST(topics.may_receive(topic), topic);
        BOOST_TEST(!is_custom_topic(topic), topic);
    }
    BOOST_TEST(is_custom_topic(own("x")));
    BOOST_TEST(is_custom_topic(own("#")));
}

BOOST_AUTO_TEST_CASE(a_product_without_topics_leaves_all_of_them_to_its_devices_or_none) {
    BOOST_TEST((publishes("x") && subscribes("x/#") && receives("x")));
    define();
    BOOST_TEST(!publishes("x"));
    topics.replace({});
    BOOST_TEST((publishes("x") && subscribes("x") && receives("x")));

    CustomTopics strict{WithoutTopics::none_allowed};
    BOOST_TEST(!strict.may_publish(own("x"), QoS::at_most_once, false));
    BOOST_TEST(!strict.may_subscribe(own("#"), QoS::at_most_once));
    BOOST_TEST(!strict.may_receive(own("x")));
    BOOST_TEST(strict.may_publish("$oc/devices/pump_7/sys/messages/up", QoS::at_most_once, false));
    strict.replace({{"x", true, true}});
    BOOST_TEST(strict.may_publish(own("x"), QoS::at_most_once, false));
    strict.replace({});
    BOOST_TEST(!strict.may_publish(own("x"), QoS::at_most_once, false));
}

BOOST_AUTO_TEST_SUITE_END()
