// DISCONNECT of both sides, and the shutdown of the server. MQTT 5 sections 3.14, 4.13.

#include "support/connection_script.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;

namespace {

/// A client with a will, and one that sees every message.
struct Pair {
    explicit Pair(codec::ProtocolVersion version = v5, std::uint32_t session_expiry = 60)
        : watcher(world.connected(connect("watcher"))),
          client(world.connected(
              connect("client").session_expiry(session_expiry).will("will", "gone"), version)) {
        watcher.receive(subscribe("#", 0)).take_sent();
    }
    World world;
    ConnectionScript watcher;
    ConnectionScript client;
};

constexpr std::string_view will_text = "PUBLISH q0 topic=will payload=gone";

}  // namespace

BOOST_AUTO_TEST_SUITE(connection_disconnect)

// --- The client's

BOOST_AUTO_TEST_CASE(normal_disconnect_closes_at_once_and_discards_the_will,
                     *label("MQTT5-3.14.4-3") * label("MQTT3-3.14.4-3") * label("MQTT5-3.1.2-10") *
                         label("MQTT3-3.1.2-10")) {
    for (const auto version : {v3_1, v3_1_1, v5}) {
        Pair pair{version};
        pair.client.receive(disconnect());
        pair.client.expect_nothing_sent().expect_closed(CloseReason::client_disconnected);
        pair.world.advance(Seconds{100});
        pair.watcher.expect_nothing_sent();
        BOOST_TEST(pair.world.count(Counter::wills_published) == 0U);
    }
}

BOOST_AUTO_TEST_CASE(disconnect_without_a_body_is_a_normal_one, *label("MQTT5-3.14.4-3")) {
    Pair pair;
    pair.client.receive("E0 00").expect_closed(CloseReason::client_disconnected);
    pair.watcher.expect_nothing_sent();
}

BOOST_AUTO_TEST_CASE(disconnect_with_any_other_reason_keeps_the_will,
                     *label("MQTT5-3.1.2-8") * label("MQTT5-3.14.2-1")) {
    for (const auto reason :
         {ReasonCode::disconnect_with_will_message, ReasonCode::unspecified_error,
          ReasonCode::malformed_packet, ReasonCode::protocol_error,
          ReasonCode::implementation_specific_error, ReasonCode::topic_name_invalid,
          ReasonCode::receive_maximum_exceeded, ReasonCode::topic_alias_invalid,
          ReasonCode::packet_too_large, ReasonCode::message_rate_too_high,
          ReasonCode::quota_exceeded, ReasonCode::administrative_action,
          ReasonCode::payload_format_invalid}) {
        BOOST_TEST_CONTEXT(to_string(reason)) {
            Pair pair;
            pair.client.receive(disconnect(reason));
            pair.client.expect_nothing_sent().expect_closed(CloseReason::client_disconnected);
            pair.watcher.expect_sent(will_text);
            BOOST_TEST(pair.world.events.last("connection_closed").detail == to_string(reason));
        }
    }
}

BOOST_AUTO_TEST_CASE(disconnect_with_a_reason_of_another_packet_is_a_protocol_error,
                     *label("MQTT5-3.14.2-1")) {
    for (const std::string_view bytes : {"E0 [ 01 ]", "E0 [ 10 ]", "E0 [ 84 ]", "E0 [ 7F ]"}) {
        Pair pair;
        pair.client.receive(bytes).expect_sent("DISCONNECT protocol_error");
        pair.client.expect_closed(CloseReason::protocol_error);
        pair.watcher.expect_sent(will_text);
    }
}

BOOST_AUTO_TEST_CASE(nothing_behind_disconnect_is_processed, *label("MQTT5-3.14.4-1")) {
    for (const auto version : {v3_1_1, v5}) {
        Pair pair{version};
        pair.client.receive(disconnect(), publish("late", "x"), pingreq(), disconnect(),
                            "00 00 FF");
        pair.client.expect_nothing_sent().expect_closed(CloseReason::client_disconnected);
        pair.client.receive(publish("later", "x")).expect_nothing_sent();
        pair.watcher.expect_nothing_sent();
        BOOST_TEST(pair.world.count(Counter::connections_closed) == 1U);
    }
}

