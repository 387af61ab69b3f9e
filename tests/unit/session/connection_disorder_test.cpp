// Clients that do what they must not, or nothing, or everything byte by byte; and the limits before a
// client has proved anything. MQTT 5 sections 2.1, 3.1.0, 3.1.4, 4.13.

#include "support/connection_script.hpp"
#include "support/wire.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;

namespace {

/// An exchange with something of everything, as one piece of input.
std::vector<Byte> long_exchange(codec::ProtocolVersion version) {
    ByteBuffer bytes;
    const auto add = [&](const auto&... packets) { (packets.write(bytes, version), ...); };
    add(connect("everything").keep_alive(30).user_name("u").password("p").will("w", "gone"),
        subscribe("a/#", 2).also("b", 1).id(1), publish("a/b", std::string(300, 'x')),
        publish("a/c", "one").qos1(2), publish("a/d", "two").qos2(3), pubrel(3), puback(1),
        pubrec(2), pubcomp(2), pingreq(), unsubscribe("a/#").also("c").id(4), publish("a/b", "no"),
        publish("b", "last").qos1(5), pingreq());
    return {bytes.begin(), bytes.end()};
}

std::vector<std::string> answers_to(const std::vector<Byte>& bytes, codec::ProtocolVersion version,
                                    std::size_t first_piece, std::size_t other_pieces) {
    World world;
    auto client = world.client("split", version);
    const auto middle = bytes.begin() + static_cast<std::ptrdiff_t>(first_piece);
    client.receive_in_pieces(bytes.size(), std::vector<Byte>(bytes.begin(), middle));
    client.receive_in_pieces(other_pieces, std::vector<Byte>(middle, bytes.end()));
    BOOST_TEST(client.is_open());
    BOOST_TEST(client.connection().kept_input_bytes() == 0U);
    return client.take_sent();
}

/// A PUBLISH of exactly `size` bytes.
PublishPacket publish_of(std::size_t size) {
    const std::size_t overhead = size < 130 ? 2 : 3;                 // fixed header
    return publish("t", std::string(size - overhead - 3 - 1, 'x'));  // topic, property length
}

}  // namespace

BOOST_AUTO_TEST_SUITE(connection_disorder)

// --- Input in pieces

