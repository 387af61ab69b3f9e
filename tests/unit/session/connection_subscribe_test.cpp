// SUBSCRIBE and SUBACK: answers, refusals, limits, replacing, what matches.

#include "support/connection_script.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;
using codec::ProtocolVersion;

namespace {

constexpr ProtocolVersion all_versions[]{v3_1, v3_1_1, v5};

ConnectPacket staying(std::string client_id) {
    return connect(std::move(client_id)).clean_start(false).session_expiry(1'000);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(subscribing)

// --- The answer

BOOST_AUTO_TEST_CASE(subscribe_is_answered_with_its_identifier_and_the_granted_qos,
                     *label("MQTT5-3.8.4-1") * label("MQTT3-3.8.4-1") * label("MQTT5-3.8.4-2") *
                         label("MQTT3-3.8.4-2") * label("MQTT5-2.2.1-6") * label("MQTT3-2.3.1-7") *
                         label("MQTT5-3.8.4-6") * label("MQTT5-3.8.4-7") * label("MQTT3-3.8.4-5")) {
    for (const ProtocolVersion version : all_versions) {
        World world;
        auto client = world.connected(connect("c"), version);
        client.receive(subscribe("a", 0).id(1)).expect_sent("SUBACK id=1 [0]");
        client.receive(subscribe("b", 1).id(65'535)).expect_sent("SUBACK id=65535 [1]");
        client.receive(subscribe("c", 2).id(9)).expect_sent("SUBACK id=9 [2]");
        BOOST_TEST(world.count(Counter::subscriptions_added) == 3U);
    }
}

BOOST_AUTO_TEST_CASE(codes_are_in_the_order_of_the_filters,
                     *label("MQTT5-3.9.3-1") * label("MQTT3-3.9.3-1") * label("MQTT5-3.9.3-2") *
                         label("MQTT3-3.9.3-2") * label("MQTT5-3.8.4-5") * label("MQTT3-3.8.4-4") *
                         label("MQTT5-3.8.4-6") * label("MQTT3-3.8.4-5") * label("MQTT5-3.8.4-7")) {
    const SubscribePacket packet =
        subscribe("a", 2).also("a/#/b", 1).also("b", 0).also("c+", 2).also("d", 1);
    World world;
    auto client = world.connected(connect("c"));
    client.receive(packet).expect_sent(
        "SUBACK id=1 [2,topic_filter_invalid,0,topic_filter_invalid,1]");
    auto older = world.connected(connect("d"), v3_1_1);
    older.receive(packet).expect_sent("SUBACK id=1 [2,unspecified_error,0,unspecified_error,1]");
}

BOOST_AUTO_TEST_CASE(v3_1_client_is_closed_where_suback_cannot_say_failure) {
    World world;
    auto client = world.connected(connect("c"), v3_1);
    client.receive(subscribe("a", 2).also("a/#/b", 1)).expect_nothing_sent();
    client.expect_closed(CloseReason::topic_invalid);
}

BOOST_AUTO_TEST_CASE(several_filters_work_like_several_packets,
                     *label("MQTT5-3.8.4-5") * label("MQTT3-3.8.4-4") * label("MQTT5-3.8.4-3") *
                         label("MQTT3-3.8.4-3")) {
    for (const ProtocolVersion version : {v3_1_1, v5}) {
        World world;
        auto writer = world.connected(connect("writer"));
        writer.receive(publish("a", "kept").retain());
        auto client = world.connected(connect("c"), version);
        client.receive(subscribe("a", 2).also("b", 1).also("a", 0))
            .expect_sent({"SUBACK id=1 [2,1,0]", "PUBLISH q0 retain topic=a payload=kept"});
        writer.receive(publish("a", "x").qos2(1), publish("b", "y").qos2(2));
        client.expect_sent({"PUBLISH q0 topic=a payload=x", "PUBLISH q1 id=1 topic=b payload=y"});
    }
}

// --- Refusals

BOOST_AUTO_TEST_CASE(ill_formed_filters_are_refused_in_suback,
                     *label("MQTT5-4.7.1-1") * label("MQTT3-4.7.1-2") * label("MQTT5-4.7.1-2") *
                         label("MQTT3-4.7.1-3") * label("MQTT5-4.7.3-1") * label("MQTT3-4.7.3-1") *
                         label("MQTT5-3.9.3-2") * label("MQTT3-3.9.3-2")) {
    for (const std::string filter : {"", "#/a", "a#", "a/b#", "##", "a/#/", "a+", "+a/b", "a/++"}) {
        World world;
        auto client = world.connected(connect("c"));
        client.receive(subscribe(filter, 1)).expect_sent("SUBACK id=1 [topic_filter_invalid]");
        auto older = world.connected(connect("d"), v3_1_1);
        older.receive(subscribe(filter, 1)).expect_sent("SUBACK id=1 [unspecified_error]");
        BOOST_TEST(world.count(Counter::subscriptions_added) == 0U);
    }
}

BOOST_AUTO_TEST_CASE(malformed_requests_close_the_connection,
                     *label("MQTT5-3.8.1-1") * label("MQTT3-3.8.1-1") * label("MQTT5-3.8.3-1") *
                         label("MQTT3-3.8.3-1") * label("MQTT5-3.8.3-2") * label("MQTT3-3.8.3-3") *
                         label("MQTT5-3.8.3-5") * label("MQTT3-3.8.3-4") * label("MQTT5-2.2.1-3") *
                         label("MQTT3-2.3.1-1") * label("MQTT5-4.7.3-2") * label("MQTT3-4.7.3-2") *
                         label("MQTT5-4.13.1-1") * label("MQTT3-4.8.0-1")) {
    struct Case {
        std::string_view in_v5;
        std::string_view before_v5;
        std::string_view answer;
        CloseReason reason;
    };
    const Case cases[]{
        {"80 [ 0001 00 ('t') 00 ]", "80 [ 0001 ('t') 00 ]", "DISCONNECT malformed_packet",
         CloseReason::malformed_packet},  // flags
        {"82 [ 0001 00 (C1 81) 00 ]", "82 [ 0001 (C1 81) 00 ]", "DISCONNECT malformed_packet",
         CloseReason::malformed_packet},  // not UTF-8
        {"82 [ 0001 00 (61 00) 00 ]", "82 [ 0001 (61 00) 00 ]", "DISCONNECT malformed_packet",
         CloseReason::malformed_packet},  // U+0000
        {"82 [ 0001 00 ]", "82 [ 0001 ]", "DISCONNECT protocol_error",
         CloseReason::protocol_error},  // no filter
        {"82 [ 0001 00 ('t') ]", "82 [ 0001 ('t') ]", "DISCONNECT malformed_packet",
         CloseReason::malformed_packet},  // no options
        {"82 [ 0001 00 ('t') 40 ]", "82 [ 0001 ('t') 04 ]", "DISCONNECT malformed_packet",
         CloseReason::malformed_packet},  // reserved bits
        {"82 [ 0001 00 ('t') 03 ]", "82 [ 0001 ('t') 03 ]", "DISCONNECT protocol_error",
         CloseReason::protocol_error},  // QoS 3
        {"82 [ 0000 00 ('t') 00 ]", "82 [ 0000 ('t') 00 ]", "DISCONNECT protocol_error",
         CloseReason::protocol_error},  // identifier 0
        {"82 [ 0001 00 ('t') 30 ]", "82 [ 0001 ('t') 30 ]", "DISCONNECT protocol_error",
         CloseReason::protocol_error},  // Retain Handling 3; reserved bits before
        {"82 [ 0001 [ 0B 00 ] ('t') 00 ]", "82 [ 0000 ]", "DISCONNECT protocol_error",
         CloseReason::protocol_error},  // Subscription Identifier 0; identifier 0 before
    };
    for (const Case& one : cases) {
        World world;
        auto client = world.connected(connect("c"));
        client.receive(one.in_v5).expect_sent(one.answer).expect_closed(one.reason);
        auto older = world.connected(connect("d"), v3_1_1);
        older.receive(one.before_v5).expect_nothing_sent();
        BOOST_TEST(!older.is_open());
        BOOST_TEST(world.count(Counter::subscriptions_added) == 0U);
    }
}

// --- Limits

BOOST_AUTO_TEST_CASE(subscriptions_of_a_session_are_limited) {
    World world{Limits{.subscriptions_per_session_max = 2}};
    auto client = world.connected(connect("c"));
    client.receive(subscribe("a", 0).also("b", 0).also("c", 0))
        .expect_sent("SUBACK id=1 [0,0,quota_exceeded]");
    client.receive(subscribe("b", 2).also("d", 1)).expect_sent("SUBACK id=1 [2,quota_exceeded]");
    client.receive(unsubscribe("a"), subscribe("d", 1)).take_sent();
    auto other = world.connected(connect("other"));
    other.receive(subscribe("c", 0).also("a", 0)).expect_sent("SUBACK id=1 [0,0]");
    auto older = world.connected(connect("older"), v3_1_1);
    older.receive(subscribe("1", 0).also("2", 0).also("3", 0))
        .expect_sent("SUBACK id=1 [0,0,unspecified_error]");
    BOOST_TEST(world.find("c")->filters.size() == 2U);
}

BOOST_AUTO_TEST_CASE(filters_of_a_packet_are_limited) {
    World world{Limits{.subscriptions_per_packet_max = 2}};
    auto client = world.connected(connect("c"));
    client.receive(subscribe("a", 0).also("b", 0)).expect_sent("SUBACK id=1 [0,0]");
    client.receive(subscribe("a", 0).also("b", 0).also("c", 0))
        .expect_sent("DISCONNECT quota_exceeded");
    BOOST_TEST(!client.is_open());
}

BOOST_AUTO_TEST_CASE(levels_of_a_filter_are_limited) {
    World world{Limits{.topic_levels_max = 3}};
    auto client = world.connected(connect("c"));
    client.receive(subscribe("a/+/#", 0).also("a/b/c/d", 0).also("$share/g/a/b/c", 0))
        .expect_sent("SUBACK id=1 [0,topic_filter_invalid,0]");
}

BOOST_AUTO_TEST_CASE(longest_filter_is_accepted, *label("MQTT5-4.7.3-3") * label("MQTT3-4.7.3-3")) {
    World world;
    auto client = world.connected(connect("c"));
    client.receive(subscribe(std::string(65'535, 'f'), 0)).expect_sent("SUBACK id=1 [0]");
}

// --- Replacing

BOOST_AUTO_TEST_CASE(same_filter_replaces_the_subscription,
                     *label("MQTT5-3.8.4-3") * label("MQTT3-3.8.4-3") * label("MQTT5-3.8.4-8") *
                         label("MQTT3-3.8.4-6")) {
    for (const ProtocolVersion version : all_versions) {
        World world;
        auto writer = world.connected(connect("writer"));
        auto client = world.connected(connect("c"), version);
        client.receive(subscribe("t/+", 0), subscribe("t/+", 2)).take_sent();
        writer.receive(publish("t/1", "a").qos1());
        client.expect_sent("PUBLISH q1 id=1 topic=t/1 payload=a");
        client.receive(subscribe("t/+", 0)).take_sent();
        writer.receive(publish("t/1", "b").qos1());
        client.expect_sent("PUBLISH q0 topic=t/1 payload=b");
        BOOST_TEST(world.count(Counter::subscriptions_added) == 1U);
    }
}

BOOST_AUTO_TEST_CASE(replacing_sends_retained_messages_again_and_loses_nothing,
                     *label("MQTT5-3.8.4-4") * label("MQTT3-3.8.4-3")) {
    for (const ProtocolVersion version : {v3_1_1, v5}) {
        World world;
        auto writer = world.connected(connect("writer"));
        writer.receive(publish("t", "kept").retain());
        auto client = world.connected(staying("c"), version);
        client.receive(subscribe("t", 1)).take_sent();
        writer.receive(publish("t", "live").qos1());
        client.receive(subscribe("t", 2).id(2))
            .expect_sent({"PUBLISH q1 id=1 topic=t payload=live", "SUBACK id=2 [2]",
                          "PUBLISH q0 retain topic=t payload=kept"});
        client.lose_connection();
        auto back = world.client("back", version);
        back.receive(staying("c"))
            .expect_sent(
                {"CONNACK session_present success", "PUBLISH q1 dup id=1 topic=t payload=live"});
    }
}

BOOST_AUTO_TEST_CASE(subscriptions_stay_with_the_session,
                     *label("MQTT5-3.1.2-5") * label("MQTT3-3.1.2-4") * label("MQTT5-4.1.0-1") *
                         label("MQTT3-4.1.0-1")) {
    for (const ProtocolVersion version : all_versions) {
        World world;
        world.connected(staying("c"), version).receive(subscribe("t", 0)).lose_connection();
        auto client = world.connected(staying("c"), version);
        auto writer = world.connected(connect("writer"));
        writer.receive(publish("t", "x"));
        client.expect_sent("PUBLISH q0 topic=t payload=x");
        client.lose_connection();
        auto fresh = world.connected(connect("c"), version);
        writer.receive(publish("t", "x"));
        fresh.expect_nothing_sent();
    }
}

// --- What matches

BOOST_AUTO_TEST_CASE(message_has_the_lower_of_published_and_granted_qos,
                     *label("MQTT5-3.8.4-8") * label("MQTT3-3.8.4-6")) {
    for (const ProtocolVersion version : all_versions) {
        for (int granted = 0; granted <= 2; ++granted) {
            World world;
            auto client = world.connected(connect("c"), version);
            client.receive(subscribe("t", granted)).take_sent();
            auto writer = world.connected(connect("writer"));
            writer.receive(publish("t", "0"), publish("t", "1").qos1(1), publish("t", "2").qos2(2));
            const std::vector<std::string> sent = client.take_sent();
            BOOST_TEST_REQUIRE(sent.size() == 3U);
            for (int published = 0; published <= 2; ++published) {
                const std::string qos = std::to_string(std::min(published, granted));
                const std::size_t index = static_cast<std::size_t>(published);
                BOOST_TEST(sent[index].starts_with("PUBLISH q" + qos));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(wildcards_match_as_the_specification_says,
                     *label("MQTT5-4.7.1-1") * label("MQTT3-4.7.1-2") * label("MQTT5-4.7.1-2") *
                         label("MQTT3-4.7.1-3") * label("MQTT5-3.3.2-3") * label("MQTT3-3.3.2-3")) {
    struct Case {
        std::string filter;
        std::vector<std::string> matched;
    };
    const std::vector<std::string> topics{"sport",           "sport/",   "sport/tennis",
                                          "sport/tennis/p1", "/finance", "SPORT"};
    const Case cases[]{
        {"#", topics},
        {"sport/#", {"sport", "sport/", "sport/tennis", "sport/tennis/p1"}},
        {"sport/+", {"sport/", "sport/tennis"}},
        {"+", {"sport", "SPORT"}},
        {"/+", {"/finance"}},
        {"+/+", {"sport/", "sport/tennis", "/finance"}},
        {"+/tennis/#", {"sport/tennis", "sport/tennis/p1"}},
        {"sport", {"sport"}},
    };
    for (const Case& one : cases) {
        World world;
        auto client = world.connected(connect("c"));
        client.receive(subscribe(one.filter, 0)).take_sent();
        auto writer = world.connected(connect("writer"));
        for (const std::string& topic : topics) writer.receive(publish(topic));
        std::vector<std::string> expected;
        for (const std::string& topic : one.matched) {
            expected.push_back("PUBLISH q0 topic=" + topic + " payload=");
        }
        BOOST_TEST_CONTEXT(one.filter) {
            BOOST_TEST(client.take_sent() == expected, boost::test_tools::per_element());
        }
    }
}

BOOST_AUTO_TEST_CASE(overlapping_subscriptions_give_one_copy_with_the_highest_qos,
                     *label("MQTT5-3.3.4-2") * label("MQTT3-3.3.5-1")) {
    for (const ProtocolVersion version : all_versions) {
        World world;
        auto client = world.connected(connect("c"), version);
        client.receive(subscribe("t/#", 0).also("t/1", 2).also("+/1", 1)).take_sent();
        auto writer = world.connected(connect("writer"));
        writer.receive(publish("t/1", "x").qos2(1), publish("t/2", "y").qos2(2),
                       publish("u/1", "z").qos2(3));
        client.expect_sent({"PUBLISH q2 id=1 topic=t/1 payload=x", "PUBLISH q0 topic=t/2 payload=y",
                            "PUBLISH q1 id=2 topic=u/1 payload=z"});
    }
}

BOOST_AUTO_TEST_SUITE_END()
