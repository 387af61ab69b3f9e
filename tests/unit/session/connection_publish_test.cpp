// Publications from clients: what is taken, answered, passed on and refused.

#include "support/connection_script.hpp"
#include "support/wire.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;
using codec::ProtocolVersion;

namespace {

constexpr ProtocolVersion all_versions[]{v3_1, v3_1_1, v5};

ConnectPacket staying(std::string client_id) {
    return connect(std::move(client_id)).clean_start(false).session_expiry(1'000);
}

/// Subscribed to `filter`, with everything up to SUBACK taken.
ConnectionScript subscribed(World& world, const ConnectPacket& packet, std::string filter, int qos,
                            ProtocolVersion version = v5) {
    ConnectionScript script = world.connected(packet, version);
    script.receive(subscribe(std::move(filter), qos));
    script.take_sent();
    return script;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(publish_from_clients)

BOOST_AUTO_TEST_CASE(qos_0_is_passed_on_and_not_answered,
                     *label("MQTT5-3.3.4-1") * label("MQTT3-3.3.4-1") * label("MQTT5-4.3.1-1") *
                         label("MQTT3-4.3.1-1") * label("MQTT5-2.2.1-2") * label("MQTT3-2.3.1-5")) {
    for (const ProtocolVersion version : all_versions) {
        World world;
        auto reader = subscribed(world, connect("reader"), "t", 2, version);
        auto writer = world.connected(connect("writer"), version);
        writer.receive(publish("t", "x")).expect_nothing_sent();
        reader.expect_sent("PUBLISH q0 topic=t payload=x");
    }
}

BOOST_AUTO_TEST_CASE(qos_1_is_passed_on_and_answered_with_puback,
                     *label("MQTT5-3.3.4-1") * label("MQTT3-3.3.4-1") * label("MQTT5-4.3.2-4") *
                         label("MQTT3-4.3.2-2") * label("MQTT5-2.2.1-5") * label("MQTT3-2.3.1-6")) {
    for (const ProtocolVersion version : all_versions) {
        World world;
        auto reader = subscribed(world, connect("reader"), "t", 1, version);
        auto writer = world.connected(connect("writer"), version);
        writer.receive(publish("t", "x").qos1(65'535)).expect_sent("PUBACK id=65535");
        reader.expect_sent("PUBLISH q1 id=1 topic=t payload=x");
    }
}

BOOST_AUTO_TEST_CASE(identifier_means_a_new_message_after_its_puback_whatever_dup_says,
                     *label("MQTT5-4.3.2-5") * label("MQTT3-4.3.2-2")) {
    for (const ProtocolVersion version : all_versions) {
        World world;
        auto reader = subscribed(world, connect("reader"), "t", 0, version);
        auto writer = world.connected(connect("writer"), version);
        writer.receive(publish("t", "1").qos1(7), publish("t", "2").qos1(7).dup())
            .expect_sent({"PUBACK id=7", "PUBACK id=7"});
        reader.expect_sent({"PUBLISH q0 topic=t payload=1", "PUBLISH q0 topic=t payload=2"});
    }
}

BOOST_AUTO_TEST_CASE(qos_2_is_passed_on_once_and_answered_in_four_steps,
                     *label("MQTT5-3.3.4-1") * label("MQTT3-3.3.4-1") * label("MQTT5-4.3.3-8") *
                         label("MQTT5-4.3.3-10") * label("MQTT5-4.3.3-11") *
                         label("MQTT3-4.3.3-2") * label("MQTT5-2.2.1-5") * label("MQTT3-2.3.1-6")) {
    for (const ProtocolVersion version : all_versions) {
        World world;
        auto reader = subscribed(world, connect("reader"), "t", 0, version);
        auto writer = world.connected(connect("writer"), version);
        writer.receive(publish("t", "x").qos2(3)).expect_sent("PUBREC id=3");
        writer.receive(publish("t", "x").qos2(3).dup()).expect_sent("PUBREC id=3");
        writer.receive(pubrel(3)).expect_sent("PUBCOMP id=3");
        reader.expect_sent("PUBLISH q0 topic=t payload=x");
    }
}

BOOST_AUTO_TEST_CASE(identifier_means_a_new_message_after_its_pubcomp,
                     *label("MQTT5-4.3.3-12") * label("MQTT3-4.3.3-2")) {
    World world;
    auto reader = subscribed(world, connect("reader"), "t", 0);
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "1").qos2(3), pubrel(3), publish("t", "2").qos2(3).dup())
        .expect_sent({"PUBREC id=3", "PUBCOMP id=3", "PUBREC id=3"});
    reader.expect_sent({"PUBLISH q0 topic=t payload=1", "PUBLISH q0 topic=t payload=2"});
}

BOOST_AUTO_TEST_CASE(qos_2_is_recognised_after_a_reconnect,
                     *label("MQTT5-4.3.3-10") * label("MQTT3-4.3.3-2") * label("MQTT5-3.1.2-5") *
                         label("MQTT3-3.1.2-4")) {
    for (const ProtocolVersion version : all_versions) {
        World world;
        auto reader = subscribed(world, connect("reader"), "t", 0, version);
        auto before = world.connected(staying("writer"), version);
        before.receive(publish("t", "x").qos2(3)).expect_sent("PUBREC id=3");
        before.lose_connection();
        auto writer = world.connected(staying("writer"), version);
        writer.receive(publish("t", "x").qos2(3).dup(), pubrel(3), pubrel(3));
        const bool is_v5 = version == v5;
        writer.expect_sent({"PUBREC id=3", "PUBCOMP id=3",
                            is_v5 ? "PUBCOMP id=3 packet_identifier_not_found" : "PUBCOMP id=3"});
        reader.expect_sent("PUBLISH q0 topic=t payload=x");
    }
}

BOOST_AUTO_TEST_CASE(qos_2_is_forgotten_with_the_session) {
    World world;
    auto reader = subscribed(world, connect("reader"), "t", 0);
    auto before = world.connected(staying("writer"));
    before.receive(publish("t", "1").qos2(3)).lose_connection();
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "2").qos2(3)).expect_sent("PUBREC id=3");
    reader.expect_sent({"PUBLISH q0 topic=t payload=1", "PUBLISH q0 topic=t payload=2"});
}

BOOST_AUTO_TEST_CASE(pubrel_of_an_unknown_identifier_is_answered, *label("MQTT5-4.3.3-11")) {
    World world;
    auto client = world.connected(connect("c"));
    client.receive(pubrel(9)).expect_sent("PUBCOMP id=9 packet_identifier_not_found").expect_open();
    auto older = world.connected(connect("d"), v3_1_1);
    older.receive(pubrel(9)).expect_sent("PUBCOMP id=9").expect_open();
}

BOOST_AUTO_TEST_CASE(qos_2_goes_on_although_the_message_has_expired, *label("MQTT5-4.3.3-13")) {
    World world;
    auto client = world.connected(connect("c"));
    client.receive(publish("t", "x").qos2(1).expiry(1)).take_sent();
    world.advance(Seconds{5});
    client.receive(publish("t", "x").qos2(1).dup().expiry(1)).expect_sent("PUBREC id=1");
    client.receive(pubrel(1)).expect_sent("PUBCOMP id=1");
}

BOOST_AUTO_TEST_CASE(each_client_has_identifiers_of_its_own) {
    World world;
    auto reader = subscribed(world, connect("reader"), "t", 0);
    auto a = world.connected(connect("a"));
    auto b = world.connected(connect("b"));
    a.receive(publish("t", "a").qos2(1)).expect_sent("PUBREC id=1");
    b.receive(publish("t", "b").qos2(1)).expect_sent("PUBREC id=1");
    reader.expect_sent({"PUBLISH q0 topic=t payload=a", "PUBLISH q0 topic=t payload=b"});
}

BOOST_AUTO_TEST_CASE(v5_publisher_is_told_that_nobody_subscribes,
                     *label("MQTT5-3.4.2-1") * label("MQTT5-3.5.2-1")) {
    World world;
    auto client = world.connected(connect("c"));
    client.receive(publish("t").qos1(1)).expect_sent("PUBACK id=1 no_matching_subscribers");
    client.receive(publish("t").qos2(2)).expect_sent("PUBREC id=2 no_matching_subscribers");
    client.receive(publish("t").qos2(2).dup()).expect_sent("PUBREC id=2");
    client.receive(pubrel(2)).expect_sent("PUBCOMP id=2");
    auto older = world.connected(connect("d"), v3_1_1);
    older.receive(publish("t").qos1(1), publish("t").qos2(2))
        .expect_sent({"PUBACK id=1", "PUBREC id=2"});
}

BOOST_AUTO_TEST_CASE(v5_publisher_is_told_that_a_queue_is_full,
                     *label("MQTT5-3.4.2-1") * label("MQTT5-3.5.2-1")) {
    World world{Limits{.queue_messages_max = 1}};
    subscribed(world, staying("away"), "t", 2).lose_connection();
    auto reader = subscribed(world, connect("reader"), "t", 0);
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "1").qos1(1), publish("t", "2").qos1(2), publish("t", "3").qos2(3))
        .expect_sent({"PUBACK id=1", "PUBACK id=2 quota_exceeded", "PUBREC id=3 quota_exceeded"});
    auto older = world.connected(connect("older"), v3_1_1);
    older.receive(publish("t", "4").qos1(1)).expect_sent("PUBACK id=1");
    BOOST_TEST(reader.take_sent().size() == 4U);
    BOOST_TEST(world.count(Counter::publish_refused) == 3U);
    BOOST_TEST(world.count(DropReason::queue_full_messages) == 3U);
}

