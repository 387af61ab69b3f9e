// Messages to clients and the clients' answers: PUBACK, PUBREC, PUBCOMP, and ours to PUBREC.

#include "support/connection_script.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;
using codec::ProtocolVersion;

namespace {

ConnectPacket staying() { return connect("reader").clean_start(false).session_expiry(1'000); }

struct Exchange {
    explicit Exchange(ProtocolVersion the_version = v5, const Limits& limits = {})
        : version(the_version),
          world(limits),
          reader(world.connected(staying(), version)),
          writer(world.connected(connect("writer"))) {
        reader.receive(subscribe("t", 2)).take_sent();
    }
    void publish_qos_1(std::string payload) { writer.receive(publish("t", payload).qos1()); }
    void publish_qos_2(std::string payload) {
        writer.receive(publish("t", payload).qos2(), pubrel(1));
    }
    /// A new connection to the same session gets CONNACK and this.
    void expect_after_reconnect(std::initializer_list<std::string_view> packets,
                                const ConnectionScript::Place& place = BOOST_CURRENT_LOCATION) {
        reader.lose_connection();
        reader = world.client("reader", version);
        reader.receive(staying());
        BOOST_REQUIRE(!reader.connection().sent.empty());
        // MQTT 3.1 has no Session Present.
        const std::string_view resumed =
            version == v3_1 ? "CONNACK success" : "CONNACK session_present success";
        BOOST_TEST(reader.connection().sent.front().text == resumed);
        reader.connection().sent.erase(reader.connection().sent.begin());
        reader.expect_sent(packets, place);
    }

    ProtocolVersion version;
    World world;
    ConnectionScript reader;
    ConnectionScript writer;
};

std::size_t in_flight(World& world) { return world.totals().inflight_messages; }

}  // namespace

BOOST_AUTO_TEST_SUITE(acknowledge)

BOOST_AUTO_TEST_CASE(each_message_has_an_unused_identifier_its_qos_and_dup_0,
                     *label("MQTT5-2.2.1-4") * label("MQTT3-2.3.1-1") * label("MQTT5-4.3.2-1") *
                         label("MQTT5-4.3.2-2") * label("MQTT3-4.3.2-1") * label("MQTT5-4.3.3-1") *
                         label("MQTT5-4.3.3-2") * label("MQTT3-4.3.3-1")) {
    for (const ProtocolVersion version : {v3_1, v3_1_1, v5}) {
        Exchange exchange{version};
        exchange.publish_qos_1("a");
        exchange.publish_qos_2("b");
        exchange.publish_qos_1("c");
        exchange.reader.expect_sent({"PUBLISH q1 id=1 topic=t payload=a",
                                     "PUBLISH q2 id=2 topic=t payload=b",
                                     "PUBLISH q1 id=3 topic=t payload=c"});
    }
}

BOOST_AUTO_TEST_CASE(identifier_in_use_is_passed_over_until_it_is_acknowledged,
                     *label("MQTT5-2.2.1-4") * label("MQTT3-2.3.1-4")) {
    // Identifiers go round; the one that is never acknowledged stays away.
    Exchange exchange{v5, Limits{.outbound_buffer_bytes_max = unlimited}};
    exchange.reader.block_socket();
    exchange.publish_qos_1("held");
    const MessageParts parts{
        .topic = "t", .payload = {}, .properties = {}, .qos = QoS::at_least_once};
    const auto session = exchange.world.find("reader");
    const auto puback = [&](PacketId id) {
        return session->on_puback(exchange.reader.connection(), id, ReasonCode::success,
                                  exchange.world.enter(ShardIndex{0}));
    };
    // Which free one comes next is the server's choice: it is found by acknowledging.
    PacketId last = 1;
    bool has_wrapped = false;
    for (int i = 0; i < 66'000; ++i) {
        exchange.world.router().publish(parts, exchange.world.enter(ShardIndex{0}));
        PacketId used = last;
        int tries = 0;
        do {
            ++used;
            if (used < 2) used = 2;
            BOOST_REQUIRE(++tries < 65'536);
        } while (!puback(used));
        if (i % 1'000 == 0) {
            exchange.world.finish_turn();
            exchange.reader.take_sent();
        }
        has_wrapped |= used < last;
        last = used;
    }
    exchange.world.finish_turn();
    BOOST_TEST(has_wrapped);
    BOOST_TEST(in_flight(exchange.world) == 1U);
    BOOST_TEST(puback(1));
}

BOOST_AUTO_TEST_CASE(puback_settles_a_qos_1_message,
                     *label("MQTT5-4.3.2-3") * label("MQTT3-4.3.2-1")) {
    for (const ProtocolVersion version : {v3_1_1, v5}) {
        Exchange exchange{version};
        exchange.publish_qos_1("a");
        BOOST_TEST(in_flight(exchange.world) == 1U);
        BOOST_TEST(exchange.world.count(Counter::messages_delivered) == 0U);
        exchange.reader.take_sent();
        exchange.reader.receive(puback(1)).expect_nothing_sent();
        BOOST_TEST(in_flight(exchange.world) == 0U);
        BOOST_TEST(exchange.world.count(Counter::messages_delivered) == 1U);
        exchange.expect_after_reconnect({});
    }
}

BOOST_AUTO_TEST_CASE(messages_are_acknowledged_in_any_order) {
    Exchange exchange;
    for (const char* payload : {"a", "b", "c"}) exchange.publish_qos_1(payload);
    exchange.reader.receive(puback(3), puback(1));
    exchange.expect_after_reconnect({"PUBLISH q1 dup id=2 topic=t payload=b"});
}

BOOST_AUTO_TEST_CASE(puback_with_an_error_settles_the_message_as_refused, *label("MQTT5-4.4.0-2")) {
    Exchange exchange;
    exchange.publish_qos_1("a");
    exchange.reader.take_sent();
    exchange.reader.receive(puback(1, ReasonCode::quota_exceeded)).expect_nothing_sent();
    BOOST_TEST(exchange.world.count(DropReason::refused_by_client) == 1U);
    BOOST_TEST(exchange.world.events.last("message_dropped").reason == "refused_by_client");
    BOOST_TEST(in_flight(exchange.world) == 0U);
    exchange.expect_after_reconnect({});
}

BOOST_AUTO_TEST_CASE(puback_below_80_is_success) {
    Exchange exchange;
    exchange.publish_qos_1("a");
    exchange.reader.receive(puback(1, ReasonCode::no_matching_subscribers));
    BOOST_TEST(exchange.world.count(Counter::messages_delivered) == 1U);
    BOOST_TEST(exchange.world.dropped() == 0U);
}

BOOST_AUTO_TEST_CASE(answers_to_unknown_identifiers_change_nothing) {
    Exchange exchange;
    exchange.publish_qos_1("a");
    exchange.publish_qos_2("b");
    exchange.reader.take_sent();
    exchange.reader.receive(puback(9), puback(2), pubcomp(9), pubcomp(1), pubcomp(2))
        .expect_nothing_sent()
        .expect_open();
    BOOST_TEST(in_flight(exchange.world) == 2U);
}

BOOST_AUTO_TEST_CASE(qos_2_message_goes_through_its_four_steps,
                     *label("MQTT5-4.3.3-3") * label("MQTT5-4.3.3-4") * label("MQTT5-4.3.3-5") *
                         label("MQTT3-4.3.3-1") * label("MQTT5-2.2.1-5") * label("MQTT3-2.3.1-6")) {
    for (const ProtocolVersion version : {v3_1, v3_1_1, v5}) {
        Exchange exchange{version};
        exchange.publish_qos_2("a");
        exchange.reader.expect_sent("PUBLISH q2 id=1 topic=t payload=a");
        exchange.reader.receive(pubrec(1)).expect_sent("PUBREL id=1");
        exchange.reader.receive(pubcomp(1)).expect_nothing_sent();
        BOOST_TEST(exchange.world.count(Counter::messages_delivered) == 1U);
        exchange.expect_after_reconnect({});
    }
}

BOOST_AUTO_TEST_CASE(qos_2_publish_is_held_until_pubrec_and_pubrel_until_pubcomp,
                     *label("MQTT5-4.3.3-3") * label("MQTT5-4.3.3-5") * label("MQTT5-4.3.3-6") *
                         label("MQTT3-4.3.3-1")) {
    for (const ProtocolVersion version : {v3_1_1, v5}) {
        Exchange exchange{version};
        exchange.publish_qos_2("a");
        exchange.reader.take_sent();
        exchange.expect_after_reconnect({"PUBLISH q2 dup id=1 topic=t payload=a"});
        exchange.reader.receive(pubrec(1)).expect_sent("PUBREL id=1");
        exchange.expect_after_reconnect({"PUBREL id=1"});
    }
}

BOOST_AUTO_TEST_CASE(pubrec_again_is_answered_with_pubrel_again,
                     *label("MQTT5-4.3.3-4") * label("MQTT5-4.3.3-6")) {
    Exchange exchange;
    exchange.publish_qos_2("a");
    exchange.reader.take_sent();
    exchange.reader.receive(pubrec(1), pubrec(1)).expect_sent({"PUBREL id=1", "PUBREL id=1"});
    exchange.reader.receive(pubcomp(1), pubcomp(1)).expect_nothing_sent();
    BOOST_TEST(exchange.world.count(Counter::messages_delivered) == 1U);
}

BOOST_AUTO_TEST_CASE(pubrec_with_an_error_settles_the_message_without_pubrel,
                     *label("MQTT5-4.4.0-2") * label("MQTT5-4.3.3-4")) {
    Exchange exchange;
    exchange.publish_qos_2("a");
    exchange.reader.take_sent();
    exchange.reader.receive(pubrec(1, ReasonCode::unspecified_error)).expect_nothing_sent();
    BOOST_TEST(exchange.world.count(DropReason::refused_by_client) == 1U);
    exchange.expect_after_reconnect({});
}

BOOST_AUTO_TEST_CASE(pubrec_of_an_unknown_identifier_is_told_so, *label("MQTT5-3.6.2-1")) {
    Exchange exchange;
    exchange.publish_qos_1("a");
    exchange.reader.take_sent();
    exchange.reader.receive(pubrec(1), pubrec(9))
        .expect_sent(
            {"PUBREL id=1 packet_identifier_not_found", "PUBREL id=9 packet_identifier_not_found"});
    exchange.reader.receive(pubrec(9, ReasonCode::packet_identifier_in_use)).expect_nothing_sent();
    exchange.reader.receive(pubcomp(9, ReasonCode::packet_identifier_not_found)).expect_open();

    Exchange older{v3_1_1};
    older.reader.receive(pubrec(9)).expect_sent("PUBREL id=9").expect_open();
}

BOOST_AUTO_TEST_CASE(pubrels_are_sent_in_the_order_of_the_pubrecs,
                     *label("MQTT5-4.6.0-4") * label("MQTT3-4.6.0-4")) {
    for (const ProtocolVersion version : {v3_1_1, v5}) {
        Exchange exchange{version};
        for (const char* payload : {"a", "b", "c"}) exchange.publish_qos_2(payload);
        exchange.reader.take_sent();
        exchange.reader.receive(pubrec(2), pubrec(3), pubrec(1))
            .expect_sent({"PUBREL id=2", "PUBREL id=3", "PUBREL id=1"});
    }
}

BOOST_AUTO_TEST_CASE(qos_0_counts_as_delivered_when_the_socket_has_taken_it) {
    Exchange exchange;
    exchange.reader.block_socket();
    exchange.writer.receive(publish("t", "a"), publish("t", "b"));
    BOOST_TEST(exchange.world.count(Counter::messages_delivered) == 0U);
    exchange.reader.unblock_socket().expect_sent(
        {"PUBLISH q0 topic=t payload=a", "PUBLISH q0 topic=t payload=b"});
    BOOST_TEST(exchange.world.count(Counter::messages_delivered) == 2U);
}

BOOST_AUTO_TEST_CASE(qos_0_not_taken_by_the_socket_is_lost_with_the_connection) {
    Exchange exchange;
    exchange.reader.block_socket();
    exchange.writer.receive(publish("t", "a"), publish("t", "b"));
    exchange.reader.lose_connection();
    BOOST_TEST(exchange.world.count(DropReason::connection_lost) == 2U);
    exchange.expect_after_reconnect({});
}

BOOST_AUTO_TEST_CASE(malformed_answers_close_the_connection,
                     *label("MQTT5-3.6.1-1") * label("MQTT3-3.6.1-1") * label("MQTT5-3.4.2-1") *
                         label("MQTT5-3.5.2-1") * label("MQTT5-3.6.2-1") * label("MQTT5-3.7.2-1") *
                         label("MQTT5-2.1.3-1") * label("MQTT3-2.2.2-1") * label("MQTT3-2.2.2-2")) {
    const std::pair<std::string_view, std::string_view> cases[]{
        {"40 [ 0001 92 ]", "DISCONNECT protocol_error"},  // no code of PUBACK
        {"50 [ 0001 92 ]", "DISCONNECT protocol_error"},  // no code of PUBREC
        {"62 [ 0001 10 ]", "DISCONNECT protocol_error"},  // no code of PUBREL
        {"70 [ 0001 80 ]", "DISCONNECT protocol_error"},  // no code of PUBCOMP
        {"60 [ 0001 ]", "DISCONNECT malformed_packet"},   // flags of PUBREL
        {"42 [ 0001 ]", "DISCONNECT malformed_packet"},   // flags of PUBACK
        {"40 [ 00 ]", "DISCONNECT malformed_packet"},     // no identifier
    };
    for (const auto& [bytes, answer] : cases) {
        Exchange exchange;
        exchange.reader.receive(bytes).expect_sent(answer);
        BOOST_TEST(!exchange.reader.is_open());
    }
    Exchange older{v3_1_1};
    older.reader.receive("60 [ 0001 ]").expect_nothing_sent();
    older.reader.expect_closed(CloseReason::malformed_packet);
}

BOOST_AUTO_TEST_SUITE_END()
