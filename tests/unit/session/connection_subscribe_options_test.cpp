// Subscription Options and Subscription Identifiers. MQTT 5 sections 3.8.3.1, 3.8.2.1.2.

#include "support/connection_script.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;

namespace {

ConnectPacket staying(std::string client_id) {
    return connect(std::move(client_id)).clean_start(false).session_expiry(1'000);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(subscription_options)

// --- No Local

BOOST_AUTO_TEST_CASE(no_local_keeps_messages_from_their_publisher, *label("MQTT5-3.8.3-3")) {
    World world;
    auto client = world.connected(connect("c"));
    client.receive(subscribe("t", 1).no_local()).take_sent();
    auto other = world.connected(connect("other"));
    other.receive(subscribe("t", 0)).take_sent();
    client.receive(publish("t", "own").qos1(1)).expect_sent("PUBACK id=1");
    other.expect_sent("PUBLISH q0 topic=t payload=own");
    other.receive(publish("t", "other's"));
    BOOST_TEST(client.take_sent().size() == 1U);
}

BOOST_AUTO_TEST_CASE(without_no_local_messages_return_to_their_publisher) {
    World world;
    auto client = world.connected(connect("c"));
    client.receive(subscribe("t", 0)).take_sent();
    client.receive(publish("t", "own")).expect_sent("PUBLISH q0 topic=t payload=own");
    auto older = world.connected(connect("d"), v3_1_1);
    older.receive(subscribe("u", 0)).take_sent();
    older.receive(publish("u", "own")).expect_sent("PUBLISH q0 topic=u payload=own");
}

BOOST_AUTO_TEST_CASE(no_local_holds_after_a_reconnect, *label("MQTT5-3.8.3-3")) {
    World world;
    auto before = world.connected(staying("c"));
    before.receive(subscribe("t", 1).no_local());
    before.receive(publish("t", "1").qos2(1)).lose_connection();
    auto client = world.client("c");
    client.receive(staying("c")).expect_sent("CONNACK session_present success");
    client.receive(publish("t", "2").qos1(2)).expect_sent("PUBACK id=2 no_matching_subscribers");
}

BOOST_AUTO_TEST_CASE(no_local_keeps_own_retained_messages_back_too, *label("MQTT5-3.8.3-3")) {
    World world;
    auto client = world.connected(connect("c"));
    client.receive(publish("t/1", "own").retain());
    auto other = world.connected(connect("other"));
    other.receive(publish("t/2", "others").retain());
    client.receive(subscribe("t/#", 1).no_local())
        .expect_sent({"SUBACK id=1 [1]", "PUBLISH q0 retain topic=t/2 payload=others"});
}

BOOST_AUTO_TEST_CASE(no_local_on_a_shared_subscription_is_a_protocol_error,
                     *label("MQTT5-3.8.3-4")) {
    World world;
    auto client = world.connected(connect("c"));
    client.receive(subscribe("$share/g/t", 0).no_local())
        .expect_sent("DISCONNECT protocol_error")
        .expect_closed(CloseReason::protocol_error);
}

// --- Retain As Published

BOOST_AUTO_TEST_CASE(forwarded_messages_lose_retain_unless_asked_to_keep_it,
                     *label("MQTT5-3.3.1-12") * label("MQTT5-3.3.1-13") * label("MQTT3-3.3.1-9")) {
    World world;
    auto plain = world.connected(connect("plain"));
    plain.receive(subscribe("t", 0)).take_sent();
    auto keeping = world.connected(connect("keeping"));
    keeping.receive(subscribe("t", 0).retain_as_published()).take_sent();
    auto older = world.connected(connect("older"), v3_1_1);
    older.receive(subscribe("t", 0)).take_sent();
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "1").retain(), publish("t", "2"));
    const auto expected = {"PUBLISH q0 topic=t payload=1", "PUBLISH q0 topic=t payload=2"};
    BOOST_TEST(plain.take_sent() == std::vector<std::string>(expected.begin(), expected.end()));
    BOOST_TEST(older.take_sent() == std::vector<std::string>(expected.begin(), expected.end()));
    keeping.expect_sent({"PUBLISH q0 retain topic=t payload=1", "PUBLISH q0 topic=t payload=2"});
}

BOOST_AUTO_TEST_CASE(retain_as_published_holds_for_messages_that_wait, *label("MQTT5-3.3.1-13")) {
    World world;
    world.connected(staying("c"))
        .receive(subscribe("t", 1).retain_as_published())
        .lose_connection();
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "1").qos1().retain(), publish("t", "2").qos1());
    auto client = world.client("c");
    client.receive(staying("c"))
        .expect_sent({"CONNACK session_present success", "PUBLISH q1 retain id=1 topic=t payload=1",
                      "PUBLISH q1 id=2 topic=t payload=2"});
}

