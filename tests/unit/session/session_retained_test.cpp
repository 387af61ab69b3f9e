// Retained messages as clients see them; the table itself is tested in unit/router.

#include "support/connection_script.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;
using codec::ProtocolVersion;

namespace {

constexpr ProtocolVersion all_versions[]{v3_1, v3_1_1, v5};

ConnectPacket staying(std::string client_id) {
    return connect(std::move(client_id)).clean_start(false).session_expiry(1'000);
}

/// What a new client gets for `filter`, without SUBACK.
std::vector<std::string> seen_by_new_client(World& world, std::string filter, int qos = 2) {
    ConnectionScript client = world.connected(connect("new"));
    client.receive(subscribe(std::move(filter), qos));
    std::vector<std::string> sent = client.take_sent();
    sent.erase(sent.begin());
    client.receive(disconnect());
    return sent;
}

std::string topic_number(int number) {
    const std::string digits = std::to_string(number);
    return "r/" + std::string(5 - digits.size(), '0') + digits;
}

using Strings = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(retained_for_clients)

BOOST_AUTO_TEST_CASE(new_subscription_gets_the_last_retained_message_with_retain_1,
                     *label("MQTT5-3.3.1-5") * label("MQTT3-3.3.1-5") * label("MQTT3-3.3.1-6") *
                         label("MQTT3-3.3.1-8") * label("MQTT5-3.3.1-9")) {
    for (const ProtocolVersion version : all_versions) {
        World world;
        auto writer = world.connected(connect("writer"), version);
        writer.receive(publish("a", "old").retain(), publish("a", "new").qos1().retain(),
                       publish("b", "2").qos2(2).retain());
        auto reader = world.connected(connect("reader"), version);
        reader.receive(subscribe("#", 2))
            .expect_sent({"SUBACK id=1 [2]", "PUBLISH q1 retain id=1 topic=a payload=new",
                          "PUBLISH q2 retain id=2 topic=b payload=2"});
    }
}

BOOST_AUTO_TEST_CASE(retained_qos_0_replaces_what_was_retained_before, *label("MQTT3-3.3.1-7")) {
    World world;
    auto writer = world.connected(connect("writer"), v3_1_1);
    writer.receive(publish("a", "1").qos2(1).retain(), publish("a", "0").retain());
    BOOST_TEST(seen_by_new_client(world, "a") == Strings{"PUBLISH q0 retain topic=a payload=0"});
}

BOOST_AUTO_TEST_CASE(retained_message_has_the_lower_qos,
                     *label("MQTT5-3.8.4-8") * label("MQTT3-3.8.4-6")) {
    World world;
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("a", "x").qos2().retain());
    BOOST_TEST(seen_by_new_client(world, "a", 0) == Strings{"PUBLISH q0 retain topic=a payload=x"});
    BOOST_TEST(seen_by_new_client(world, "a", 1) ==
               Strings{"PUBLISH q1 retain id=1 topic=a payload=x"});
}

BOOST_AUTO_TEST_CASE(empty_payload_is_delivered_and_clears,
                     *label("MQTT5-3.3.1-6") * label("MQTT3-3.3.1-10") * label("MQTT5-3.3.1-7") *
                         label("MQTT3-3.3.1-11")) {
    for (const ProtocolVersion version : all_versions) {
        World world;
        auto reader = world.connected(connect("reader"), version);
        reader.receive(subscribe("a", 0)).take_sent();
        auto writer = world.connected(connect("writer"), version);
        writer.receive(publish("a", "x").retain(), publish("a").qos1().retain());
        reader.expect_sent({"PUBLISH q0 topic=a payload=x", "PUBLISH q0 topic=a payload="});
        BOOST_TEST(seen_by_new_client(world, "#") == Strings{});
        BOOST_TEST(world.router().retained().count() == 0U);
        BOOST_TEST(world.count(Counter::retained_cleared) == 1U);
    }
}

BOOST_AUTO_TEST_CASE(retain_0_neither_stores_nor_replaces_nor_clears,
                     *label("MQTT5-3.3.1-8") * label("MQTT3-3.3.1-12")) {
    World world;
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("a", "x"));
    BOOST_TEST(seen_by_new_client(world, "a") == Strings{});
    writer.receive(publish("a", "kept").retain(), publish("a", "live"), publish("a"));
    BOOST_TEST(seen_by_new_client(world, "a") == Strings{"PUBLISH q0 retain topic=a payload=kept"});
}

BOOST_AUTO_TEST_CASE(retained_messages_outlive_the_session_of_their_publisher,
                     *label("MQTT3-3.1.2-7")) {
    World world;
    world.connected(connect("writer"), v3_1_1).receive(publish("a", "kept").retain(), disconnect());
    world.advance(Seconds{10});
    world.connected(connect("writer"), v3_1_1).lose_connection();
    BOOST_TEST(seen_by_new_client(world, "a") == Strings{"PUBLISH q0 retain topic=a payload=kept"});
}

BOOST_AUTO_TEST_CASE(retained_message_keeps_its_properties) {
    World world;
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("a", "x").retain().content_type("c").user_property("n", "v"));
    BOOST_TEST(seen_by_new_client(world, "a") ==
               Strings{"PUBLISH q0 retain topic=a payload=x content_type=c n:v"});
}

