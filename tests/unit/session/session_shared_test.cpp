// Shared subscriptions. MQTT 5 section 4.8.2.

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

ConnectionScript member_of(World& world, const ConnectPacket& packet,
                           std::string filter = "$share/g/t", int qos = 2) {
    ConnectionScript member = world.connected(packet);
    member.receive(subscribe(std::move(filter), qos))
        .expect_sent("SUBACK id=1 [" + std::to_string(qos) + "]");
    return member;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shared_subscriptions)

BOOST_AUTO_TEST_CASE(each_message_goes_to_one_member_in_turn) {
    World world;
    std::vector<ConnectionScript> members;
    for (const char* id : {"a", "b", "c"}) members.push_back(member_of(world, connect(id)));
    auto plain = world.connected(connect("plain"));
    plain.receive(subscribe("t", 0)).take_sent();
    auto writer = world.connected(connect("writer"));
    for (int i = 0; i < 9; ++i) writer.receive(publish("t", std::to_string(i)));
    for (ConnectionScript& member : members) BOOST_TEST(member.take_sent().size() == 3U);
    BOOST_TEST(plain.take_sent().size() == 9U);
}

BOOST_AUTO_TEST_CASE(groups_with_other_names_and_filters_get_their_own_copy) {
    World world;
    auto g = member_of(world, connect("g"), "$share/g/t");
    auto h = member_of(world, connect("h"), "$share/h/t");
    auto wild = member_of(world, connect("wild"), "$share/g/#");
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "x"));
    for (ConnectionScript* member : {&g, &h, &wild}) {
        member->expect_sent("PUBLISH q0 topic=t payload=x");
    }
}

BOOST_AUTO_TEST_CASE(clients_of_all_versions_share) {
    World world;
    auto newer = member_of(world, connect("newer"));
    auto older = world.connected(connect("older"), v3_1_1);
    older.receive(subscribe("$share/g/t", 1)).take_sent();
    auto writer = world.connected(connect("writer"));
    for (int i = 0; i < 4; ++i) writer.receive(publish("t"));
    BOOST_TEST(newer.take_sent().size() == 2U);
    BOOST_TEST(older.take_sent().size() == 2U);
}

BOOST_AUTO_TEST_CASE(malformed_shared_filters_are_refused,
                     *label("MQTT5-4.8.2-1") * label("MQTT5-4.8.2-2") * label("MQTT5-3.9.3-2")) {
    World world;
    auto client = world.connected(connect("c"));
    auto older = world.connected(connect("d"), v3_1_1);
    for (const std::string filter :
         {"$share", "$share/", "$share/g", "$share/g/", "$share//t", "$share/+/t", "$share/#/t",
          "$share/g+/t", "$share/g#", "$share/g/t#", "$share/g/#/t"}) {
        client.receive(subscribe(filter, 0)).expect_sent("SUBACK id=1 [topic_filter_invalid]");
        client.receive(unsubscribe(filter)).expect_sent("UNSUBACK id=1 [topic_filter_invalid]");
        older.receive(subscribe(filter, 0)).expect_sent("SUBACK id=1 [unspecified_error]");
    }
    client.receive(subscribe("$share/g//t", 0).also("$shared/t", 0))
        .expect_sent("SUBACK id=1 [0,0]");
    BOOST_TEST(world.count(Counter::subscriptions_added) == 2U);
}

BOOST_AUTO_TEST_CASE(retained_messages_are_not_sent_to_a_new_member) {
    World world;
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "kept").retain());
    auto member = member_of(world, connect("c"));
    member.receive(subscribe("$share/g/t", 0).retain_handling(1)).expect_sent("SUBACK id=1 [0]");
    member.receive(subscribe("t", 0).id(2))
        .expect_sent({"SUBACK id=2 [0]", "PUBLISH q0 retain topic=t payload=kept"});
}