BOOST_AUTO_TEST_CASE(refused_qos_2_identifier_means_a_new_message, *label("MQTT5-4.3.3-9")) {
    World world{Limits{.queue_messages_max = 1}};
    subscribed(world, staying("away"), "t", 2).lose_connection();
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "1").qos1(1), publish("t", "2").qos2(2));
    writer.expect_sent({"PUBACK id=1", "PUBREC id=2 quota_exceeded"});
    auto back = world.connected(staying("away"));
    writer.receive(publish("t", "3").qos2(2)).expect_sent("PUBREC id=2");
    back.expect_sent("PUBLISH q2 id=2 topic=t payload=3");
    writer.receive(pubrel(2)).expect_sent("PUBCOMP id=2");
}

BOOST_AUTO_TEST_CASE(refused_qos_2_is_unknown_to_pubrel, *label("MQTT5-4.3.3-9")) {
    World world{Limits{.queue_messages_max = 0}};
    subscribed(world, staying("away"), "t", 2).lose_connection();
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "1").qos2(2)).expect_sent("PUBREC id=2 quota_exceeded");
    writer.receive(pubrel(2)).expect_sent("PUBCOMP id=2 packet_identifier_not_found");
}

BOOST_AUTO_TEST_CASE(retained_message_without_room_is_refused) {
    World world{Limits{.retained_messages_max = 1}};
    auto client = world.connected(connect("c"));
    client.receive(publish("1", "x").qos1(1).retain(), publish("2", "x").qos1(2).retain())
        .expect_sent({"PUBACK id=1 no_matching_subscribers", "PUBACK id=2 quota_exceeded"});
    BOOST_TEST(world.router().retained().count() == 1U);
}