BOOST_AUTO_TEST_CASE(only_matching_topics_are_sent,
                     *label("MQTT5-3.3.1-9") * label("MQTT3-3.3.1-6") * label("MQTT5-4.7.2-1") *
                         label("MQTT3-4.7.2-1")) {
    World world;
    auto writer = world.connected(connect("writer"));
    for (const char* topic : {"a", "a/b", "a/b/c", "ab", "b", "$dollar/a"}) {
        writer.receive(publish(topic, "x").retain());
    }
    const auto topics_seen = [&](const char* filter) {
        std::string topics;
        for (const std::string& text : seen_by_new_client(world, filter)) {
            const std::size_t start = text.find("topic=") + 6;
            topics += text.substr(start, text.find(' ', start) - start) + " ";
        }
        return topics;
    };
    BOOST_TEST(topics_seen("a/#") == "a a/b a/b/c ");
    BOOST_TEST(topics_seen("+") == "a ab b ");
    BOOST_TEST(topics_seen("a/+") == "a/b ");
    BOOST_TEST(topics_seen("#") == "a a/b a/b/c ab b ");
    BOOST_TEST(topics_seen("$dollar/#") == "$dollar/a ");
    BOOST_TEST(topics_seen("c/#") == "");
}

BOOST_AUTO_TEST_CASE(session_that_returns_is_not_sent_retained_messages_again) {
    World world;
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("a", "kept").retain());
    auto before = world.connected(staying("reader"));
    before.receive(subscribe("a", 0)).take_sent();
    before.lose_connection();
    auto reader = world.client("reader");
    reader.receive(staying("reader")).expect_sent("CONNACK session_present success");
}

// --- The walk

BOOST_AUTO_TEST_CASE(thousands_pass_a_receive_maximum_of_1_one_by_one,
                     *label("MQTT5-3.3.1-9") * label("MQTT3-3.3.1-6") * label("MQTT5-4.9.0-2")) {
    constexpr int count = 3'000;
    World world;
    auto writer = world.connected(connect("writer"));
    for (int i = 0; i < count; ++i) writer.receive(publish(topic_number(i), "x").qos1().retain());
    auto reader = world.connected(connect("reader").receive_maximum(1));
    reader.receive(subscribe("r/+", 1));
    BOOST_TEST(reader.take_sent().size() == 2U);
    BOOST_TEST(world.totals().queued_messages == 0U);  // the table itself is what waits
    for (int i = 1; i < count; ++i) {
        const std::string id = std::to_string(i + 1);
        reader.receive(puback(static_cast<PacketId>(i)));
        const Strings expected{"PUBLISH q1 retain id=" + id + " topic=" + topic_number(i) +
                               " payload=x"};
        BOOST_TEST_REQUIRE(reader.take_sent() == expected);
    }
    reader.receive(puback(count), pingreq()).expect_sent("PINGRESP");
}

