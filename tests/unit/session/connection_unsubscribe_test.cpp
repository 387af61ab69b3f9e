// UNSUBSCRIBE and UNSUBACK.

#include "support/connection_script.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;
using codec::ProtocolVersion;

namespace {

ConnectPacket staying(std::string client_id) {
    return connect(std::move(client_id)).clean_start(false).session_expiry(1'000);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(unsubscribing)

BOOST_AUTO_TEST_CASE(unsubscribe_is_answered_with_its_identifier_even_if_nothing_was_deleted,
                     *label("MQTT5-3.10.4-4") * label("MQTT3-3.10.4-4") * label("MQTT5-3.10.4-5") *
                         label("MQTT3-3.10.4-5") * label("MQTT5-2.2.1-6") *
                         label("MQTT3-2.3.1-7")) {
    for (const ProtocolVersion version : {v3_1, v3_1_1}) {
        World world;
        auto older = world.connected(connect("c"), version);
        older.receive(subscribe("t", 0)).take_sent();
        older.receive(unsubscribe("t").id(7)).expect_sent("UNSUBACK id=7");
        older.receive(unsubscribe("t").id(65'535)).expect_sent("UNSUBACK id=65535");
    }
    World world;
    auto client = world.connected(connect("c"));
    client.receive(subscribe("t", 0)).take_sent();
    client.receive(unsubscribe("t").id(7)).expect_sent("UNSUBACK id=7 [success]");
    client.receive(unsubscribe("t").id(8)).expect_sent("UNSUBACK id=8 [no_subscription_existed]");
    BOOST_TEST(world.count(Counter::subscriptions_removed) == 1U);
}

BOOST_AUTO_TEST_CASE(codes_are_in_the_order_of_the_filters,
                     *label("MQTT5-3.11.3-1") * label("MQTT5-3.11.3-2") * label("MQTT5-3.10.4-6") *
                         label("MQTT3-3.10.4-6")) {
    World world;
    auto client = world.connected(connect("c"));
    client.receive(subscribe("a", 0).also("b", 0)).take_sent();
    client.receive(unsubscribe("b").also("c").also("a").also("a").also("a/#/b"))
        .expect_sent(
            "UNSUBACK id=1 [success,no_subscription_existed,success,"
            "no_subscription_existed,topic_filter_invalid]");
    auto older = world.connected(connect("d"), v3_1_1);
    older.receive(subscribe("a", 0).also("b", 0)).take_sent();
    older.receive(unsubscribe("b").also("c").also("a")).expect_sent("UNSUBACK id=1");
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("a").qos1(), publish("b").qos1())
        .expect_sent(
            {"PUBACK id=1 no_matching_subscribers", "PUBACK id=1 no_matching_subscribers"});
}

BOOST_AUTO_TEST_CASE(only_the_same_filter_is_deleted,
                     *label("MQTT5-3.10.4-1") * label("MQTT3-3.10.4-1") * label("MQTT5-4.7.3-4") *
                         label("MQTT3-4.7.3-4")) {
    World world;
    auto client = world.connected(connect("c"));
    client.receive(subscribe("a/+", 0)).take_sent();
    for (const char* filter : {"a/b", "a/#", "+/+", "A/+", "a/+/", "$share/g/a/+"}) {
        client.receive(unsubscribe(filter)).expect_sent("UNSUBACK id=1 [no_subscription_existed]");
    }
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("a/b"));
    client.expect_sent("PUBLISH q0 topic=a/b payload=");
    client.receive(unsubscribe("a/+")).expect_sent("UNSUBACK id=1 [success]");
    writer.receive(publish("a/b"));
    client.expect_nothing_sent();
}

BOOST_AUTO_TEST_CASE(subscriptions_of_others_stay) {
    World world;
    auto client = world.connected(connect("c"));
    auto other = world.connected(connect("other"));
    client.receive(subscribe("t", 0)).take_sent();
    other.receive(unsubscribe("t")).expect_sent("UNSUBACK id=1 [no_subscription_existed]");
    other.receive(subscribe("t", 0), unsubscribe("t")).take_sent();
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t"));
    client.expect_sent("PUBLISH q0 topic=t payload=");
    other.expect_nothing_sent();
}

BOOST_AUTO_TEST_CASE(no_new_messages_are_added_and_those_under_way_are_completed,
                     *label("MQTT5-3.10.4-2") * label("MQTT3-3.10.4-2") * label("MQTT5-3.10.4-3") *
                         label("MQTT3-3.10.4-3")) {
    for (const ProtocolVersion version : {v3_1_1, v5}) {
        World world{Limits{.outbound_inflight_max = 2}};
        auto client = world.connected(staying("c"), version);
        client.receive(subscribe("t", 2)).take_sent();
        auto writer = world.connected(connect("writer"));
        writer.receive(publish("t", "1").qos1(), publish("t", "2").qos2(), pubrel(1),
                       publish("t", "3").qos1());
        client.expect_sent(
            {"PUBLISH q1 id=1 topic=t payload=1", "PUBLISH q2 id=2 topic=t payload=2"});
        client.receive(unsubscribe("t")).take_sent();
        writer.receive(publish("t", "4").qos1());
        client.receive(pubrec(2)).expect_sent("PUBREL id=2");
        client.lose_connection();
        auto back = world.client("back", version);
        back.receive(staying("c"))
            .expect_sent({"CONNACK session_present success",
                          "PUBLISH q1 dup id=1 topic=t payload=1", "PUBREL id=2",
                          "PUBLISH q1 id=3 topic=t payload=3"});
        back.receive(pubcomp(2), puback(1), puback(3)).expect_nothing_sent();
    }
}

BOOST_AUTO_TEST_CASE(retained_messages_not_yet_reached_are_not_added_any_more,
                     *label("MQTT5-3.10.4-2") * label("MQTT3-3.10.4-2")) {
    World world{Limits{.outbound_inflight_max = 1}};
    auto writer = world.connected(connect("writer"));
    for (const char* topic : {"t/1", "t/2", "t/3"})
        writer.receive(publish(topic, "x").qos1().retain());
    writer.receive(publish("u/1", "x").qos1().retain());
    auto client = world.connected(connect("c"), v3_1_1);
    client.receive(subscribe("t/+", 1).also("u/1", 1))
        .expect_sent({"SUBACK id=1 [1,1]", "PUBLISH q1 retain id=1 topic=t/1 payload=x"});
    client.receive(unsubscribe("t/+")).expect_sent("UNSUBACK id=1");
    client.receive(puback(1)).expect_sent("PUBLISH q1 retain id=2 topic=u/1 payload=x");
    client.receive(puback(2)).expect_nothing_sent();
}

BOOST_AUTO_TEST_CASE(malformed_requests_close_the_connection,
                     *label("MQTT5-3.10.1-1") * label("MQTT3-3.10.1-1") * label("MQTT5-3.10.3-1") *
                         label("MQTT3-3.10.3-1") * label("MQTT5-3.10.3-2") *
                         label("MQTT3-3.10.3-2") * label("MQTT5-2.2.1-3") * label("MQTT3-2.3.1-1") *
                         label("MQTT5-4.13.1-1") * label("MQTT3-4.8.0-1")) {
    struct Case {
        std::string_view in_v5;
        std::string_view before_v5;
        std::string_view answer;
        CloseReason reason;
    };
    const Case cases[]{
        {"A0 [ 0001 00 ('t') ]", "A0 [ 0001 ('t') ]", "DISCONNECT malformed_packet",
         CloseReason::malformed_packet},  // flags
        {"A2 [ 0001 00 (FF) ]", "A2 [ 0001 (FF) ]", "DISCONNECT malformed_packet",
         CloseReason::malformed_packet},  // not UTF-8
        {"A2 [ 0001 00 ]", "A2 [ 0001 ]", "DISCONNECT protocol_error",
         CloseReason::protocol_error},  // no filter
        {"A2 [ 0000 00 ('t') ]", "A2 [ 0000 ('t') ]", "DISCONNECT protocol_error",
         CloseReason::protocol_error},  // identifier 0
    };
    for (const Case& one : cases) {
        World world;
        auto client = world.connected(connect("c"));
        client.receive(one.in_v5).expect_sent(one.answer).expect_closed(one.reason);
        auto older = world.connected(connect("d"), v3_1_1);
        older.receive(one.before_v5).expect_nothing_sent();
        older.expect_closed(one.reason);
    }
}

BOOST_AUTO_TEST_SUITE_END()
