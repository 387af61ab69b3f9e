// Topic aliases from clients and towards them. MQTT 5 section 3.3.2.3.4.

#include "support/connection_script.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;

namespace {

constexpr std::string_view resumed = "CONNACK session_present success";

ConnectPacket staying(std::string client_id) {
    return connect(std::move(client_id)).clean_start(false).session_expiry(1'000);
}

ConnectionScript reader_of_all(World& world, const ConnectPacket& packet = connect("reader")) {
    ConnectionScript reader = world.connected(packet);
    reader.receive(subscribe("#", 1)).take_sent();
    return reader;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(topic_alias)

// --- From the client

BOOST_AUTO_TEST_CASE(alias_stands_for_the_topic_it_was_sent_with) {
    World world;
    auto reader = reader_of_all(world);
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("a", "1").alias(1), publish("", "2").alias(1),
                   publish("", "3").alias(1).qos1(7));
    writer.expect_sent("PUBACK id=7");
    reader.expect_sent({"PUBLISH q0 topic=a payload=1", "PUBLISH q0 topic=a payload=2",
                        "PUBLISH q1 id=1 topic=a payload=3"});
}

BOOST_AUTO_TEST_CASE(alias_can_be_given_to_another_topic) {
    World world;
    auto reader = reader_of_all(world);
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("a", "1").alias(1), publish("b", "2").alias(1),
                   publish("", "3").alias(1), publish("a", "4"), publish("", "5").alias(1));
    reader.expect_sent({"PUBLISH q0 topic=a payload=1", "PUBLISH q0 topic=b payload=2",
                        "PUBLISH q0 topic=b payload=3", "PUBLISH q0 topic=a payload=4",
                        "PUBLISH q0 topic=b payload=5"});
}

BOOST_AUTO_TEST_CASE(every_alias_up_to_the_maximum_is_accepted, *label("MQTT5-3.3.2-12")) {
    World world{Limits{.topic_alias_maximum = 3}};
    auto writer = world.client("writer");
    writer.receive(connect("writer"));
    BOOST_TEST(writer.take_sent_in_full().at(0).find("topic_alias_maximum=3") != std::string::npos);
    auto reader = reader_of_all(world);
    for (std::uint16_t alias = 1; alias <= 3; ++alias) {
        writer.receive(publish(std::to_string(alias)).alias(alias));
    }
    for (std::uint16_t alias = 1; alias <= 3; ++alias)
        writer.receive(publish("", "x").alias(alias));
    reader.expect_sent({"PUBLISH q0 topic=1 payload=", "PUBLISH q0 topic=2 payload=",
                        "PUBLISH q0 topic=3 payload=", "PUBLISH q0 topic=1 payload=x",
                        "PUBLISH q0 topic=2 payload=x", "PUBLISH q0 topic=3 payload=x"});
}

BOOST_AUTO_TEST_CASE(alias_above_the_maximum_closes_with_94,
                     *label("MQTT5-3.2.2-17") * label("MQTT5-3.3.2-9") * label("MQTT5-4.13.1-1")) {
    World world{Limits{.topic_alias_maximum = 3}};
    auto reader = reader_of_all(world);
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("a").alias(4))
        .expect_sent("DISCONNECT topic_alias_invalid")
        .expect_closed(CloseReason::topic_alias_invalid);
    reader.expect_nothing_sent();
}

BOOST_AUTO_TEST_CASE(without_a_maximum_in_connack_any_alias_closes_with_94,
                     *label("MQTT5-3.2.2-18")) {
    World world{Limits{.topic_alias_maximum = 0}};
    auto writer = world.client("writer");
    writer.receive(connect("writer"));
    BOOST_TEST(writer.take_sent_in_full().at(0).find("topic_alias") == std::string::npos);
    writer.receive(publish("a").alias(1))
        .expect_sent("DISCONNECT topic_alias_invalid")
        .expect_closed(CloseReason::topic_alias_invalid);
}

