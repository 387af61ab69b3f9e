// Receive Maximum in both directions, and what it does not hold back.

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

/// A reader of "t" with that Receive Maximum, and a writer.
struct Exchange {
    explicit Exchange(std::uint16_t receive_maximum, const Limits& limits = {})
        : world(limits),
          reader(world.connected(staying("reader").receive_maximum(receive_maximum))),
          writer(world.connected(connect("writer"))) {
        reader.receive(subscribe("t", 2)).take_sent();
    }
    void publish_qos_0(std::string payload) { writer.receive(publish("t", payload)); }
    void publish_qos_1(std::string payload) { writer.receive(publish("t", payload).qos1()); }
    void publish_qos_2(std::string payload) {
        writer.receive(publish("t", payload).qos2(), pubrel(1));
    }

    World world;
    ConnectionScript reader;
    ConnectionScript writer;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(flow_control)

// --- Towards the client

BOOST_AUTO_TEST_CASE(no_more_than_receive_maximum_is_unacknowledged,
                     *label("MQTT5-3.3.4-9") * label("MQTT5-4.9.0-1") * label("MQTT5-4.9.0-2")) {
    Exchange exchange{2};
    for (const char* payload : {"a", "b", "c", "d"}) exchange.publish_qos_1(payload);
    exchange.reader.expect_sent(
        {"PUBLISH q1 id=1 topic=t payload=a", "PUBLISH q1 id=2 topic=t payload=b"});
    exchange.reader.receive(puback(2)).expect_sent("PUBLISH q1 id=3 topic=t payload=c");
    exchange.reader.receive(puback(2)).expect_nothing_sent();
    exchange.reader.receive(puback(1), puback(3)).expect_sent("PUBLISH q1 id=4 topic=t payload=d");
}

BOOST_AUTO_TEST_CASE(qos_2_holds_its_quota_until_pubcomp, *label("MQTT5-4.9.0-2")) {
    Exchange exchange{1};
    exchange.publish_qos_2("a");
    exchange.publish_qos_1("b");
    exchange.reader.expect_sent("PUBLISH q2 id=1 topic=t payload=a");
    exchange.reader.receive(pubrec(1)).expect_sent("PUBREL id=1");
    exchange.reader.receive(pubcomp(1)).expect_sent("PUBLISH q1 id=2 topic=t payload=b");
}

BOOST_AUTO_TEST_CASE(refusal_by_the_client_gives_quota_back, *label("MQTT5-4.9.0-2")) {
    Exchange exchange{1};
    exchange.publish_qos_2("a");
    exchange.publish_qos_1("b");
    exchange.publish_qos_1("c");
    exchange.reader.take_sent();
    exchange.reader.receive(pubrec(1, ReasonCode::quota_exceeded))
        .expect_sent("PUBLISH q1 id=2 topic=t payload=b");
    exchange.reader.receive(puback(2, ReasonCode::quota_exceeded))
        .expect_sent("PUBLISH q1 id=3 topic=t payload=c");
}

BOOST_AUTO_TEST_CASE(quota_never_exceeds_the_receive_maximum, *label("MQTT5-4.9.0-1")) {
    Exchange exchange{1};
    exchange.publish_qos_2("a");
    exchange.reader.receive(pubrec(1), pubcomp(1), pubcomp(1), puback(1), puback(7)).take_sent();
    exchange.publish_qos_1("b");
    exchange.publish_qos_1("c");
    exchange.reader.expect_sent("PUBLISH q1 id=2 topic=t payload=b");
}

BOOST_AUTO_TEST_CASE(without_receive_maximum_the_limit_of_the_server_holds,
                     *label("MQTT5-4.9.0-1")) {
    for (const auto version : {v3_1_1, v5}) {
        World world{Limits{.outbound_inflight_max = 3}};
        auto reader = world.connected(connect("reader"), version);
        reader.receive(subscribe("t", 1)).take_sent();
        auto writer = world.connected(connect("writer"));
        for (int i = 0; i < 5; ++i) writer.receive(publish("t").qos1());
        BOOST_TEST(reader.take_sent().size() == 3U);
        reader.receive(puback(1), puback(2));
        BOOST_TEST(reader.take_sent().size() == 2U);
    }
}

BOOST_AUTO_TEST_CASE(other_packets_are_processed_and_answered_without_quota,
                     *label("MQTT5-3.3.4-10") * label("MQTT5-4.9.0-3")) {
    Exchange exchange{1};
    exchange.publish_qos_1("a");
    exchange.publish_qos_1("b");
    exchange.reader.expect_sent("PUBLISH q1 id=1 topic=t payload=a");
    exchange.reader
        .receive(pingreq(), subscribe("other", 0).id(2), unsubscribe("other").id(3),
                 publish("u", "x").qos1(4), publish("u", "x").qos2(5), pubrel(5))
        .expect_sent({"PINGRESP", "SUBACK id=2 [0]", "UNSUBACK id=3 [success]",
                      "PUBACK id=4 no_matching_subscribers", "PUBREC id=5 no_matching_subscribers",
                      "PUBCOMP id=5"});
    exchange.reader.receive(puback(1)).expect_sent("PUBLISH q1 id=2 topic=t payload=b");
}

BOOST_AUTO_TEST_CASE(qos_0_needs_no_quota_but_keeps_its_place, *label("MQTT5-4.9.0-2")) {
    Exchange exchange{1};
    exchange.publish_qos_1("a");
    exchange.publish_qos_0("b");
    exchange.reader.expect_sent(
        {"PUBLISH q1 id=1 topic=t payload=a", "PUBLISH q0 topic=t payload=b"});
    exchange.publish_qos_1("c");
    exchange.publish_qos_0("d");
    exchange.reader.expect_nothing_sent();
    exchange.reader.receive(puback(1)).expect_sent(
        {"PUBLISH q1 id=2 topic=t payload=c", "PUBLISH q0 topic=t payload=d"});
}

// --- From the client

BOOST_AUTO_TEST_CASE(client_may_use_the_whole_receive_maximum, *label("MQTT5-3.3.4-7")) {
    World world{Limits{.receive_maximum = 2}};
    auto client = world.connected(connect("c"));
    client.receive(publish("t").qos2(1), publish("t").qos2(2)).take_sent();
    client.receive(publish("t").qos2(1).dup(), publish("t").qos2(2).dup())
        .expect_sent({"PUBREC id=1", "PUBREC id=2"});
    client.receive(pubrel(1), publish("t").qos2(3)).take_sent();
    client.receive(pubrel(2), publish("t").qos1(4)).take_sent();
    client.receive(publish("t")).expect_open();
}

BOOST_AUTO_TEST_CASE(client_above_the_receive_maximum_is_disconnected_with_93,
                     *label("MQTT5-3.3.4-7") * label("MQTT5-4.13.1-1")) {
    for (const int qos : {1, 2}) {
        World world{Limits{.receive_maximum = 2}};
        auto reader = world.connected(connect("reader"));
        reader.receive(subscribe("t", 0)).take_sent();
        auto client = world.connected(connect("c"));
        client.receive(publish("t", "1").qos2(1), publish("t", "2").qos2(2)).take_sent();
        reader.take_sent();
        client.receive(qos == 1 ? publish("t", "3").qos1(3) : publish("t", "3").qos2(3))
            .expect_sent("DISCONNECT receive_maximum_exceeded")
            .expect_closed(CloseReason::receive_maximum_exceeded);
        reader.expect_nothing_sent();
    }
}

BOOST_AUTO_TEST_CASE(publication_above_the_receive_maximum_is_not_taken_for_known_later,
                     *label("MQTT5-4.3.3-8") * label("MQTT5-4.3.3-10")) {
    World world{Limits{.receive_maximum = 1}};
    auto reader = world.connected(connect("reader"));
    reader.receive(subscribe("t", 0)).take_sent();
    auto before = world.connected(staying("c"));
    before.receive(publish("t", "1").qos2(1), publish("t", "2").qos2(2));
    before.expect_closed(CloseReason::receive_maximum_exceeded);
    auto client = world.connected(staying("c"));
    client.receive(publish("t", "1").qos2(1).dup(), pubrel(1), publish("t", "2").qos2(2).dup())
        .expect_sent({"PUBREC id=1", "PUBCOMP id=1", "PUBREC id=2"});
    reader.expect_sent({"PUBLISH q0 topic=t payload=1", "PUBLISH q0 topic=t payload=2"});
}

BOOST_AUTO_TEST_CASE(inbound_quota_is_fresh_with_each_connection, *label("MQTT5-3.3.4-7")) {
    World world{Limits{.receive_maximum = 1}};
    world.connected(staying("c")).receive(publish("t").qos2(1)).lose_connection();
    auto client = world.connected(staying("c"));
    client.receive(publish("t").qos2(2)).expect_sent("PUBREC id=2 no_matching_subscribers");
    // The one from before counts from when it comes again.
    client.receive(pubrel(2), publish("t").qos2(1).dup())
        .expect_sent({"PUBCOMP id=2", "PUBREC id=1"});
    client.receive(publish("t").qos2(3)).expect_sent("DISCONNECT receive_maximum_exceeded");
}

BOOST_AUTO_TEST_CASE(refused_publication_does_not_use_up_quota, *label("MQTT5-3.3.4-7")) {
    World world{Limits{.receive_maximum = 1}};
    auto client = world.connected(connect("c"));
    for (PacketId id = 1; id <= 3; ++id) {
        client.receive(publish("$SYS/x").qos2(id)).expect_open();
    }
    client.take_sent();
    client.receive(publish("t").qos2(9)).expect_open();
}

BOOST_AUTO_TEST_CASE(clients_before_v5_know_no_receive_maximum) {
    World world{Limits{.receive_maximum = 1}};
    auto client = world.connected(connect("c"), v3_1_1);
    client.receive(publish("t").qos2(1), publish("t").qos2(2), publish("t").qos1(3))
        .expect_sent({"PUBREC id=1", "PUBREC id=2", "PUBACK id=3"})
        .expect_open();
}

BOOST_AUTO_TEST_SUITE_END()