// --- Retain Handling

BOOST_AUTO_TEST_CASE(retain_handling_0_sends_at_every_subscribe, *label("MQTT5-3.3.1-9")) {
    World world;
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "kept").retain());
    auto client = world.connected(connect("c"));
    for (int i = 0; i < 2; ++i) {
        client.receive(subscribe("t", 0))
            .expect_sent({"SUBACK id=1 [0]", "PUBLISH q0 retain topic=t payload=kept"});
    }
}

BOOST_AUTO_TEST_CASE(retain_handling_1_sends_only_if_the_subscription_is_new,
                     *label("MQTT5-3.3.1-10")) {
    World world;
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "kept").retain());
    auto client = world.connected(staying("c"));
    const SubscribePacket packet = subscribe("t", 0).retain_handling(1);
    client.receive(packet).expect_sent(
        {"SUBACK id=1 [0]", "PUBLISH q0 retain topic=t payload=kept"});
    client.receive(packet).expect_sent("SUBACK id=1 [0]");
    client.lose_connection();
    auto back = world.connected(staying("c"));
    back.receive(packet).expect_sent("SUBACK id=1 [0]");
    back.receive(unsubscribe("t"), packet)
        .expect_sent({"UNSUBACK id=1 [success]", "SUBACK id=1 [0]",
                      "PUBLISH q0 retain topic=t payload=kept"});
    auto other = world.connected(connect("other"));
    other.receive(packet).expect_sent(
        {"SUBACK id=1 [0]", "PUBLISH q0 retain topic=t payload=kept"});
}

BOOST_AUTO_TEST_CASE(retain_handling_2_sends_nothing_at_subscribe, *label("MQTT5-3.3.1-11")) {
    World world;
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "kept").retain());
    auto client = world.connected(connect("c"));
    client.receive(subscribe("t", 0).retain_handling(2).also("+", 0).retain_handling(2))
        .expect_sent("SUBACK id=1 [0,0]");
    writer.receive(publish("t", "new").retain());
    client.expect_sent("PUBLISH q0 topic=t payload=new");
}

BOOST_AUTO_TEST_CASE(same_filter_twice_in_a_packet_works_like_two_packets,
                     *label("MQTT5-3.8.4-5") * label("MQTT5-3.3.1-10") * label("MQTT5-3.3.1-11")) {
    World world;
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "kept").retain());
    for (const int second : {1, 2}) {
        auto client = world.connected(connect("c"));
        client.receive(subscribe("t", 0).retain_handling(1).also("t", 0).retain_handling(second))
            .expect_sent({"SUBACK id=1 [0,0]", "PUBLISH q0 retain topic=t payload=kept"});
    }
}

BOOST_AUTO_TEST_CASE(each_filter_of_a_packet_has_its_own_options) {
    World world;
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("a", "1").retain(), publish("b", "2").retain());
    auto client = world.connected(connect("c"));
    client
        .receive(subscribe("a", 1).no_local().retain_handling(2).also("b", 2).retain_as_published())
        .expect_sent({"SUBACK id=1 [1,2]", "PUBLISH q0 retain topic=b payload=2"});
    client.receive(publish("a", "own"), publish("b", "own").retain())
        .expect_sent("PUBLISH q0 retain topic=b payload=own");
}

// --- Subscription Identifiers

