// Topics that begin with "$". MQTT 5 section 4.7.2.

#include "support/connection_script.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;

namespace {

void tell(World& world, std::string_view topic) {
    world.publish({.topic = topic, .payload = as_bytes("x"), .properties = {}});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dollar_topics)

BOOST_AUTO_TEST_CASE(leading_wildcards_do_not_match_them,
                     *label("MQTT5-4.7.2-1") * label("MQTT3-4.7.2-1")) {
    for (const auto version : {v3_1, v3_1_1, v5}) {
        for (const char* filter : {"#", "+/uptime", "+/#", "$share/g/#", "$share/g/+/uptime"}) {
            World world;
            auto client = world.connected(connect("c"), version);
            client.receive(subscribe(filter, 0)).take_sent();
            tell(world, "$SYS/uptime");
            auto writer = world.connected(connect("writer"));
            writer.receive(publish("$other/uptime", "x"));
            client.expect_nothing_sent();
            tell(world, "SYS/uptime");
            client.expect_sent("PUBLISH q0 topic=SYS/uptime payload=x");
        }
    }
}

BOOST_AUTO_TEST_CASE(filters_that_name_them_match,
                     *label("MQTT5-4.7.2-1") * label("MQTT3-4.7.2-1")) {
    for (const char* filter : {"$SYS/uptime", "$SYS/#", "$SYS/+", "$share/g/$SYS/#"}) {
        World world;
        auto client = world.connected(connect("c"));
        client.receive(subscribe(filter, 0)).take_sent();
        tell(world, "$SYS/uptime");
        client.expect_sent("PUBLISH q0 topic=$SYS/uptime payload=x");
    }
}

BOOST_AUTO_TEST_CASE(both_kinds_of_filter_give_both_kinds_of_topic,
                     *label("MQTT5-4.7.2-1") * label("MQTT3-4.7.2-1")) {
    World world;
    auto client = world.connected(connect("c"));
    client.receive(subscribe("#", 0).also("$SYS/#", 0)).take_sent();
    tell(world, "$SYS/uptime");
    tell(world, "t");
    client.expect_sent({"PUBLISH q0 topic=$SYS/uptime payload=x", "PUBLISH q0 topic=t payload=x"});
}

BOOST_AUTO_TEST_CASE(dollar_within_a_topic_is_like_any_other_character) {
    World world;
    auto client = world.connected(connect("c"));
    client.receive(subscribe("#", 0)).take_sent();
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("a/$SYS"), publish("a$"), publish("/$SYS/uptime"));
    client.expect_sent({"PUBLISH q0 topic=a/$SYS payload=", "PUBLISH q0 topic=a$ payload=",
                        "PUBLISH q0 topic=/$SYS/uptime payload="});
}

BOOST_AUTO_TEST_CASE(dollar_topics_that_are_not_the_servers_are_free) {
    World world;
    auto client = world.connected(connect("c"));
    client.receive(subscribe("$mine/+", 0).also("$SYSTEM", 0).also("$SYS", 0)).take_sent();
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("$mine/t"), publish("$SYSTEM"), publish("$SYS"));
    client.expect_sent({"PUBLISH q0 topic=$mine/t payload=", "PUBLISH q0 topic=$SYSTEM payload=",
                        "PUBLISH q0 topic=$SYS payload="});
}

BOOST_AUTO_TEST_CASE(topic_spelled_like_a_shared_filter_matches_no_group) {
    World world;
    auto client = world.connected(connect("c"));
    client.receive(subscribe("$share/g/t", 0)).take_sent();
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("$share/g/t").qos1()).expect_sent("PUBACK id=1 no_matching_subscribers");
    client.expect_nothing_sent();
}

BOOST_AUTO_TEST_SUITE_END()