BOOST_AUTO_TEST_CASE(topics_of_the_server_are_not_for_clients,
                     *label("MQTT3-3.3.5-2") * label("MQTT5-3.4.2-1")) {
    World world;
    auto reader = subscribed(world, connect("reader"), "$SYS/#", 0);
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("$SYS/uptime", "0").retain()).expect_nothing_sent();
    writer.receive(publish("$SYS/uptime", "0").qos1(1)).expect_sent("PUBACK id=1 not_authorized");
    writer.receive(publish("$SYS/uptime", "0").qos2(2)).expect_sent("PUBREC id=2 not_authorized");
    writer.receive(pubrel(2)).expect_sent("PUBCOMP id=2 packet_identifier_not_found");
    auto older = world.connected(connect("older"), v3_1_1);
    older.receive(publish("$SYS/uptime", "0").qos1(1), publish("$SYS/uptime", "0").qos2(2))
        .expect_sent({"PUBACK id=1", "PUBREC id=2"})
        .expect_open();
    reader.expect_nothing_sent();
    BOOST_TEST(world.router().retained().count() == 0U);
    world.publish({.topic = "$SYS/uptime", .payload = as_bytes("7"), .properties = {}});
    reader.expect_sent("PUBLISH q0 topic=$SYS/uptime payload=7");
}

BOOST_AUTO_TEST_CASE(dup_of_the_publisher_is_not_passed_on,
                     *label("MQTT5-3.3.1-3") * label("MQTT3-3.3.1-3")) {
    World world;
    auto reader = subscribed(world, connect("reader"), "t", 2);
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "1").qos1(1).dup(), publish("t", "2").qos2(2).dup());
    reader.expect_sent({"PUBLISH q1 id=1 topic=t payload=1", "PUBLISH q2 id=2 topic=t payload=2"});
}

// --- What is passed on