BOOST_AUTO_TEST_CASE(alias_0_closes_with_94, *label("MQTT5-3.3.2-8")) {
    World world;
    auto writer = world.connected(connect("writer"));
    writer.receive("30 [ ('a') [ 23 0000 ] ]")
        .expect_sent("DISCONNECT topic_alias_invalid")
        .expect_closed(CloseReason::topic_alias_invalid);
}

BOOST_AUTO_TEST_CASE(alias_that_names_nothing_yet_is_a_protocol_error) {
    World world;
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("a").alias(1), publish("").alias(2))
        .expect_sent("DISCONNECT protocol_error")
        .expect_closed(CloseReason::protocol_error);
}

BOOST_AUTO_TEST_CASE(aliases_of_a_client_end_with_its_connection, *label("MQTT5-3.3.2-7")) {
    World world;
    world.connected(staying("writer")).receive(publish("a").alias(1)).lose_connection();
    auto writer = world.connected(staying("writer"));
    writer.receive(publish("").alias(1))
        .expect_sent("DISCONNECT protocol_error")
        .expect_closed(CloseReason::protocol_error);
}

BOOST_AUTO_TEST_CASE(each_connection_has_aliases_of_its_own) {
    World world;
    auto reader = reader_of_all(world);
    auto a = world.connected(connect("a"));
    auto b = world.connected(connect("b"));
    a.receive(publish("a").alias(1));
    b.receive(publish("b").alias(1));
    a.receive(publish("").alias(1));
    reader.expect_sent({"PUBLISH q0 topic=a payload=", "PUBLISH q0 topic=b payload=",
                        "PUBLISH q0 topic=a payload="});
}

BOOST_AUTO_TEST_CASE(duplicate_of_qos_2_may_set_an_alias) {
    World world;
    auto reader = reader_of_all(world);
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("a", "1").qos2(1), publish("a", "1").qos2(1).dup().alias(5),
                   publish("", "2").alias(5));
    reader.expect_sent({"PUBLISH q1 id=1 topic=a payload=1", "PUBLISH q0 topic=a payload=2"});
}

// --- Towards the client

BOOST_AUTO_TEST_CASE(client_without_topic_alias_maximum_gets_no_alias,
                     *label("MQTT5-3.1.2-27") * label("MQTT5-3.3.2-11")) {
    World world;
    auto absent = reader_of_all(world, connect("absent"));
    auto zero = reader_of_all(world, connect("zero").topic_alias_maximum(0));
    auto older = world.connected(connect("older"), v3_1_1);
    older.receive(subscribe("#", 0)).take_sent();
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("a").alias(1), publish("").alias(1));
    for (ConnectionScript* reader : {&absent, &zero, &older}) {
        reader->expect_sent({"PUBLISH q0 topic=a payload=", "PUBLISH q0 topic=a payload="});
    }
}

BOOST_AUTO_TEST_CASE(first_topics_get_an_alias_and_no_more_than_the_client_allows,
                     *label("MQTT5-3.1.2-26") * label("MQTT5-3.3.2-11")) {
    World world;
    auto reader = reader_of_all(world, connect("reader").topic_alias_maximum(2));
    auto writer = world.connected(connect("writer"));
    for (const char* topic : {"a", "b", "c", "c", "b", "a"}) writer.receive(publish(topic));
    writer.receive(publish("a", "x").qos1());
    reader.expect_sent({"PUBLISH q0 topic=a payload= alias=1",
                        "PUBLISH q0 topic=b payload= alias=2", "PUBLISH q0 topic=c payload=",
                        "PUBLISH q0 topic=c payload=", "PUBLISH q0 topic= payload= alias=2",
                        "PUBLISH q0 topic= payload= alias=1",
                        "PUBLISH q1 id=1 topic= payload=x alias=1"});
}

