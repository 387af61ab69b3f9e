// Clients that read slowly or not at all: bounded memory, counted drops, nobody else notices.

#include "support/connection_script.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;

namespace {

constexpr std::string_view resumed = "CONNACK session_present success";

ConnectPacket staying(std::string client_id) {
    return connect(std::move(client_id)).clean_start(false).session_expiry(1'000);
}

/// A reader of "t" whose socket takes nothing any more, a quick one, and a writer.
struct Exchange {
    explicit Exchange(const Limits& limits = {}, const ConnectPacket& packet = staying("slow"))
        : world(limits),
          slow(world.connected(packet)),
          quick(world.connected(connect("quick"))),
          writer(world.connected(connect("writer"))) {
        slow.receive(subscribe("t", 2)).take_sent();
        quick.receive(subscribe("t", 0)).take_sent();
        slow.block_socket();
    }
    void publish_qos_0(int count) {
        for (int i = 0; i < count; ++i) writer.receive(publish("t", std::to_string(i)));
    }
    void publish_qos_1(int count) {
        for (int i = 0; i < count; ++i) writer.receive(publish("t", std::to_string(i)).qos1());
    }
    [[nodiscard]] std::size_t unsent_bytes() { return slow.connection().link().outbox.size(); }
    [[nodiscard]] std::size_t queued() { return world.totals().queued_messages; }

    World world;
    ConnectionScript slow;
    ConnectionScript quick;
    ConnectionScript writer;
};

/// "PUBLISH q0 topic=t payload=" and `first` to `last`.
std::vector<std::string> publications(int first, int last) {
    std::vector<std::string> texts;
    for (int i = first; i <= last; ++i) {
        texts.push_back("PUBLISH q0 topic=t payload=" + std::to_string(i));
    }
    return texts;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(slow_reader)

BOOST_AUTO_TEST_CASE(full_outbox_makes_messages_wait_in_the_queue) {
    Exchange exchange{Limits{.outbound_buffer_bytes_max = 35, .queue_messages_max = 100}};
    exchange.publish_qos_0(20);  // of 7 bytes each, the later ones of 8
    BOOST_TEST(exchange.unsent_bytes() == 35U);
    BOOST_TEST(exchange.queued() == 15U);
    BOOST_TEST(exchange.quick.take_sent() == publications(0, 19), boost::test_tools::per_element());
    exchange.slow.unblock_socket();
    BOOST_TEST(exchange.slow.take_sent() == publications(0, 19), boost::test_tools::per_element());
    BOOST_TEST(exchange.world.dropped() == 0U);
}

BOOST_AUTO_TEST_CASE(what_waits_is_bounded_in_number_qos_0_included) {
    Exchange exchange{Limits{.outbound_buffer_bytes_max = 35, .queue_messages_max = 3}};
    exchange.publish_qos_0(20);
    BOOST_TEST(exchange.unsent_bytes() == 35U);
    BOOST_TEST(exchange.queued() == 3U);
    BOOST_TEST(exchange.world.count(DropReason::queue_full_messages) == 12U);
    BOOST_TEST(exchange.quick.take_sent().size() == 20U);
    exchange.slow.unblock_socket();
    BOOST_TEST(exchange.slow.take_sent() == publications(0, 7), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_waits_is_bounded_in_bytes) {
    const MessagePtr one =
        ApplicationMessage::create({.topic = "t", .payload = as_bytes("0"), .properties = {}});
    Exchange exchange{
        Limits{.outbound_buffer_bytes_max = 1, .queue_bytes_max = 3 * one->footprint()}};
    exchange.publish_qos_0(9);
    BOOST_TEST(exchange.queued() == 3U);
    BOOST_TEST(exchange.world.totals().queued_bytes == 3 * one->footprint());
    BOOST_TEST(exchange.world.count(DropReason::queue_full_bytes) == 5U);
    exchange.slow.unblock_socket();
    BOOST_TEST(exchange.slow.take_sent() == publications(0, 3), boost::test_tools::per_element());
    BOOST_TEST(exchange.world.totals().queued_bytes == 0U);
}

BOOST_AUTO_TEST_CASE(policy_reject_tells_the_v5_publisher) {
    Exchange exchange{Limits{.outbound_buffer_bytes_max = 1, .queue_messages_max = 1}};
    exchange.publish_qos_1(3);
    exchange.writer.expect_sent({"PUBACK id=1", "PUBACK id=1", "PUBACK id=1 quota_exceeded"});
    exchange.slow.unblock_socket().expect_sent(
        {"PUBLISH q1 id=1 topic=t payload=0", "PUBLISH q1 id=2 topic=t payload=1"});
}

BOOST_AUTO_TEST_CASE(policy_drop_oldest_keeps_the_latest) {
    Exchange exchange{Limits{.outbound_buffer_bytes_max = 1,
                             .queue_messages_max = 2,
                             .queue_policy = QueuePolicy::drop_oldest}};
    exchange.publish_qos_1(6);
    for (const std::string& text : exchange.writer.take_sent()) BOOST_TEST(text == "PUBACK id=1");
    BOOST_TEST(exchange.world.count(DropReason::queue_full_messages) == 3U);
    exchange.slow.unblock_socket().expect_sent({"PUBLISH q1 id=1 topic=t payload=0",
                                                "PUBLISH q1 id=2 topic=t payload=4",
                                                "PUBLISH q1 id=3 topic=t payload=5"});
}

BOOST_AUTO_TEST_CASE(policy_drop_newest_keeps_the_first) {
    Exchange exchange{Limits{.outbound_buffer_bytes_max = 1,
                             .queue_messages_max = 2,
                             .queue_policy = QueuePolicy::drop_newest}};
    exchange.publish_qos_1(6);
    for (const std::string& text : exchange.writer.take_sent()) BOOST_TEST(text == "PUBACK id=1");
    BOOST_TEST(exchange.world.count(DropReason::queue_full_messages) == 3U);
    exchange.slow.unblock_socket().expect_sent({"PUBLISH q1 id=1 topic=t payload=0",
                                                "PUBLISH q1 id=2 topic=t payload=1",
                                                "PUBLISH q1 id=3 topic=t payload=2"});
}

BOOST_AUTO_TEST_CASE(message_that_never_fits_pushes_nothing_out) {
    Exchange exchange{Limits{.outbound_buffer_bytes_max = 1,
                             .queue_bytes_max = 2'000,
                             .queue_policy = QueuePolicy::drop_oldest}};
    exchange.publish_qos_1(3);
    exchange.writer.receive(publish("t", std::string(3'000, 'x')).qos1());
    BOOST_TEST(exchange.queued() == 2U);
    BOOST_TEST(exchange.world.count(DropReason::queue_full_bytes) == 1U);
}

BOOST_AUTO_TEST_CASE(drops_are_announced_once_a_second_with_their_number) {
    Exchange exchange{Limits{.outbound_buffer_bytes_max = 1, .queue_messages_max = 1}};
    exchange.publish_qos_0(5);
    const RecordedEvent first = exchange.world.events.last("message_dropped");
    BOOST_TEST(first.client_id == "slow");
    BOOST_TEST(first.reason == "queue_full_messages");
    BOOST_TEST(first.topic == "t");
    BOOST_TEST(first.count == 1U);
    exchange.world.advance(Milliseconds{999});
    BOOST_TEST(exchange.world.events.last("message_dropped").count == 1U);
    exchange.world.advance(Milliseconds{1});
    BOOST_TEST(exchange.world.events.last("message_dropped").count == 2U);
    exchange.publish_qos_0(1);
    BOOST_TEST(exchange.world.dropped() == 4U);
}

BOOST_AUTO_TEST_CASE(control_packets_pass_the_limits_of_the_queue,
                     *label("MQTT5-4.9.0-3") * label("MQTT5-3.10.4-4") * label("MQTT3-3.10.4-4") *
                         label("MQTT5-3.8.4-1") * label("MQTT3-3.8.4-1") * label("MQTT5-3.12.4-1") *
                         label("MQTT3-3.12.4-1")) {
    Exchange exchange{Limits{.outbound_buffer_bytes_max = 1, .queue_messages_max = 1}};
    exchange.publish_qos_0(5);
    exchange.slow.receive(unsubscribe("t").id(2), subscribe("u", 1).id(3), pingreq(),
                          publish("v").qos1(4), publish("v").qos2(5), pubrel(5), pubrec(9));
    exchange.slow.unblock_socket().expect_sent(
        {"PUBLISH q0 topic=t payload=0", "UNSUBACK id=2 [success]", "SUBACK id=3 [1]", "PINGRESP",
         "PUBACK id=4 no_matching_subscribers", "PUBREC id=5 no_matching_subscribers",
         "PUBCOMP id=5", "PUBREL id=9 packet_identifier_not_found",
         "PUBLISH q0 topic=t payload=1"});
}

BOOST_AUTO_TEST_CASE(socket_that_takes_a_little_gets_everything_in_order) {
    Exchange exchange{Limits{.outbound_buffer_bytes_max = 100}};
    exchange.publish_qos_0(50);
    for (std::size_t taken = 1; exchange.slow.connection().sent.size() < 50;
         taken = taken % 13 + 1) {
        exchange.slow.block_socket(taken);
        BOOST_TEST_REQUIRE(exchange.unsent_bytes() <= 108U);
    }
    BOOST_TEST(exchange.slow.take_sent() == publications(0, 49), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(large_payloads_wait_and_go_out_whole) {
    Exchange exchange{Limits{.outbound_buffer_bytes_max = 50'000}};
    for (int i = 0; i < 5; ++i) {
        exchange.writer.receive(publish("t", std::string(30'000, 'x')), publish("t", "small"));
    }
    BOOST_TEST(exchange.unsent_bytes() < 100'000U);
    for (int i = 0; i < 200; ++i) exchange.slow.block_socket(997);
    std::vector<std::string> expected;
    for (int i = 0; i < 5; ++i) {
        expected.emplace_back("PUBLISH q0 topic=t payload=<30000 bytes>");
        expected.emplace_back("PUBLISH q0 topic=t payload=small");
    }
    BOOST_TEST(exchange.slow.take_sent() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(socket_that_stays_full_is_closed_and_the_session_keeps_what_waits) {
    Exchange exchange{Limits{.outbound_buffer_bytes_max = 1, .write_stall_max = Seconds{60}}};
    exchange.publish_qos_1(2);
    exchange.world.advance(Milliseconds{59'999});
    exchange.slow.expect_open();
    exchange.world.advance(Milliseconds{1});
    exchange.slow.expect_closed(CloseReason::write_stalled);
    auto back = exchange.world.client("slow");
    back.receive(staying("slow"))
        .expect_sent({resumed, "PUBLISH q1 dup id=1 topic=t payload=0",
                      "PUBLISH q1 id=2 topic=t payload=1"});
}

BOOST_AUTO_TEST_CASE(byte_taken_in_time_starts_the_stall_limit_afresh) {
    Exchange exchange{Limits{.write_stall_max = Seconds{60}}};
    exchange.publish_qos_0(2);
    for (int i = 0; i < 3; ++i) {
        exchange.world.advance(Seconds{50});
        exchange.slow.block_socket(1).expect_open();
    }
    exchange.world.advance(Seconds{60});
    exchange.slow.expect_closed(CloseReason::write_stalled);
}

BOOST_AUTO_TEST_SUITE_END()