BOOST_AUTO_TEST_CASE(properties_are_passed_on_unaltered_and_in_order,
                     *label("MQTT5-3.3.2-4") * label("MQTT5-3.3.2-15") * label("MQTT5-3.3.2-16") *
                         label("MQTT5-3.3.2-17") * label("MQTT5-3.3.2-18") *
                         label("MQTT5-3.3.2-20")) {
    World world;
    auto reader = subscribed(world, connect("reader"), "t", 1);
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "x")
                       .payload_format(true)
                       .content_type("text/plain")
                       .response_topic("answers/7")
                       .correlation_data(std::string("\0\xFF", 2))
                       .user_property("b", "1")
                       .user_property("a", "2")
                       .user_property("b", "1")
                       .user_property("", ""));
    reader.expect_sent(
        "PUBLISH q0 topic=t payload=x format=1 content_type=text/plain response_topic=answers/7 "
        "correlation='00FF' b:1 a:2 b:1 :");
    writer.receive(publish("t", "x").qos1(1).payload_format(false).response_topic("r"));
    reader.expect_sent("PUBLISH q1 id=1 topic=t payload=x format=0 response_topic=r");
}

BOOST_AUTO_TEST_CASE(properties_in_any_order_are_passed_on,
                     *label("MQTT5-3.3.2-17") * label("MQTT5-3.3.2-18")) {
    World world;
    auto reader = subscribed(world, connect("reader"), "t", 1);
    auto writer = world.connected(connect("writer"));
    writer.receive("30 [ ('t') [ 26 ('z') ('1') 09 ('c') 26 ('a') ('2') 01 01 26 ('m') ('3') ] ]");
    reader.expect_sent("PUBLISH q0 topic=t payload= format=1 correlation=c z:1 a:2 m:3");
}

BOOST_AUTO_TEST_CASE(properties_survive_waiting_and_redelivery,
                     *label("MQTT5-3.3.2-15") * label("MQTT5-3.3.2-16") * label("MQTT5-3.3.2-18")) {
    World world;
    subscribed(world, staying("away"), "t", 1).lose_connection();
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "x")
                       .qos1(1)
                       .response_topic("r")
                       .correlation_data("c")
                       .user_property("b", "1")
                       .user_property("a", "2"));
    world.connected(staying("away")).lose_connection();
    auto reader = world.client("away");
    reader.receive(staying("away"))
        .expect_sent(
            {"CONNACK session_present success",
             "PUBLISH q1 dup id=1 topic=t payload=x response_topic=r correlation=c b:1 a:2"});
}

