#include "support/connection_script.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace test_support;

BOOST_AUTO_TEST_SUITE(connection_and_world)

BOOST_AUTO_TEST_CASE(a_script_reads_like_an_exchange) {
    World world;
    auto device = world.client("pump-7");
    device.receive(connect("pump-7").clean_start(false)).expect_sent("CONNACK success");
    device.receive(subscribe("a/#", 1).id(7)).expect_sent("SUBACK id=7 [1]");
    device.receive(publish("a/b", "hi").qos1(1))
        .expect_sent({"PUBLISH q1 id=1 topic=a/b payload=hi", "PUBACK id=1"});
    device.receive(puback(1), disconnect()).expect_closed(CloseReason::client_disconnected);
}

BOOST_AUTO_TEST_SUITE_END()