BOOST_AUTO_TEST_CASE(qos_granted_to_the_member_is_respected, *label("MQTT5-4.8.2-3")) {
    World world;
    auto a = member_of(world, connect("a"), "$share/g/t", 0);
    auto b = member_of(world, connect("b"), "$share/g/t", 1);
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "x").qos2(1), publish("t", "x").qos2(2));
    a.expect_sent("PUBLISH q0 topic=t payload=x");
    b.expect_sent("PUBLISH q1 id=1 topic=t payload=x");
}

BOOST_AUTO_TEST_CASE(member_options_and_identifier_apply, *label("MQTT5-4.8.2-3")) {
    World world;
    auto member = world.connected(connect("c"));
    member.receive(subscribe("$share/g/t", 1).retain_as_published().identifier(7)).take_sent();
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "x").retain());
    member.expect_sent("PUBLISH q0 retain topic=t payload=x sub=[7]");
}

// --- Members that are away

BOOST_AUTO_TEST_CASE(offline_members_are_passed_over) {
    World world;
    member_of(world, staying("away")).lose_connection();
    auto here = member_of(world, connect("here"));
    auto writer = world.connected(connect("writer"));
    for (int i = 0; i < 4; ++i) writer.receive(publish("t").qos1());
    BOOST_TEST(here.take_sent().size() == 4U);
    BOOST_TEST(world.totals().queued_messages == 0U);
}

BOOST_AUTO_TEST_CASE(messages_wait_when_every_member_is_away) {
    World world;
    member_of(world, staying("a")).lose_connection();
    member_of(world, staying("b")).lose_connection();
    auto writer = world.connected(connect("writer"));
    for (int i = 0; i < 4; ++i) writer.receive(publish("t").qos1()).expect_sent("PUBACK id=1");
    BOOST_TEST(world.totals().queued_messages == 4U);
    auto a = world.connected(staying("a"));
    auto b = world.connected(staying("b"));
    BOOST_TEST(world.totals().inflight_messages == 4U);
}

BOOST_AUTO_TEST_CASE(what_a_lost_member_has_not_acknowledged_goes_to_another) {
    World world;
    auto lost = member_of(world, staying("lost").receive_maximum(2));
    auto writer = world.connected(connect("writer"));
    for (const char* payload : {"1", "2", "3"}) writer.receive(publish("t", payload).qos1());
    writer.receive(publish("t", "4"));
    lost.expect_sent({"PUBLISH q1 id=1 topic=t payload=1", "PUBLISH q1 id=2 topic=t payload=2"});
    auto other = member_of(world, connect("other"));
    lost.lose_connection();
    other.expect_sent({"PUBLISH q1 id=1 topic=t payload=1", "PUBLISH q1 id=2 topic=t payload=2",
                       "PUBLISH q1 id=3 topic=t payload=3", "PUBLISH q0 topic=t payload=4"});
    BOOST_TEST(world.count(Counter::messages_moved) == 4U);
    auto back = world.client("lost");
    back.receive(staying("lost")).expect_sent(resumed);
}

BOOST_AUTO_TEST_CASE(without_another_member_the_messages_wait_for_the_lost_one) {
    World world;
    auto lost = member_of(world, staying("lost"));
    member_of(world, staying("away too")).lose_connection();
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "1").qos1());
    lost.lose_connection();
    auto back = world.client("lost");
    back.receive(staying("lost")).expect_sent({resumed, "PUBLISH q1 dup id=1 topic=t payload=1"});
    BOOST_TEST(world.count(Counter::messages_moved) == 0U);
}