BOOST_AUTO_TEST_CASE(subscribers_before_v5_get_the_message_without_properties) {
    World world;
    auto reader = subscribed(world, connect("reader"), "t", 1, v3_1_1);
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "x").qos1(1).expiry(9).content_type("c").user_property("a", "b"));
    BOOST_TEST(reader.take_sent_in_full() ==
                   std::vector<std::string>{"PUBLISH qos=1 topic='t' id=1 payload=78"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(publications_of_older_versions_reach_v5_subscribers) {
    World world;
    auto reader = subscribed(world, connect("reader"), "t", 2);
    auto writer = world.connected(connect("writer"), v3_1);
    writer.receive(publish("t", "x").qos2(1)).expect_sent("PUBREC id=1");
    reader.expect_sent("PUBLISH q2 id=1 topic=t payload=x");
}

BOOST_AUTO_TEST_CASE(any_payload_is_passed_on) {
    World world;
    auto reader = subscribed(world, connect("reader"), "t", 0);
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t"), publish("t", std::string("\0\xC0\x80", 3)),
                   publish("t", std::string(100'000, 'x')));
    reader.expect_sent({"PUBLISH q0 topic=t payload=", "PUBLISH q0 topic=t payload='00C080'",
                        "PUBLISH q0 topic=t payload=<100000 bytes>"});
}

BOOST_AUTO_TEST_CASE(message_reaches_every_session_with_a_matching_subscription,
                     *label("MQTT5-4.5.0-1") * label("MQTT3-4.5.0-1") * label("MQTT5-3.3.2-3") *
                         label("MQTT3-3.3.2-3")) {
    World world{Limits{}, 3};
    auto exact = subscribed(world, connect("exact"), "a/b", 1);
    auto wild = subscribed(world, connect("wild"), "a/+", 1, v3_1_1);
    auto other = subscribed(world, connect("other"), "a/c", 1);
    subscribed(world, staying("away"), "#", 1).lose_connection();
    auto writer = world.connected(connect("writer"), v5, 2);
    writer.receive(publish("a/b", "x").qos1(1)).expect_sent("PUBACK id=1");
    exact.expect_sent("PUBLISH q1 id=1 topic=a/b payload=x");
    wild.expect_sent("PUBLISH q1 id=1 topic=a/b payload=x");
    other.expect_nothing_sent();
    auto back = world.client("away", v5, 1);
    back.receive(staying("away"))
        .expect_sent({"CONNACK session_present success", "PUBLISH q1 id=1 topic=a/b payload=x"});
}

BOOST_AUTO_TEST_CASE(topics_are_compared_byte_by_byte,
                     *label("MQTT5-4.7.3-4") * label("MQTT3-4.7.3-4") * label("MQTT5-1.5.4-3") *
                         label("MQTT3-1.5.3-3")) {
    World world;
    auto reader = subscribed(world, connect("reader"), "caf\xC3\xA9/1", 0);
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("cafe\xCC\x81/1"), publish("Caf\xC3\xA9/1"), publish("caf\xC3\xA9/1/"),
                   publish("/caf\xC3\xA9/1"),
                   publish("\xEF\xBB\xBF"
                           "caf\xC3\xA9/1"));
    reader.expect_nothing_sent();
    writer.receive(publish("caf\xC3\xA9/1"));
    reader.expect_sent("PUBLISH q0 topic='636166C3A92F31' payload=");
}

BOOST_AUTO_TEST_CASE(longest_topic_is_passed_on, *label("MQTT5-4.7.3-3") * label("MQTT3-4.7.3-3")) {
    World world;
    const std::string longest(65'535, 't');
    auto reader = subscribed(world, connect("reader"), longest, 0);
    auto writer = world.connected(connect("writer"));
    writer.receive(publish(longest, "x"));
    reader.expect_sent("PUBLISH q0 topic=<65535 bytes> payload=x");
}

// --- What is refused

BOOST_AUTO_TEST_CASE(wildcard_in_a_topic_closes_the_connection,
                     *label("MQTT5-3.3.2-2") * label("MQTT3-3.3.2-2") * label("MQTT5-4.7.0-1") *
                         label("MQTT3-4.7.1-1") * label("MQTT5-4.13.1-1") *
                         label("MQTT3-4.8.0-1")) {
    for (const std::string topic : {"a/+", "#", "a/#/b", "a+b"}) {
        World world;
        auto client = world.connected(connect("c"));
        client.receive(publish(topic, "x").retain())
            .expect_sent("DISCONNECT topic_name_invalid")
            .expect_closed(CloseReason::topic_invalid);
        auto older = world.connected(connect("d"), v3_1_1);
        older.receive(publish(topic, "x").retain()).expect_nothing_sent();
        older.expect_closed(CloseReason::topic_invalid);
        BOOST_TEST(world.router().retained().count() == 0U);
        BOOST_TEST(world.events.last("connection_closed").clause == "MQTT3-3.3.2-2");
    }
}

BOOST_AUTO_TEST_CASE(empty_topic_closes_the_connection,
                     *label("MQTT5-4.7.3-1") * label("MQTT3-4.7.3-1")) {
    World world;
    auto client = world.connected(connect("c"));
    client.receive(publish("", "x"))
        .expect_sent("DISCONNECT protocol_error")
        .expect_closed(CloseReason::protocol_error);
    auto older = world.connected(connect("d"), v3_1_1);
    older.receive(publish("", "x")).expect_closed(CloseReason::protocol_error);
}

BOOST_AUTO_TEST_CASE(topic_deeper_than_the_limit_closes_the_connection) {
    World world{Limits{.topic_levels_max = 3}};
    auto client = world.connected(connect("c"));
    client.receive(publish("a/b/c").qos1(1)).expect_sent("PUBACK id=1 no_matching_subscribers");
    client.receive(publish("a/b/c/d").qos1(2))
        .expect_sent("DISCONNECT topic_name_invalid")
        .expect_closed(CloseReason::topic_invalid);
}

BOOST_AUTO_TEST_CASE(malformed_publications_close_the_connection,
                     *label("MQTT5-3.3.1-4") * label("MQTT3-3.3.1-4") * label("MQTT5-3.3.1-2") *
                         label("MQTT3-3.3.1-2") * label("MQTT5-3.3.2-1") * label("MQTT3-3.3.2-1") *
                         label("MQTT5-1.5.4-1") * label("MQTT3-1.5.3-1") * label("MQTT5-1.5.4-2") *
                         label("MQTT3-1.5.3-2") * label("MQTT5-4.7.3-2") * label("MQTT3-4.7.3-2") *
                         label("MQTT5-4.13.1-1") * label("MQTT3-4.8.0-1")) {
    const std::pair<std::string_view, std::string_view> cases[]{
        {"36 [ ('t') 0001 00 ]", "36 [ ('t') 0001 ]"},  // QoS 3
        {"38 [ ('t') 00 ]", "38 [ ('t') ]"},            // DUP with QoS 0
        {"30 [ (C0 80) 00 ]", "30 [ (C0 80) ]"},        // overlong
        {"30 [ (ED A0 80) 00 ]", "30 [ (ED A0 80) ]"},  // surrogate
        {"30 [ (61 00) 00 ]", "30 [ (61 00) ]"},        // U+0000
        {"30 [ 0005 'abc' ]", "30 [ 0005 'abc' ]"},     // topic cut short
    };
    for (const auto& [in_v5, before_v5] : cases) {
        World world;
        auto client = world.connected(connect("c"));
        client.receive(in_v5)
            .expect_sent("DISCONNECT malformed_packet")
            .expect_closed(CloseReason::malformed_packet);
        auto older = world.connected(connect("d"), v3_1_1);
        older.receive(before_v5).expect_nothing_sent();
        older.expect_closed(CloseReason::malformed_packet);
    }
}

BOOST_AUTO_TEST_CASE(packet_identifier_0_closes_the_connection,
                     *label("MQTT5-2.2.1-3") * label("MQTT3-2.3.1-1")) {
    for (const int qos : {1, 2}) {
        World world;
        auto client = world.connected(connect("c"));
        const PublishPacket packet = qos == 1 ? publish("t").qos1(0) : publish("t").qos2(0);
        client.receive(packet)
            .expect_sent("DISCONNECT protocol_error")
            .expect_closed(CloseReason::protocol_error);
        auto older = world.connected(connect("d"), v3_1_1);
        older.receive(packet).expect_closed(CloseReason::protocol_error);
    }
}

BOOST_AUTO_TEST_CASE(subscription_identifier_from_a_client_is_a_protocol_error,
                     *label("MQTT5-3.3.4-6")) {
    World world;
    auto client = world.connected(connect("c"));
    client.receive(publish("t").subscription_identifier(1))
        .expect_sent("DISCONNECT protocol_error")
        .expect_closed(CloseReason::protocol_error);
}

BOOST_AUTO_TEST_CASE(ill_formed_properties_close_the_connection,
                     *label("MQTT5-3.3.2-13") * label("MQTT5-3.3.2-14") * label("MQTT5-3.3.2-19") *
                         label("MQTT5-1.5.7-1")) {
    const std::pair<std::string_view, std::string_view> cases[]{
        {"30 [ ('t') [ 08 (C0 80) ] ]", "DISCONNECT malformed_packet"},  // Response Topic
        {"30 [ ('t') [ 08 ('a/+') ] ]", "DISCONNECT protocol_error"},    // with a wildcard
        {"30 [ ('t') [ 08 ('a/#') ] ]", "DISCONNECT protocol_error"},
        {"30 [ ('t') [ 03 (FF) ] ]", "DISCONNECT malformed_packet"},        // Content Type
        {"30 [ ('t') [ 26 (FF) ('v') ] ]", "DISCONNECT malformed_packet"},  // name of a pair
        {"30 [ ('t') [ 26 ('n') (00) ] ]", "DISCONNECT malformed_packet"},  // value of a pair
        {"30 [ ('t') [ 01 02 ] ]", "DISCONNECT protocol_error"},            // Payload Format
    };
    for (const auto& [bytes, answer] : cases) {
        World world;
        auto client = world.connected(connect("c"));
        client.receive(bytes).expect_sent(answer);
        BOOST_TEST(!client.is_open());
    }
}

BOOST_AUTO_TEST_CASE(user_properties_are_limited_in_number) {
    World world{Limits{.user_properties_max = 2}};
    auto reader = subscribed(world, connect("reader"), "t", 0);
    auto client = world.connected(connect("c"));
    client.receive(publish("t").user_property("1", "").user_property("2", "")).expect_open();
    reader.expect_sent("PUBLISH q0 topic=t payload= 1: 2:");
    client
        .receive(publish("t").user_property("1", "").user_property("2", "").user_property("3", ""))
        .expect_sent("DISCONNECT quota_exceeded");
    BOOST_TEST(!client.is_open());
}

BOOST_AUTO_TEST_SUITE_END()