BOOST_AUTO_TEST_CASE(messages_before_disconnect_are_processed) {
    Pair pair;
    pair.client.receive(publish("last", "words"), disconnect());
    pair.watcher.expect_sent("PUBLISH q0 topic=last payload=words");
}

BOOST_AUTO_TEST_CASE(disconnect_with_reserved_flags_is_malformed,
                     *label("MQTT5-3.14.1-1") * label("MQTT3-3.14.1-1") * label("MQTT3-2.2.2-2")) {
    Pair modern;
    modern.client.receive("E1 00").expect_sent("DISCONNECT malformed_packet");
    modern.client.expect_closed(CloseReason::malformed_packet);
    modern.watcher.expect_sent(will_text);
    BOOST_TEST(modern.world.events.last("connection_closed").clause == "MQTT5-3.14.1-1");
    Pair older{v3_1_1};
    older.client.receive("E8 00").expect_nothing_sent();
    older.client.expect_closed(CloseReason::malformed_packet);
    older.watcher.expect_sent(will_text);
    BOOST_TEST(older.world.events.last("connection_closed").clause == "MQTT3-3.14.1-1");
}

BOOST_AUTO_TEST_CASE(disconnect_of_3_1_1_with_a_body_is_malformed, *label("MQTT3-4.8.0-1")) {
    Pair pair{v3_1_1};
    pair.client.receive("E0 [ 00 ]").expect_closed(CloseReason::malformed_packet);
    pair.watcher.expect_sent(will_text);
}

// --- Session Expiry Interval in DISCONNECT

BOOST_AUTO_TEST_CASE(disconnect_can_lengthen_and_shorten_the_life_of_the_session) {
    for (const std::uint32_t changed : {10U, 600U}) {
        Pair pair;
        pair.client.receive(disconnect().session_expiry(changed));
        pair.client.expect_closed(CloseReason::client_disconnected);
        pair.world.advance(Seconds{changed} - Milliseconds{1});
        BOOST_TEST((pair.world.find("client") != nullptr));
        pair.world.advance(Milliseconds{1});
        BOOST_TEST((pair.world.find("client") == nullptr));
    }
}

BOOST_AUTO_TEST_CASE(disconnect_can_end_the_session_at_once) {
    Pair pair;
    pair.client.receive(disconnect().session_expiry(0));
    BOOST_TEST((pair.world.find("client") == nullptr));
    BOOST_TEST(pair.world.count(Counter::sessions_ended) == 1U);
}

BOOST_AUTO_TEST_CASE(disconnect_that_keeps_the_will_and_ends_the_session_sends_the_will_now) {
    World world;
    auto watcher = world.connected(connect("watcher"));
    watcher.receive(subscribe("#", 0)).take_sent();
    auto client =
        world.connected(connect("client").session_expiry(60).will("will", "gone").will_delay(30));
    client.receive(disconnect(ReasonCode::disconnect_with_will_message).session_expiry(0));
    watcher.expect_sent(will_text);
}

BOOST_AUTO_TEST_CASE(disconnect_cannot_lengthen_beyond_the_maximum) {
    World world{{.session_expiry_max = Seconds{100}}};
    auto client = world.connected(connect("client").session_expiry(50));
    client.receive(disconnect().session_expiry(0xFFFFFFFF));
    world.advance(Seconds{99});
    BOOST_TEST((world.find("client") != nullptr));
    world.advance(Seconds{1});
    BOOST_TEST((world.find("client") == nullptr));
}

