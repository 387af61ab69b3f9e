// Maximum Packet Size in both directions.

#include "support/connection_script.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;

namespace {

struct Exchange {
    explicit Exchange(std::uint32_t maximum_packet_size)
        : small(world.connected(
              connect("small").maximum_packet_size(maximum_packet_size).receive_maximum(1))),
          large(world.connected(connect("large"))),
          writer(world.connected(connect("writer"))) {
        small.receive(subscribe("t", 2)).take_sent();
        large.receive(subscribe("t", 2)).take_sent();
    }

    World world;
    ConnectionScript small;
    ConnectionScript large;
    ConnectionScript writer;
};

constexpr std::size_t qos_0_overhead = 6;  ///< two bytes of fixed header, topic "t", no properties

}  // namespace

BOOST_AUTO_TEST_SUITE(packet_size)

BOOST_AUTO_TEST_CASE(packet_of_exactly_the_maximum_is_sent_and_one_byte_more_is_dropped,
                     *label("MQTT5-3.1.2-24") * label("MQTT5-3.1.2-25")) {
    Exchange exchange{50};
    const std::string fitting(50 - qos_0_overhead, 'x');
    exchange.writer.receive(publish("t", fitting), publish("t", fitting + "y"), publish("t", "z"));
    exchange.small.expect_sent(
        {"PUBLISH q0 topic=t payload=<44 bytes>", "PUBLISH q0 topic=t payload=z"});
    exchange.large.expect_sent({"PUBLISH q0 topic=t payload=<44 bytes>",
                                "PUBLISH q0 topic=t payload=<45 bytes>",
                                "PUBLISH q0 topic=t payload=z"});
    BOOST_TEST(exchange.world.count(DropReason::packet_too_large) == 1U);
    BOOST_TEST(exchange.world.events.last("message_dropped").reason == "packet_too_large");
}

BOOST_AUTO_TEST_CASE(dropped_message_needs_no_acknowledgement,
                     *label("MQTT5-3.1.2-25") * label("MQTT5-4.9.0-2")) {
    Exchange exchange{50};
    exchange.writer.receive(publish("t", std::string(100, 'x')).qos1()).expect_sent("PUBACK id=1");
    exchange.writer.receive(publish("t", std::string(100, 'x')).qos2(), pubrel(1)).take_sent();
    exchange.writer.receive(publish("t", "next").qos1());
    exchange.small.expect_sent("PUBLISH q1 id=1 topic=t payload=next");
    BOOST_TEST(exchange.world.count(DropReason::packet_too_large) == 2U);
}

BOOST_AUTO_TEST_CASE(too_large_message_that_waited_is_dropped_in_its_turn,
                     *label("MQTT5-3.1.2-25")) {
    Exchange exchange{50};
    for (const std::string& payload : {std::string{"a"}, std::string(100, 'x'), std::string{"c"}}) {
        exchange.writer.receive(publish("t", payload).qos1());
    }
    exchange.small.expect_sent("PUBLISH q1 id=1 topic=t payload=a");
    exchange.small.receive(puback(1)).expect_sent("PUBLISH q1 id=2 topic=t payload=c");
    BOOST_TEST(exchange.world.count(DropReason::packet_too_large) == 1U);
}

BOOST_AUTO_TEST_CASE(everything_in_the_packet_counts,
                     *label("MQTT5-3.1.2-24") * label("MQTT5-3.1.2-25")) {
    // Fixed header 2, topic 3, identifier 2, length of properties 1, payload 40, and:
    const std::size_t others = 48;
    const std::string payload(40, 'x');
    const std::pair<PublishPacket, std::size_t> cases[]{
        {publish("t", payload).expiry(9), 5},
        {publish("t", payload).content_type("abc"), 6},
        {publish("t", payload).user_property("n", "v"), 7},
        {publish("t", payload).response_topic("r").correlation_data("c").payload_format(true), 10},
    };
    for (const auto& [packet, properties] : cases) {
        const auto size = static_cast<std::uint32_t>(others + properties);
        for (const std::uint32_t maximum : {size, size - 1}) {
            Exchange exchange{maximum};
            exchange.small.take_sent();
            exchange.writer.receive(PublishPacket{packet}.qos1());
            const std::size_t sent = exchange.small.take_sent().size();
            BOOST_TEST(sent == (maximum == size ? 1U : 0U));
            BOOST_TEST(exchange.large.take_sent().size() == 1U);
        }
    }
}