BOOST_AUTO_TEST_CASE(qos_2_begun_is_completed_to_the_same_member, *label("MQTT5-4.8.2-4")) {
    World world;
    auto lost = member_of(world, staying("lost"));
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "1").qos2(1), publish("t", "2").qos2(2));
    lost.expect_sent({"PUBLISH q2 id=1 topic=t payload=1", "PUBLISH q2 id=2 topic=t payload=2"});
    lost.receive(pubrec(1)).take_sent();
    auto other = member_of(world, connect("other"));
    lost.lose_connection();
    other.expect_nothing_sent();
    auto back = world.client("lost");
    back.receive(staying("lost"))
        .expect_sent({resumed, "PUBREL id=1", "PUBLISH q2 dup id=2 topic=t payload=2"});
    back.receive(pubrec(2), pubcomp(1), pubcomp(2)).expect_sent("PUBREL id=2");
    other.expect_nothing_sent();
    BOOST_TEST(world.count(Counter::messages_delivered) == 2U);
}

BOOST_AUTO_TEST_CASE(qos_2_begun_goes_to_nobody_else_when_the_session_ends,
                     *label("MQTT5-4.8.2-5")) {
    World world;
    auto lost = member_of(world, connect("lost").session_expiry(10));
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "1").qos2(1), publish("t", "2").qos1(2));
    auto other = member_of(world, connect("other"));
    lost.lose_connection();
    other.expect_sent("PUBLISH q1 id=1 topic=t payload=2");
    world.advance(Seconds{11});
    BOOST_TEST(!world.find("lost"));
    other.expect_nothing_sent();
    BOOST_TEST(world.count(DropReason::session_ended) == 1U);
}

BOOST_AUTO_TEST_CASE(qos_2_not_begun_goes_to_another) {
    World world;
    auto lost = member_of(world, staying("lost").receive_maximum(1));
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "1").qos2(1), publish("t", "2").qos2(2));
    lost.expect_sent("PUBLISH q2 id=1 topic=t payload=1");
    auto other = member_of(world, connect("other"));
    lost.lose_connection();
    other.expect_sent("PUBLISH q2 id=1 topic=t payload=2");
}

BOOST_AUTO_TEST_CASE(what_an_ended_session_has_not_acknowledged_goes_to_another) {
    for (const bool is_clean_start : {true, false}) {
        World world;
        auto ending = member_of(world, staying("ending").receive_maximum(1));
        auto writer = world.connected(connect("writer"));
        writer.receive(publish("t", "1").qos1(), publish("t", "2").qos1());
        ending.expect_sent("PUBLISH q1 id=1 topic=t payload=1");
        auto other = member_of(world, connect("other"));
        if (is_clean_start) {
            auto again = world.client("again");
            again.receive(connect("ending")).expect_sent("CONNACK success");
        } else {
            ending.receive(disconnect().session_expiry(0));
        }
        other.expect_sent(
            {"PUBLISH q1 id=1 topic=t payload=1", "PUBLISH q1 id=2 topic=t payload=2"});
        BOOST_TEST(world.count(DropReason::session_ended) == 0U);
    }
}

BOOST_AUTO_TEST_CASE(last_member_takes_its_messages_with_it) {
    World world;
    auto ending = member_of(world, connect("ending").receive_maximum(1));
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "1").qos1(), publish("t", "2").qos1());
    ending.lose_connection();
    BOOST_TEST(world.count(DropReason::session_ended) == 2U);
    BOOST_TEST(world.count(Counter::messages_moved) == 0U);
}

BOOST_AUTO_TEST_CASE(ended_session_leaves_its_messages_to_members_that_are_away) {
    World world;
    auto ending = member_of(world, connect("ending"));
    member_of(world, staying("away")).lose_connection();
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "1").qos1());
    ending.lose_connection();
    auto away = world.client("away");
    away.receive(staying("away")).expect_sent({resumed, "PUBLISH q1 id=1 topic=t payload=1"});
}