BOOST_AUTO_TEST_CASE(server_uses_no_more_aliases_than_its_own_limit) {
    World world{Limits{.outbound_topic_alias_maximum = 1}};
    auto reader = reader_of_all(world, connect("reader").topic_alias_maximum(9));
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("a"), publish("b"), publish("b"), publish("a"));
    reader.expect_sent({"PUBLISH q0 topic=a payload= alias=1", "PUBLISH q0 topic=b payload=",
                        "PUBLISH q0 topic=b payload=", "PUBLISH q0 topic= payload= alias=1"});
}

BOOST_AUTO_TEST_CASE(aliases_towards_a_client_end_with_its_connection, *label("MQTT5-3.3.2-7")) {
    World world;
    const ConnectPacket packet = staying("reader").topic_alias_maximum(5);
    auto before = reader_of_all(world, packet);
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("a", "1").qos1(), publish("a", "2").qos1());
    before.expect_sent(
        {"PUBLISH q1 id=1 topic=a payload=1 alias=1", "PUBLISH q1 id=2 topic= payload=2 alias=1"});
    before.receive(puback(1)).lose_connection();
    auto reader = world.client("reader");
    reader.receive(packet).expect_sent({resumed, "PUBLISH q1 dup id=2 topic=a payload=2 alias=1"});
    writer.receive(publish("a", "3").qos1());
    reader.expect_sent("PUBLISH q1 id=3 topic= payload=3 alias=1");
}

BOOST_AUTO_TEST_CASE(messages_that_wait_get_their_alias_when_they_are_sent,
                     *label("MQTT5-3.1.2-26")) {
    World world{Limits{.outbound_buffer_bytes_max = 1}};
    auto reader = reader_of_all(world, connect("reader").topic_alias_maximum(5));
    auto writer = world.connected(connect("writer"));
    reader.block_socket();
    for (const char* topic : {"a", "b", "a"}) writer.receive(publish(topic));
    reader.unblock_socket().expect_sent({"PUBLISH q0 topic=a payload= alias=1",
                                         "PUBLISH q0 topic=b payload= alias=2",
                                         "PUBLISH q0 topic= payload= alias=1"});
}

BOOST_AUTO_TEST_CASE(packet_too_large_leaves_no_alias_behind, *label("MQTT5-3.1.2-25")) {
    World world;
    auto reader =
        reader_of_all(world, connect("reader").topic_alias_maximum(5).maximum_packet_size(40));
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("a", std::string(100, 'x')), publish("b"), publish("a"));
    reader.expect_sent(
        {"PUBLISH q0 topic=b payload= alias=1", "PUBLISH q0 topic=a payload= alias=2"});
}

BOOST_AUTO_TEST_CASE(packet_that_fits_without_an_alias_is_sent_without,
                     *label("MQTT5-3.1.2-24") * label("MQTT5-3.1.2-25")) {
    World world;
    auto reader =
        reader_of_all(world, connect("reader").topic_alias_maximum(5).maximum_packet_size(40));
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("a", std::string(34, 'x')));  // 40 bytes; an alias takes three more
    reader.expect_sent("PUBLISH q0 topic=a payload=" + std::string(34, 'x'));
    writer.receive(publish("a", std::string(31, 'x')));
    reader.expect_sent("PUBLISH q0 topic=a payload=" + std::string(31, 'x') + " alias=1");
    BOOST_TEST(world.dropped() == 0U);
}

BOOST_AUTO_TEST_CASE(packet_that_fits_only_with_its_alias_is_sent,
                     *label("MQTT5-3.1.2-24") * label("MQTT5-3.1.2-25")) {
    World world;
    const std::string topic(20, 't');
    auto reader =
        reader_of_all(world, connect("reader").topic_alias_maximum(5).maximum_packet_size(40));
    auto writer = world.connected(connect("writer"));
    writer.receive(publish(topic, "x"), publish(topic, std::string(30, 'x')));
    reader.expect_sent({"PUBLISH q0 topic=" + topic + " payload=x alias=1",
                        "PUBLISH q0 topic= payload=" + std::string(30, 'x') + " alias=1"});
}

BOOST_AUTO_TEST_SUITE_END()