BOOST_AUTO_TEST_CASE(subscription_identifiers_count,
                     *label("MQTT5-3.1.2-24") * label("MQTT5-3.1.2-25")) {
    for (const std::uint32_t maximum : {51U, 50U}) {
        World world;
        auto reader = world.connected(connect("reader").maximum_packet_size(maximum));
        reader.receive(subscribe("t", 0).identifier(200), subscribe("#", 0).identifier(1))
            .take_sent();
        auto writer = world.connected(connect("writer"));
        writer.receive(publish("t", std::string(40, 'x')));  // 6 + 40 + 3 + 2
        BOOST_TEST(reader.take_sent().size() == (maximum == 51 ? 1U : 0U));
    }
}

BOOST_AUTO_TEST_CASE(too_large_retained_message_is_passed_over, *label("MQTT5-3.1.2-25")) {
    World world;
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("r/1", std::string(100, 'x')).retain(), publish("r/2", "b").retain());
    auto reader = world.connected(connect("reader").maximum_packet_size(50));
    reader.receive(subscribe("r/#", 0))
        .expect_sent({"SUBACK id=1 [0]", "PUBLISH q0 retain topic=r/2 payload=b"});
    BOOST_TEST(world.count(DropReason::packet_too_large) == 1U);
}

BOOST_AUTO_TEST_CASE(reason_string_that_would_exceed_the_maximum_is_left_out,
                     *label("MQTT5-3.14.2-3") * label("MQTT5-3.1.2-24")) {
    const std::string_view second_connect = "10 [ ('MQTT') 05 02 0000 00 ('c') ]";
    World world;
    auto large = world.connected(connect("large"));
    large.receive(second_connect);
    BOOST_TEST(large.take_sent_in_full().at(0).find("reason_string") != std::string::npos);
    auto small = world.connected(connect("small").maximum_packet_size(20));
    small.receive(second_connect);
    BOOST_TEST(small.take_sent_in_full() == std::vector<std::string>{"DISCONNECT protocol_error"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(inbound_packet_of_the_maximum_is_taken_and_a_larger_one_closes_with_95,
                     *label("MQTT5-3.2.2-15")) {
    for (const auto version : {v3_1_1, v5}) {
        World world{Limits{.packet_bytes_max = 100}};
        auto reader = world.connected(connect("reader"));
        reader.receive(subscribe("t", 0)).take_sent();
        auto writer = world.connected(connect("writer"), version);
        const std::size_t overhead = version == v5 ? qos_0_overhead : qos_0_overhead - 1;
        writer.receive(publish("t", std::string(100 - overhead, 'x'))).expect_open();
        BOOST_TEST(reader.take_sent().size() == 1U);
        writer.receive(publish("t", std::string(101 - overhead, 'x')));
        BOOST_TEST(writer.take_sent() ==
                       (version == v5 ? std::vector<std::string>{"DISCONNECT packet_too_large"}
                                      : std::vector<std::string>{}),
                   boost::test_tools::per_element());
        writer.expect_closed(CloseReason::packet_too_large);
        reader.expect_nothing_sent();
    }
}

BOOST_AUTO_TEST_CASE(too_large_packet_is_refused_at_its_header, *label("MQTT5-3.2.2-15")) {
    World world{Limits{.packet_bytes_max = 100}};
    auto writer = world.connected(connect("writer"));
    writer.receive("30 FF FF FF 7F")
        .expect_sent("DISCONNECT packet_too_large")
        .expect_closed(CloseReason::packet_too_large);
}

BOOST_AUTO_TEST_SUITE_END()