BOOST_AUTO_TEST_CASE(member_that_unsubscribes_gives_up_what_it_was_not_sent) {
    World world;
    auto leaving = member_of(world, staying("leaving").receive_maximum(1));
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "1").qos1(), publish("t", "2").qos1());
    auto other = member_of(world, connect("other"));
    leaving.expect_sent("PUBLISH q1 id=1 topic=t payload=1");
    leaving.receive(unsubscribe("$share/g/t")).expect_sent("UNSUBACK id=1 [success]");
    other.expect_sent("PUBLISH q1 id=1 topic=t payload=2");
    leaving.receive(puback(1)).expect_nothing_sent();
    for (int i = 0; i < 2; ++i) writer.receive(publish("t", "later"));
    BOOST_TEST(other.take_sent().size() == 2U);
}

BOOST_AUTO_TEST_CASE(taking_over_keeps_the_messages_with_the_session) {
    World world;
    auto before = member_of(world, staying("c"));
    auto other = member_of(world, connect("other"));
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "1").qos1(), publish("t", "2").qos1());
    auto after = world.client("c");
    after.receive(staying("c")).expect_sent({resumed, "PUBLISH q1 dup id=1 topic=t payload=1"});
    other.expect_sent("PUBLISH q1 id=1 topic=t payload=2");
}

BOOST_AUTO_TEST_CASE(moved_message_has_the_qos_options_and_identifier_of_its_new_member,
                     *label("MQTT5-4.8.2-3")) {
    World world;
    auto lost = world.connected(connect("lost"));
    lost.receive(subscribe("$share/g/t", 2).identifier(1)).take_sent();
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "x").qos1().retain().expiry(10));
    lost.expect_sent("PUBLISH q1 id=1 topic=t payload=x expiry=10 sub=[1]");
    auto other = world.connected(connect("other"));
    other.receive(subscribe("$share/g/t", 0).retain_as_published().identifier(2)).take_sent();
    world.advance(Seconds{3});
    lost.lose_connection();
    other.expect_sent("PUBLISH q0 retain topic=t payload=x expiry=7 sub=[2]");
}

BOOST_AUTO_TEST_CASE(message_refused_by_its_member_goes_to_nobody_else, *label("MQTT5-4.8.2-6")) {
    World world;
    auto a = member_of(world, staying("a"));
    auto writer = world.connected(connect("writer"));
    writer.receive(publish("t", "1").qos1(), publish("t", "2").qos2(2));
    auto b = member_of(world, connect("b"));
    a.receive(puback(1, ReasonCode::unspecified_error), pubrec(2, ReasonCode::quota_exceeded));
    a.lose_connection();
    b.expect_nothing_sent();
    BOOST_TEST(world.count(DropReason::refused_by_client) == 2U);
}

BOOST_AUTO_TEST_CASE(only_messages_of_the_group_are_moved) {
    World world;
    auto lost = member_of(world, staying("lost"), "$share/g/t");
    lost.receive(subscribe("$share/h/u", 1), subscribe("v", 1)).take_sent();
    auto writer = world.connected(connect("writer"));
    for (const char* topic : {"t", "u", "v"}) writer.receive(publish(topic).qos1());
    auto other = member_of(world, connect("other"), "$share/g/t");
    lost.lose_connection();
    other.expect_sent("PUBLISH q1 id=1 topic=t payload=");
    auto back = world.client("lost");
    back.receive(staying("lost"))
        .expect_sent({resumed, "PUBLISH q1 dup id=2 topic=u payload=",
                      "PUBLISH q1 dup id=3 topic=v payload="});
}

BOOST_AUTO_TEST_CASE(members_on_other_shards_get_what_is_moved) {
    World world{Limits{}, 3};
    auto lost = member_of(world, staying("lost"));
    auto writer = world.connected(connect("writer"), v5, 1);
    writer.receive(publish("t", "1").qos1());
    auto other = world.connected(connect("other"), v5, 2);
    other.receive(subscribe("$share/g/t", 1)).take_sent();
    lost.lose_connection();
    other.expect_sent("PUBLISH q1 id=1 topic=t payload=1");
}

BOOST_AUTO_TEST_SUITE_END()