BOOST_AUTO_TEST_CASE(message_carries_the_identifier_of_its_subscription,
                     *label("MQTT5-3.3.4-3") * label("MQTT5-3.3.4-4")) {
    World world;
    auto client = world.connected(connect("c"));
    client
        .receive(subscribe("a", 0).identifier(1), subscribe("b", 1).identifier(268'435'455),
                 subscribe("c", 0))
        .take_sent();
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("a"), publish("b").qos1(), publish("c"));
    client.expect_sent({"PUBLISH q0 topic=a payload= sub=[1]",
                        "PUBLISH q1 id=1 topic=b payload= sub=[268435455]",
                        "PUBLISH q0 topic=c payload="});
}

BOOST_AUTO_TEST_CASE(one_copy_carries_the_identifiers_of_all_matches,
                     *label("MQTT5-3.3.4-3") * label("MQTT5-3.3.4-4") * label("MQTT5-3.3.4-2")) {
    World world;
    auto client = world.connected(connect("c"));
    client
        .receive(subscribe("t/#", 0).identifier(10), subscribe("t/+", 1).identifier(20),
                 subscribe("t/1", 0), subscribe("+/1", 0).identifier(10))
        .take_sent();
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t/1").qos1());
    const std::vector<std::string> sent = client.take_sent();
    BOOST_TEST_REQUIRE(sent.size() == 1U);
    const std::string prefix = "PUBLISH q1 id=1 topic=t/1 payload= sub=";
    const bool is_any_order = sent[0] == prefix + "[10,10,20]" ||
                              sent[0] == prefix + "[10,20,10]" || sent[0] == prefix + "[20,10,10]";
    BOOST_TEST(is_any_order, sent[0]);
}

BOOST_AUTO_TEST_CASE(identifiers_survive_waiting_and_redelivery, *label("MQTT5-3.3.4-3")) {
    World world;
    auto before = world.connected(staying("c"));
    before.receive(subscribe("t/#", 1).identifier(3), subscribe("t/1", 1).identifier(4));
    before.lose_connection();
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t/1", "x").qos1());
    world.connected(staying("c")).lose_connection();
    auto client = world.client("c");
    client.receive(staying("c"));
    const std::string sent = client.take_sent().at(1);
    const std::string prefix = "PUBLISH q1 dup id=1 topic=t/1 payload=x sub=";
    BOOST_TEST((sent == prefix + "[3,4]" || sent == prefix + "[4,3]"), sent);
}

BOOST_AUTO_TEST_CASE(replacing_replaces_the_identifier,
                     *label("MQTT5-3.3.4-3") * label("MQTT5-3.8.4-3")) {
    World world;
    auto client = world.connected(connect("c"));
    auto writer = world.connected(connect("writer"));
    client.receive(subscribe("t", 0).identifier(1), subscribe("t", 0).identifier(2)).take_sent();
    writer.receive(publish("t"));
    client.expect_sent("PUBLISH q0 topic=t payload= sub=[2]");
    client.receive(subscribe("t", 0)).take_sent();
    writer.receive(publish("t"));
    client.expect_sent("PUBLISH q0 topic=t payload=");
}

BOOST_AUTO_TEST_CASE(identifier_belongs_to_every_filter_of_its_packet, *label("MQTT5-3.3.4-3")) {
    World world;
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("a", "kept").retain());
    auto client = world.connected(connect("c"));
    client.receive(subscribe("a", 0).also("b", 0).identifier(5))
        .expect_sent({"SUBACK id=1 [0,0]", "PUBLISH q0 retain topic=a payload=kept sub=[5]"});
    writer.receive(publish("b"));
    client.expect_sent("PUBLISH q0 topic=b payload= sub=[5]");
}

BOOST_AUTO_TEST_CASE(shared_and_plain_copy_carry_their_own_identifier, *label("MQTT5-3.3.4-5")) {
    World world;
    auto client = world.connected(connect("c"));
    client.receive(subscribe("t", 0).identifier(1), subscribe("$share/g/t", 1).identifier(2))
        .take_sent();
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "x").qos1());
    client.expect_sent(
        {"PUBLISH q0 topic=t payload=x sub=[1]", "PUBLISH q1 id=1 topic=t payload=x sub=[2]"});
}

BOOST_AUTO_TEST_SUITE_END()