BOOST_AUTO_TEST_CASE(thousands_pass_a_full_socket_in_bounded_memory,
                     *label("MQTT5-3.3.1-9") * label("MQTT3-3.3.1-6")) {
    constexpr int count = 5'000;
    World world{Limits{.outbound_buffer_bytes_max = 1'000, .queue_messages_max = 10}};
    auto writer = world.connected(connect("writer"));
    for (int i = 0; i < count; ++i) writer.receive(publish(topic_number(i), "x").retain());
    auto reader = world.connected(connect("reader"));
    reader.block_socket().receive(subscribe("#", 0));
    std::size_t largest = 0;
    while (reader.connection().sent.size() < count + 1) {
        largest = std::max(largest, reader.connection().link().outbox.size());
        reader.block_socket(617);
    }
    BOOST_TEST(largest < 1'100U);
    const Strings sent = reader.take_sent();
    BOOST_TEST(sent.size() == count + 1U);
    for (int i = 0; i < count; ++i) {
        BOOST_TEST_REQUIRE(sent[static_cast<std::size_t>(i) + 1] ==
                           "PUBLISH q0 retain topic=" + topic_number(i) + " payload=x");
    }
    BOOST_TEST(world.dropped() == 0U);
}

BOOST_AUTO_TEST_CASE(retained_messages_come_before_later_live_ones,
                     *label("MQTT5-4.6.0-5") * label("MQTT3-4.6.0-6")) {
    World world;
    auto writer = world.connected(connect("writer"));
    for (const char* topic : {"a", "b", "c"})
        writer.receive(publish(topic, "kept").qos1().retain());
    auto reader = world.connected(connect("reader").receive_maximum(1));
    reader.receive(subscribe("#", 1));
    writer.receive(publish("a", "live").qos1(), publish("c", "live"));
    reader.expect_sent({"SUBACK id=1 [1]", "PUBLISH q1 retain id=1 topic=a payload=kept"});
    reader.receive(puback(1)).expect_sent("PUBLISH q1 retain id=2 topic=b payload=kept");
    reader.receive(puback(2)).expect_sent("PUBLISH q1 retain id=3 topic=c payload=kept");
    reader.receive(puback(3)).expect_sent(
        {"PUBLISH q1 id=4 topic=a payload=live", "PUBLISH q0 topic=c payload=live"});
}

BOOST_AUTO_TEST_CASE(message_retained_during_the_walk_comes_once) {
    World world;
    auto writer = world.connected(connect("writer"));
    for (const char* topic : {"a", "c", "e"})
        writer.receive(publish(topic, "kept").qos1().retain());
    auto reader = world.connected(connect("reader").receive_maximum(1));
    reader.receive(subscribe("#", 1)).take_sent();
    // Behind the walk, before it, and in place of one it has not reached.
    writer.receive(publish("d", "new").qos1().retain(), publish("0", "new").qos1().retain(),
                   publish("e", "new").qos1().retain());
    Strings sent;
    for (PacketId id = 1; id <= 5; ++id) {
        reader.receive(puback(id));
        for (const std::string& text : reader.take_sent()) sent.push_back(text);
    }
    BOOST_TEST(sent == (Strings{"PUBLISH q1 retain id=2 topic=c payload=kept",
                                "PUBLISH q1 id=3 topic=d payload=new",
                                "PUBLISH q1 id=4 topic=0 payload=new",
                                "PUBLISH q1 id=5 topic=e payload=new"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(message_cleared_during_the_walk_is_not_sent_as_retained) {
    World world;
    auto writer = world.connected(connect("writer"));
    for (const char* topic : {"a", "b", "c"})
        writer.receive(publish(topic, "kept").qos1().retain());
    auto reader = world.connected(connect("reader").receive_maximum(1));
    reader.receive(subscribe("#", 1)).take_sent();
    writer.receive(publish("b").retain());
    reader.receive(puback(1)).expect_sent({"PUBLISH q1 retain id=2 topic=c payload=kept"});
    reader.receive(puback(2)).expect_sent("PUBLISH q0 topic=b payload=");
}

BOOST_AUTO_TEST_CASE(walks_of_several_filters_follow_one_another) {
    World world;
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("a", "1").qos1().retain(), publish("b", "2").qos1().retain());
    auto reader = world.connected(connect("reader").receive_maximum(1));
    reader.receive(subscribe("b", 1).also("+", 1))
        .expect_sent({"SUBACK id=1 [1,1]", "PUBLISH q1 retain id=1 topic=b payload=2"});
    reader.receive(puback(1)).expect_sent("PUBLISH q1 retain id=2 topic=a payload=1");
    reader.receive(puback(2)).expect_sent("PUBLISH q1 retain id=3 topic=b payload=2");
}

BOOST_AUTO_TEST_CASE(walk_goes_on_when_the_connection_is_taken_over) {
    World world;
    auto writer = world.connected(connect("writer"));
    for (const char* topic : {"a", "b"}) writer.receive(publish(topic, "kept").qos1().retain());
    const ConnectPacket packet = staying("reader").receive_maximum(1);
    auto before = world.connected(packet);
    before.receive(subscribe("#", 1)).take_sent();
    auto reader = world.client("reader");
    reader.receive(packet).expect_sent(
        {"CONNACK session_present success", "PUBLISH q1 dup retain id=1 topic=a payload=kept"});
    reader.receive(puback(1)).expect_sent("PUBLISH q1 retain id=2 topic=b payload=kept");
}

BOOST_AUTO_TEST_CASE(walk_goes_on_with_the_next_connection_of_the_session,
                     *label("MQTT5-4.1.0-1") * label("MQTT3-4.1.0-1") * label("MQTT3-3.3.1-6")) {
    // The client sees Session Present and does not subscribe again.
    World world;
    auto writer = world.connected(connect("writer"));
    for (const char* topic : {"a", "b", "c"}) {
        writer.receive(publish(topic, "kept").qos1().retain());
    }
    const ConnectPacket packet = staying("reader").receive_maximum(1);
    auto before = world.connected(packet);
    before.receive(subscribe("#", 1)).take_sent();
    before.lose_connection();
    writer.receive(publish("b", "live").qos1());
    auto reader = world.client("reader");
    reader.receive(packet).expect_sent(
        {"CONNACK session_present success", "PUBLISH q1 dup retain id=1 topic=a payload=kept"});
    reader.receive(puback(1)).expect_sent("PUBLISH q1 retain id=2 topic=b payload=kept");
    reader.receive(puback(2)).expect_sent("PUBLISH q1 retain id=3 topic=c payload=kept");
    reader.receive(puback(3)).expect_sent("PUBLISH q1 id=4 topic=b payload=live");
}

BOOST_AUTO_TEST_CASE(walk_ends_with_the_session) {
    World world;
    auto writer = world.connected(connect("writer"));
    for (const char* topic : {"a", "b"}) writer.receive(publish(topic, "kept").qos1().retain());
    auto before = world.connected(staying("reader").receive_maximum(1));
    before.receive(subscribe("#", 1)).lose_connection();
    auto reader = world.client("reader");
    reader.receive(connect("reader")).expect_sent("CONNACK success");
}

BOOST_AUTO_TEST_SUITE_END()