BOOST_AUTO_TEST_CASE(input_cut_in_two_at_any_byte_means_the_same,
                     *label("MQTT5-4.2.0-1") * label("MQTT3-7.1.1-1")) {
    for (const auto version : {v3_1, v3_1_1, v5}) {
        const std::vector<Byte> bytes = long_exchange(version);
        const std::vector<std::string> whole = answers_to(bytes, version, 0, bytes.size());
        BOOST_TEST(whole.size() == 14U);
        for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
            BOOST_TEST_CONTEXT("cut at byte " << cut) {
                BOOST_TEST((answers_to(bytes, version, cut, bytes.size()) == whole));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(input_in_small_pieces_means_the_same,
                     *label("MQTT5-4.2.0-1") * label("MQTT3-7.1.1-1")) {
    for (const auto version : {v3_1, v3_1_1, v5}) {
        const std::vector<Byte> bytes = long_exchange(version);
        const std::vector<std::string> whole = answers_to(bytes, version, 0, bytes.size());
        for (std::size_t piece = 1; piece <= 9; ++piece) {
            BOOST_TEST((answers_to(bytes, version, 0, piece) == whole), "pieces of " << piece);
        }
    }
}

BOOST_AUTO_TEST_CASE(an_incomplete_packet_is_all_that_is_kept) {
    World world;
    auto client = world.connected(connect("a"));
    client.receive("C0 00 C0");
    BOOST_TEST(client.connection().kept_input_bytes() == 1U);
    client.receive("00").expect_sent({"PINGRESP", "PINGRESP"});
    BOOST_TEST(client.connection().kept_input_bytes() == 0U);
    // A promise of a megabyte costs what has come of it.
    client.receive("30 80 80 3F 00 01 'a' 00");
    BOOST_TEST(client.connection().kept_input_bytes() == 8U);
}

BOOST_AUTO_TEST_CASE(a_fault_in_the_second_piece_of_a_packet_is_seen) {
    World world;
    auto client = world.connected(connect("a"));
    client.receive("82 07 00 01 00");
    client.receive("00 01 FF 00", pingreq()).expect_sent("DISCONNECT malformed_packet");
    client.expect_closed(CloseReason::malformed_packet);
    BOOST_TEST(client.connection().kept_input_bytes() == 0U);
}

BOOST_AUTO_TEST_CASE(what_follows_a_fault_is_not_processed, *label("MQTT5-3.14.4-1")) {
    World world;
    auto watcher = world.connected(connect("watcher"));
    watcher.receive(subscribe("#")).take_sent();
    auto client = world.connected(connect("a"));
    client.receive(publish("t", "before"), "00 00", publish("t", "after"), connect("a"));
    client.expect_sent("DISCONNECT malformed_packet");
    watcher.expect_sent("PUBLISH q0 topic=t payload=before");
    BOOST_TEST(world.count(Counter::packets_received) == 5U);
}

// --- Packets that no client sends

BOOST_AUTO_TEST_CASE(packets_of_a_server_are_a_protocol_error,
                     *label("MQTT5-4.13.1-1") * label("MQTT3-4.8.0-1")) {
    for (const std::string_view packet :
         {"20 [ 00 00 00 ]", "20 [ 00 00 ]", "90 [ 0001 00 00 ]", "B0 [ 0001 00 00 ]", "D0 00"}) {
        BOOST_TEST_CONTEXT(packet) {
            World world;
            auto modern = world.connected(connect("a"));
            modern.receive(packet).expect_sent("DISCONNECT protocol_error");
            modern.expect_closed(CloseReason::protocol_error);
            auto older = world.connected(connect("b"), v3_1_1);
            older.receive(packet).expect_nothing_sent().expect_closed(CloseReason::protocol_error);
        }
    }
}

BOOST_AUTO_TEST_CASE(reserved_packet_types_are_malformed,
                     *label("MQTT5-4.13.1-1") * label("MQTT3-4.8.0-1")) {
    World world;
    auto modern = world.connected(connect("a"));
    modern.receive("00 00").expect_sent("DISCONNECT malformed_packet");
    modern.expect_closed(CloseReason::malformed_packet);
    for (const std::string_view packet : {"00 00", "F0 00", "F0 [ 18 00 ]"}) {
        auto older = world.connected(connect("b"), v3_1_1);
        older.receive(packet).expect_nothing_sent().expect_closed(CloseReason::malformed_packet);
    }
}

BOOST_AUTO_TEST_CASE(reserved_flags_of_the_fixed_header_are_malformed,
                     *label("MQTT5-2.1.3-1") * label("MQTT3-2.2.2-1") * label("MQTT3-2.2.2-2")) {
    for (const std::string_view packet :
         {"41 [ 0001 ]", "51 [ 0001 ]", "60 [ 0001 ]", "63 [ 0001 ]", "72 [ 0001 ]",
          "80 [ 0001 00 ('a') 00 ]", "A0 [ 0001 00 ('a') ]", "C1 00", "E2 00"}) {
        BOOST_TEST_CONTEXT(packet) {
            World world;
            auto modern = world.connected(connect("a"));
            modern.receive(packet).expect_sent("DISCONNECT malformed_packet");
            modern.expect_closed(CloseReason::malformed_packet);
            auto older = world.connected(connect("b"), v3_1_1);
            older.receive(packet).expect_closed(CloseReason::malformed_packet);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_remaining_length_of_five_bytes_is_malformed) {
    World world;
    auto client = world.connected(connect("a"));
    client.receive("30 FF FF FF FF 7F").expect_sent("DISCONNECT malformed_packet");
    auto stranger = world.client();
    stranger.receive("10 80 80 80 80 00").expect_nothing_sent();
    stranger.expect_closed(CloseReason::malformed_packet);
}

BOOST_AUTO_TEST_CASE(auth_is_refused_whatever_it_says, *label("MQTT5-4.12.0-7")) {
    for (const std::string_view packet : {"F0 00", "F0 [ 00 00 ]", "F0 [ 18 [ 15 ('X') ] ]",
                                          "F0 [ 19 [ 15 ('X') ] ]", "F0 [ 55 00 ]", "F1 00"}) {
        World world;
        auto client = world.connected(connect("a"));
        client.receive(packet).expect_sent("DISCONNECT protocol_error");
        client.expect_closed(CloseReason::protocol_error);
    }
}

BOOST_AUTO_TEST_CASE(re_authentication_by_a_method_that_connect_did_not_name_is_a_failure,
                     *label("MQTT5-4.12.1-1") * label("MQTT5-4.12.1-2")) {
    World world;
    auto watcher = world.connected(connect("watcher"));
    watcher.receive(subscribe("#", 0)).expect_sent("SUBACK id=1 [0]");
    auto client = world.connected(connect("a").session_expiry(60).will("gone", "a"));
    client.receive(auth(ReasonCode::re_authenticate).method("SCRAM-SHA-256"), publish("t", "late"))
        .expect_sent("DISCONNECT protocol_error")
        .expect_closed(CloseReason::protocol_error);
    // Nothing that follows is processed: it is a connection that failed, with its will and its session.
    watcher.expect_sent("PUBLISH q0 topic=gone payload=a");
    BOOST_TEST(world.totals().sessions == 2U);
}

BOOST_AUTO_TEST_CASE(a_refused_authentication_method_leaves_the_session_that_is_there_alone,
                     *label("MQTT5-4.12.0-1") * label("MQTT5-4.12.0-4")) {
    World world;
    auto client = world.connected(connect("a").session_expiry(60));
    client.receive(subscribe("t", 1)).expect_sent("SUBACK id=1 [1]");
    auto stranger = world.client("stranger");
    stranger.receive(connect("a").clean_start(true).authentication("SCRAM-SHA-256"))
        .expect_sent("CONNACK bad_authentication_method")
        .expect_closed(CloseReason::bad_authentication_method);
    stranger.receive(auth(ReasonCode::continue_authentication).method("SCRAM-SHA-256"))
        .expect_nothing_sent();
    client.receive(publish("t", "x")).expect_sent("PUBLISH q0 topic=t payload=x").expect_open();
}

// --- The size of packets

BOOST_AUTO_TEST_CASE(a_first_packet_as_large_as_the_limit_is_read_and_a_larger_one_is_not) {
    World world{{.first_packet_bytes_max = 100}};
    const std::string id(100 - 15, 'i');  // fixed header 2, variable header 11, length of the id 2
    auto met = world.client("met");
    met.receive(connect(id)).expect_sent("CONNACK success");
    auto exceeded = world.client("exceeded");
    exceeded.receive(connect(id + "i")).expect_nothing_sent();
    exceeded.expect_closed(CloseReason::packet_too_large);
    // Seen at its length already, before anything is kept.
    auto promise = world.client("promise");
    promise.receive("10 7F").expect_closed(CloseReason::packet_too_large);
    BOOST_TEST(promise.connection().kept_input_bytes() == 0U);
}

BOOST_AUTO_TEST_CASE(the_limit_of_the_first_packet_is_for_the_first_packet_only) {
    World world{{.first_packet_bytes_max = 100, .packet_bytes_max = 500}};
    auto client = world.client("client");
    client.receive(connect("a"), publish_of(500), pingreq());
    client.expect_sent({"CONNACK success", "PINGRESP"}).expect_open();
}

BOOST_AUTO_TEST_CASE(a_packet_as_large_as_the_limit_is_read_and_a_larger_one_closes,
                     *label("MQTT5-3.2.2-15")) {
    World world{{.packet_bytes_max = 500}};
    auto client = world.connected(connect("a"));
    client.receive(publish_of(500)).expect_open();
    BOOST_TEST(world.count(Counter::publish_received) == 1U);
    client.receive(publish_of(501)).expect_sent("DISCONNECT packet_too_large");
    client.expect_closed(CloseReason::packet_too_large);
    auto older = world.connected(connect("b"), v3_1_1);
    older.receive("30 F4 03").expect_nothing_sent().expect_closed(CloseReason::packet_too_large);
}

// --- Silence

BOOST_AUTO_TEST_CASE(a_client_has_its_time_for_connect_and_no_more,
                     *label("MQTT5-3.1.4-1") * label("MQTT3-3.1.4-1")) {
    World world{{.connect_deadline = Seconds{10}}};
    auto silent = world.client("silent");
    auto slow = world.client("slow");
    auto in_time = world.client("in time");
    for (int i = 0; i < 9; ++i) {
        world.advance(Seconds{1});
        slow.receive("10");
        if (i == 0) slow.receive("2F");
    }
    world.advance(Milliseconds{999});
    in_time.receive(connect("a")).expect_sent("CONNACK success");
    silent.expect_open();
    world.advance(Milliseconds{1});
    silent.expect_nothing_sent().expect_closed(CloseReason::connect_timeout);
    slow.expect_nothing_sent().expect_closed(CloseReason::connect_timeout);
    world.advance(Seconds{100});
    in_time.expect_open();
    BOOST_TEST(world.count(CloseReason::connect_timeout) == 2U);
}

BOOST_AUTO_TEST_CASE(a_connection_that_comes_and_goes_without_a_word_leaves_nothing) {
    World world;
    auto client = world.client();
    client.lose_connection().expect_closed(CloseReason::connection_lost);
    auto half = world.client();
    half.receive("10 20 00 04").lose_connection();
    BOOST_TEST(world.totals().sessions == 0U);
    BOOST_TEST(world.count(Counter::connections_closed) == 2U);
    BOOST_TEST((world.next_deadline() == never));
}

BOOST_AUTO_TEST_CASE(a_socket_that_takes_nothing_for_the_limit_is_closed_and_one_that_does_is_not) {
    World world{{.write_stall_max = Seconds{60}}};
    auto stuck = world.connected(connect("stuck"));
    auto slow = world.connected(connect("slow"));
    stuck.receive(subscribe("t")).take_sent();
    slow.receive(subscribe("t")).take_sent();
    stuck.block_socket();
    slow.block_socket();
    auto sender = world.connected(connect("sender"));
    sender.receive(publish("t", "x"));
    world.advance(Milliseconds{59'999});
    slow.block_socket(1);
    stuck.expect_open();
    world.advance(Milliseconds{1});
    stuck.expect_nothing_sent().expect_closed(CloseReason::write_stalled);
    world.advance(Milliseconds{59'998});
    slow.expect_open();
    world.advance(Milliseconds{1});
    slow.expect_nothing_sent().expect_closed(CloseReason::write_stalled);
}

BOOST_AUTO_TEST_SUITE_END()
