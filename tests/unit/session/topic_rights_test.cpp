#include "session/topic_rights.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast::session;

BOOST_AUTO_TEST_SUITE(topic_rights)

BOOST_AUTO_TEST_CASE(topics_outside_the_platform_are_free) {
    for (const char* topic : {"a/b", "$SYS/x", "$ocean/devices/x", "/$oc/devices/d/x", "oc"}) {
        BOOST_TEST(may_publish("", topic));
        BOOST_TEST(may_publish("pump-7", topic));
        BOOST_TEST(may_subscribe("pump-7", topic));
    }
}

BOOST_AUTO_TEST_CASE(a_device_publishes_below_its_own_name_only) {
    BOOST_TEST(may_publish("pump-7", "$oc/devices/pump-7/sys/messages/up"));
    BOOST_TEST(may_publish("pump-7", "$oc/devices/pump-7/user/x"));
    BOOST_TEST(may_publish("pump-7", "$oc/devices/pump-7/sys/commands/response/request_id=1"));
    BOOST_TEST(may_publish("pump-7", "$oc/devices/pump-7/sys/properties/report"));
    BOOST_TEST(
        may_publish("pump-7", "$oc/devices/pump-7/sys/properties/get/response/request_id=1"));
    BOOST_TEST(may_publish("pump-7", "$oc/devices/pump-7/sys/shadow/get/request_id=1"));
    BOOST_TEST(!may_publish("pump-7", "$oc/devices/pump-8/sys/messages/up"));
    BOOST_TEST(!may_publish("pump-7", "$oc/devices/pump-77/sys/messages/up"));
    BOOST_TEST(!may_publish("pump-7", "$oc/broadcast/all"));
    BOOST_TEST(!may_publish("pump-7", "$oc"));
    BOOST_TEST(!may_publish("pump-7", "$oc/devices"));
}

BOOST_AUTO_TEST_CASE(nobody_publishes_what_comes_from_the_platform) {
    for (const char* topic :
         {"$oc/devices/pump-7/sys/messages/down", "$oc/devices/pump-7/sys/events/down",
          "$oc/devices/pump-7/sys/commands/request_id=9",
          "$oc/devices/pump-7/sys/properties/set/request_id=9",
          "$oc/devices/pump-7/sys/properties/get/request_id=9",
          "$oc/devices/pump-7/sys/shadow/get/response/request_id=9"}) {
        BOOST_TEST(!may_publish("pump-7", topic));
        BOOST_TEST(!may_publish("", topic));
    }
}

BOOST_AUTO_TEST_CASE(a_device_subscribes_below_its_own_name_and_to_broadcasts) {
    BOOST_TEST(may_subscribe("pump-7", "$oc/devices/pump-7/sys/commands/#"));
    BOOST_TEST(may_subscribe("pump-7", "$oc/broadcast/firmware"));
    BOOST_TEST(!may_subscribe("pump-7", "$oc/devices/pump-8/sys/messages/down"));
    BOOST_TEST(!may_subscribe("pump-7", "$oc/devices/+/sys/messages/down"));
    BOOST_TEST(!may_subscribe("pump-7", "$oc/#"));
    BOOST_TEST(!may_subscribe("pump-7", "$oc/+/pump-7/#"));
    BOOST_TEST(!may_subscribe("pump-7", "$share/group/$oc/devices/pump-7/#"));
    BOOST_TEST(may_subscribe("pump-7", "$share/group/a/b"));
}

BOOST_AUTO_TEST_CASE(who_is_no_device_may_watch_and_not_speak) {
    BOOST_TEST(may_subscribe("", "$oc/devices/+/sys/messages/up"));
    BOOST_TEST(!may_publish("", "$oc/devices/pump-7/sys/messages/up"));
}

BOOST_AUTO_TEST_SUITE_END()