BOOST_AUTO_TEST_CASE(disconnect_cannot_revive_a_session_that_ends_with_its_connection) {
    Pair pair{v5, 0};
    pair.client.receive(disconnect().session_expiry(10)).expect_sent("DISCONNECT protocol_error");
    pair.client.expect_closed(CloseReason::protocol_error);
    pair.watcher.expect_sent(will_text);
    BOOST_TEST((pair.world.find("client") == nullptr));
    Pair same{v5, 0};
    same.client.receive(disconnect().session_expiry(0)).expect_nothing_sent();
    same.client.expect_closed(CloseReason::client_disconnected);
    same.watcher.expect_nothing_sent();
}

// --- The server's

BOOST_AUTO_TEST_CASE(disconnect_of_the_server_is_its_last_packet_and_has_no_session_expiry,
                     *label("MQTT5-3.14.2-2") * label("MQTT5-3.14.4-1") * label("MQTT5-3.14.4-2") *
                         label("MQTT5-4.13.2-1") * label("MQTT5-4.13.1-1")) {
    Pair pair;
    pair.client.receive(subscribe("#", 0)).take_sent();
    // One turn: what is published to the client after the fault comes too late.
    pair.world.hold();
    pair.client.receive("F1 00");
    pair.watcher.receive(publish("a", "x"));
    pair.client.receive(pingreq());
    pair.world.release();
    BOOST_TEST(pair.client.take_sent_in_full() ==
                   std::vector<std::string>{"DISCONNECT protocol_error reason_string='AUTH without "
                                            "an authentication method in CONNECT'"},
               boost::test_tools::per_element());
    pair.client.expect_closed(CloseReason::protocol_error);
}

BOOST_AUTO_TEST_CASE(before_connack_the_server_sends_no_disconnect, *label("MQTT5-3.14.0-1")) {
    World world;
    auto silent = world.client("silent");
    auto refused = world.client("refused");
    refused.receive(connect("a").authentication("X"));
    refused.expect_sent("CONNACK bad_authentication_method");
    world.shut_down();
    silent.expect_nothing_sent().expect_closed(CloseReason::server_shutting_down);
    refused.expect_nothing_sent();
}

BOOST_AUTO_TEST_CASE(shutdown_tells_5_0_clients_and_closes_all) {
    World world{{}, 2};
    auto modern = world.connected(connect("a"), v5, 0);
    auto elsewhere = world.connected(connect("b"), v5, 1);
    auto older = world.connected(connect("c"), v3_1_1, 1);
    world.shut_down();
    modern.expect_sent("DISCONNECT server_shutting_down")
        .expect_closed(CloseReason::server_shutting_down);
    elsewhere.expect_sent("DISCONNECT server_shutting_down")
        .expect_closed(CloseReason::server_shutting_down);
    older.expect_nothing_sent().expect_closed(CloseReason::server_shutting_down);
    BOOST_TEST(world.count(Counter::connections_closed) == 3U);
    BOOST_TEST(world.count(CloseReason::server_shutting_down) == 3U);
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_read_its_disconnect_is_closed_all_the_same,
                     *label("MQTT5-3.14.4-2")) {
    World world;
    auto client = world.connected(connect("a"));
    client.block_socket();
    world.shut_down();
    client.expect_open();
    world.advance(Seconds{2});
    client.expect_nothing_sent().expect_closed(CloseReason::server_shutting_down);
}

BOOST_AUTO_TEST_CASE(the_end_of_a_connection_is_told_once_with_its_cause) {
    World world;
    auto client = world.connected(connect("pump-7"));
    client.receive("00 00");
    BOOST_TEST(!client.is_open());
    client.lose_connection();
    const auto closes =
        std::ranges::count(world.events.events, "connection_closed", &RecordedEvent::name);
    BOOST_TEST(closes == 1);
    const RecordedEvent event = world.events.last("connection_closed");
    BOOST_TEST(event.client_id == "pump-7");
    BOOST_TEST(event.reason == "malformed_packet");
    BOOST_TEST(!event.detail.empty());
    BOOST_TEST((event.severity == Severity::warning));
    BOOST_TEST(world.count(CloseReason::malformed_packet) == 1U);
    BOOST_TEST(world.count(CloseReason::connection_lost) == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
