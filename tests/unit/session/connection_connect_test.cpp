// CONNECT: what is accepted, what is refused, and how the refusal is told. MQTT 5 sections 3.1, 4.12.

#include "support/connection_script.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;

namespace {

/// A CONNECT that breaks one clause.
struct BadConnect {
    std::string_view bytes;
    std::string_view clause;
};

/// Each row is refused on a connection of its own: 5.0 is told `answer`, older ones nothing.
void expect_refused(codec::ProtocolVersion version, std::span<const BadConnect> rows,
                    std::string_view answer, CloseReason reason) {
    for (const BadConnect& row : rows) {
        BOOST_TEST_CONTEXT(row.bytes) {
            World world;
            auto client = world.client("bad", version);
            client.receive(row.bytes);
            if (version == v5) {
                client.expect_sent(answer);
            } else {
                client.expect_nothing_sent();
            }
            client.expect_closed(reason);
            BOOST_TEST(world.events.last("connection_closed").clause == row.clause);
            BOOST_TEST(world.totals().sessions == 0U);
        }
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(connection_connect)

// --- The order of packets

BOOST_AUTO_TEST_CASE(a_first_packet_other_than_connect_closes_the_connection,
                     *label("MQTT5-3.1.0-1") * label("MQTT3-3.1.0-1") * label("MQTT5-3.14.0-1") *
                         label("MQTT5-4.13.1-1")) {
    for (const std::string_view first :
         {"20 [ 00 00 00 ]", "30 [ ('a/b') 00 'hi' ]", "40 [ 0001 ]", "50 [ 0001 ]", "62 [ 0001 ]",
          "70 [ 0001 ]", "82 [ 0001 00 ('a') 00 ]", "90 [ 0001 00 00 ]", "A2 [ 0001 00 ('a') ]",
          "B0 [ 0001 00 00 ]", "C0 00", "D0 00", "E0 00", "F0 00", "00 00"}) {
        BOOST_TEST_CONTEXT(first) {
            World world;
            auto client = world.client();
            client.receive(first).expect_nothing_sent().expect_closed(CloseReason::protocol_error);
            BOOST_TEST(world.events.last("connection_closed").clause == "MQTT5-3.1.0-1");
        }
    }
}

BOOST_AUTO_TEST_CASE(a_second_connect_is_a_protocol_error,
                     *label("MQTT5-3.1.0-2") * label("MQTT3-3.1.0-2") * label("MQTT5-3.2.0-2") *
                         label("MQTT3-4.8.0-1")) {
    World world;
    auto modern = world.connected(connect("pump-7"));
    modern.receive(connect("pump-7")).expect_sent("DISCONNECT protocol_error");
    modern.expect_closed(CloseReason::protocol_error);
    auto older = world.connected(connect("pump-8"), v3_1_1);
    older.receive(connect("pump-8")).expect_nothing_sent();
    older.expect_closed(CloseReason::protocol_error);
}

BOOST_AUTO_TEST_CASE(packets_right_behind_connect_are_answered_after_connack,
                     *label("MQTT5-3.2.0-1") * label("MQTT3-3.2.0-1") * label("MQTT5-3.1.4-5") *
                         label("MQTT3-3.1.4-4")) {
    for (const auto version : {v3_1, v3_1_1, v5}) {
        World world;
        auto client = world.client("eager", version);
        client.receive(connect("eager"), subscribe("a/b", 1), publish("a/b", "hi").qos1(9),
                       pingreq());
        client.expect_sent({"CONNACK success", "SUBACK id=1 [1]",
                            "PUBLISH q1 id=1 topic=a/b payload=hi", "PUBACK id=9", "PINGRESP"});
    }
}

BOOST_AUTO_TEST_CASE(nothing_behind_a_refused_connect_is_processed,
                     *label("MQTT5-3.1.4-6") * label("MQTT3-3.1.4-5") * label("MQTT5-3.1.4-2") *
                         label("MQTT5-3.1.2-30")) {
    World world;
    auto watcher = world.connected(connect("watcher"));
    watcher.receive(subscribe("#", 0)).take_sent();
    auto modern = world.client("modern");
    modern.receive(connect("a").authentication("SCRAM"), publish("a", "x"), subscribe("a"));
    modern.expect_sent("CONNACK bad_authentication_method");
    auto older = world.client("older", v3_1_1);
    older.receive(connect("").clean_start(false), publish("a", "x"), subscribe("a"));
    older.expect_sent("CONNACK client_identifier_not_valid");
    watcher.expect_nothing_sent();
    BOOST_TEST(world.totals().sessions == 1U);
}

// --- Protocol name and version

BOOST_AUTO_TEST_CASE(a_wrong_protocol_name_is_refused,
                     *label("MQTT5-3.1.2-1") * label("MQTT3-3.1.2-1") * label("MQTT5-4.13.2-1")) {
    World world;
    auto modern = world.client();
    modern.receive("10 [ ('HTTP') 05 02 0000 00 ('x') ]");
    modern.expect_sent("CONNACK unsupported_protocol_version")
        .expect_closed(CloseReason::unsupported_protocol_version);
    BOOST_TEST(world.events.last("connection_closed").clause == "MQTT5-3.1.2-1");
    auto older = world.client("older", v3_1_1);
    older.receive("10 [ ('mqtt') 04 02 0000 ('x') ]");
    older.expect_sent("CONNACK unsupported_protocol_version")
        .expect_closed(CloseReason::unsupported_protocol_version);
    BOOST_TEST(world.events.last("connection_closed").clause == "MQTT3-3.1.2-1");
}

BOOST_AUTO_TEST_CASE(an_unsupported_version_is_refused_in_the_form_it_claims,
                     *label("MQTT5-3.1.2-2") * label("MQTT3-3.1.2-2") * label("MQTT5-3.2.2-7") *
                         label("MQTT3-3.2.2-5")) {
    struct {
        std::string_view bytes;
        codec::ProtocolVersion answered_as;
    } constexpr rows[] = {
        {"10 [ ('MQTT') 06 02 0000 00 ('x') ]", v5},
        {"10 [ ('MQTT') FF 02 0000 ('x') ]", v5},
        {"10 [ ('MQTT') 03 02 0000 ('x') ]", v3_1_1},
        {"10 [ ('MQTT') 00 02 0000 ('x') ]", v3_1_1},
        {"10 [ ('MQIsdp') 04 02 0000 ('x') ]", v3_1_1},
        {"10 [ ('MQIsdp') 05 02 0000 00 ('x') ]", v5},
    };
    for (const auto& row : rows) {
        BOOST_TEST_CONTEXT(row.bytes) {
            World world;
            auto client = world.client("odd", row.answered_as);
            client.receive(row.bytes).expect_sent("CONNACK unsupported_protocol_version");
            client.expect_closed(CloseReason::unsupported_protocol_version);
        }
    }
}

BOOST_AUTO_TEST_CASE(all_three_versions_are_served,
                     *label("MQTT3-3.1.4-1") * label("MQTT5-3.1.4-1") * label("MQTT3-7.0.0-2")) {
    World world;
    auto first = world.client("3.1", v3_1);
    first.receive("10 [ ('MQIsdp') 03 02 003C ('a') ]").expect_sent("CONNACK success");
    auto second = world.client("3.1.1", v3_1_1);
    second.receive("10 [ ('MQTT') 04 02 003C ('b') ]").expect_sent("CONNACK success");
    auto third = world.client("5.0", v5);
    third.receive("10 [ ('MQTT') 05 02 003C 00 ('c') ]").expect_sent("CONNACK success");
    BOOST_TEST(world.totals().connected == 3U);
    BOOST_TEST(world.count(Counter::connections_opened) == 3U);
}

// --- Malformed

BOOST_AUTO_TEST_CASE(a_malformed_connect_of_5_0_is_told_so_and_closed,
                     *label("MQTT5-3.1.4-1") * label("MQTT5-3.1.2-3") * label("MQTT5-3.1.2-9") *
                         label("MQTT5-3.1.2-11") * label("MQTT5-3.1.2-12") *
                         label("MQTT5-3.1.2-13") * label("MQTT5-3.1.2-16") *
                         label("MQTT5-3.1.2-17") * label("MQTT5-3.1.2-18") *
                         label("MQTT5-3.1.2-19") * label("MQTT5-3.1.3-3") * label("MQTT5-3.1.3-4") *
                         label("MQTT5-3.1.3-11") * label("MQTT5-3.1.3-12") *
                         label("MQTT5-2.1.3-1") * label("MQTT5-4.13.1-1")) {
    constexpr BadConnect rows[] = {
        {"11 [ ('MQTT') 05 02 0000 00 ('x') ]", "MQTT5-2.1.3-1"},
        {"10 [ ('MQTT') 05 03 0000 00 ('x') ]", "MQTT5-3.1.2-3"},
        {"10 [ ('MQTT') 05 06 0000 00 ('x') ]", "MQTT5-3.1.2-9"},
        {"10 [ ('MQTT') 05 0A 0000 00 ('x') ]", "MQTT5-3.1.2-11"},
        {"10 [ ('MQTT') 05 1E 0000 00 ('x') 00 ('w') () ]", "MQTT5-3.1.2-12"},
        {"10 [ ('MQTT') 05 22 0000 00 ('x') ]", "MQTT5-3.1.2-13"},
        {"10 [ ('MQTT') 05 02 0000 00 ('x') ('user') ]", "MQTT5-3.1.2-16"},
        {"10 [ ('MQTT') 05 82 0000 00 ('x') ]", "MQTT5-3.1.2-17"},
        {"10 [ ('MQTT') 05 82 0000 00 ('x') ('user') ('pass') ]", "MQTT5-3.1.2-18"},
        {"10 [ ('MQTT') 05 C2 0000 00 ('x') ('user') ]", "MQTT5-3.1.2-19"},
        {"10 [ ('MQTT') 05 02 0000 00 ]", "MQTT5-3.1.3-3"},
        {"10 [ ('MQTT') 05 02 0000 00 (FF) ]", "MQTT5-1.5.4-1"},
        {"10 [ ('MQTT') 05 02 0000 00 ('a' 00) ]", "MQTT5-1.5.4-2"},
        {"10 [ ('MQTT') 05 06 0000 00 ('x') 00 (C0 80) () ]", "MQTT5-1.5.4-1"},
        {"10 [ ('MQTT') 05 82 0000 00 ('x') (ED A0 80) ]", "MQTT5-1.5.4-1"},
        {"10 [ ('MQTT') 05 02 00 ]", ""},
        {"10 [ ('MQTT') 05 02 0000 [ 7F ] ('x') ]", ""},
    };
    expect_refused(v5, rows, "CONNACK malformed_packet", CloseReason::malformed_packet);
}

BOOST_AUTO_TEST_CASE(a_malformed_connect_of_3_1_1_is_closed_without_an_answer,
                     *label("MQTT3-3.1.4-1") * label("MQTT3-3.1.2-3") * label("MQTT3-3.1.2-9") *
                         label("MQTT3-3.1.2-11") * label("MQTT3-3.1.2-13") *
                         label("MQTT3-3.1.2-14") * label("MQTT3-3.1.2-15") *
                         label("MQTT3-3.1.2-18") * label("MQTT3-3.1.2-19") *
                         label("MQTT3-3.1.2-20") * label("MQTT3-3.1.2-21") *
                         label("MQTT3-3.1.2-22") * label("MQTT3-3.1.3-3") * label("MQTT3-3.1.3-4") *
                         label("MQTT3-3.1.3-10") * label("MQTT3-3.1.3-11") *
                         label("MQTT3-2.2.2-1") * label("MQTT3-2.2.2-2") * label("MQTT3-3.2.2-6") *
                         label("MQTT3-4.8.0-1")) {
    constexpr BadConnect rows[] = {
        {"11 [ ('MQTT') 04 02 0000 ('x') ]", "MQTT3-2.2.2-1"},
        {"10 [ ('MQTT') 04 03 0000 ('x') ]", "MQTT3-3.1.2-3"},
        {"10 [ ('MQTT') 04 06 0000 ('x') ]", "MQTT3-3.1.2-9"},
        {"10 [ ('MQTT') 04 0A 0000 ('x') ]", "MQTT3-3.1.2-13"},
        {"10 [ ('MQTT') 04 1E 0000 ('x') ('w') () ]", "MQTT3-3.1.2-14"},
        {"10 [ ('MQTT') 04 22 0000 ('x') ]", "MQTT3-3.1.2-15"},
        {"10 [ ('MQTT') 04 02 0000 ('x') ('user') ]", "MQTT3-3.1.2-18"},
        {"10 [ ('MQTT') 04 82 0000 ('x') ]", "MQTT3-3.1.2-19"},
        {"10 [ ('MQTT') 04 82 0000 ('x') ('user') ('pass') ]", "MQTT3-3.1.2-20"},
        {"10 [ ('MQTT') 04 C2 0000 ('x') ('user') ]", "MQTT3-3.1.2-21"},
        {"10 [ ('MQTT') 04 42 0000 ('x') ('pass') ]", "MQTT3-3.1.2-22"},
        {"10 [ ('MQTT') 04 02 0000 ]", "MQTT3-3.1.3-3"},
        {"10 [ ('MQTT') 04 02 0000 (FF) ]", "MQTT3-1.5.3-1"},
        {"10 [ ('MQTT') 04 06 0000 ('x') (C0 80) () ]", "MQTT3-1.5.3-1"},
        {"10 [ ('MQTT') 04 82 0000 ('x') (ED A0 80) ]", "MQTT3-1.5.3-1"},
    };
    expect_refused(v3_1_1, rows, "", CloseReason::malformed_packet);
}

BOOST_AUTO_TEST_CASE(properties_out_of_range_are_a_protocol_error, *label("MQTT5-3.1.4-1")) {
    constexpr BadConnect rows[] = {
        {"10 [ ('MQTT') 05 02 0000 [ 21 0000 ] ('x') ]", ""},      // Receive Maximum 0
        {"10 [ ('MQTT') 05 02 0000 [ 27 00000000 ] ('x') ]", ""},  // Maximum Packet Size 0
        {"10 [ ('MQTT') 05 02 0000 [ 17 02 ] ('x') ]", ""},
        {"10 [ ('MQTT') 05 02 0000 [ 19 02 ] ('x') ]", ""},
        {"10 [ ('MQTT') 05 02 0000 [ 11 00000001 11 00000001 ] ('x') ]", ""},
        {"10 [ ('MQTT') 05 02 0000 [ 16 ('data') ] ('x') ]", ""},  // data without method
    };
    expect_refused(v5, rows, "CONNACK protocol_error", CloseReason::protocol_error);
}

BOOST_AUTO_TEST_CASE(a_will_topic_with_wildcards_is_refused,
                     *label("MQTT5-4.7.0-1") * label("MQTT3-4.7.1-1")) {
    constexpr BadConnect modern[] = {
        {"10 [ ('MQTT') 05 06 0000 00 ('x') 00 ('a/#') () ]", "MQTT5-4.7.0-1"},
        {"10 [ ('MQTT') 05 06 0000 00 ('x') 00 () () ]", "MQTT5-4.7.3-1"}};
    expect_refused(v5, modern, "CONNACK topic_name_invalid", CloseReason::topic_invalid);
    constexpr BadConnect older[] = {
        {"10 [ ('MQTT') 04 06 0000 ('x') ('a/+') () ]", "MQTT3-4.7.1-1"}};
    expect_refused(v3_1_1, older, "", CloseReason::topic_invalid);
}

// --- Client identifiers

BOOST_AUTO_TEST_CASE(the_identifiers_that_every_server_must_allow_are_allowed,
                     *label("MQTT5-3.1.3-5") * label("MQTT3-3.1.3-5") * label("MQTT5-3.1.3-4") *
                         label("MQTT3-3.1.3-4")) {
    World world;
    for (const auto version : {v3_1, v3_1_1, v5}) {
        for (const std::string_view id : {"0", "abcdefghijklmnopqrstuvw", "xyzABCDEFGHIJKLMNOPQRST",
                                          "UVWXYZ0123456789", "m\xC3\xBC\xC3\x9F/#+$ -"}) {
            auto client = world.client("named", version);
            client.receive(connect(std::string{id})).expect_sent("CONNACK success");
            BOOST_TEST(client.session()->client_id() == id);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_identifier_says_whose_session_it_is,
                     *label("MQTT5-3.1.3-2") * label("MQTT3-3.1.3-2")) {
    World world;
    auto first = world.connected(connect("a").session_expiry(60));
    first.receive(subscribe("news", 1)).take_sent();
    first.lose_connection();
    auto other = world.client("b");
    other.receive(connect("b").clean_start(false)).expect_sent("CONNACK success");
    other.receive(publish("news", "x").qos1()).expect_sent("PUBACK id=1");
    auto again = world.client("a");
    again.receive(connect("a").clean_start(false))
        .expect_sent({"CONNACK session_present success", "PUBLISH q1 id=1 topic=news payload=x"});
}

BOOST_AUTO_TEST_CASE(an_identifier_as_long_as_the_limit_is_accepted_and_a_longer_one_is_refused,
                     *label("MQTT5-3.1.3-8") * label("MQTT3-3.1.3-9")) {
    for (const auto version : {v3_1, v3_1_1, v5}) {
        World world{{.client_id_bytes_max = 30}};
        auto met = world.client("met", version);
        met.receive(connect(std::string(30, 'a'))).expect_sent("CONNACK success");
        auto exceeded = world.client("exceeded", version);
        exceeded.receive(connect(std::string(31, 'a')))
            .expect_sent("CONNACK client_identifier_not_valid")
            .expect_closed(CloseReason::client_identifier_not_valid);
        BOOST_TEST(world.totals().sessions == 1U);
    }
}

BOOST_AUTO_TEST_CASE(an_empty_identifier_of_5_0_gets_a_unique_one_and_is_told,
                     *label("MQTT5-3.1.3-6") * label("MQTT5-3.1.3-7") * label("MQTT5-3.2.2-16")) {
    World world;
    auto first = world.client("first");
    first.receive(connect(""))
        .expect_sent("CONNACK success client_id=auto-01000000000000000000000000000000");
    auto second = world.client("second");
    second.receive(connect("").clean_start(false))
        .expect_sent("CONNACK success client_id=auto-02000000000000000000000000000000");
    BOOST_TEST(first.session()->client_id() == "auto-01000000000000000000000000000000");
    first.receive(subscribe("a", 0), publish("a", "still served"));
    BOOST_TEST(first.take_sent().size() == 2U);
    BOOST_TEST(world.totals().sessions == 2U);
}

BOOST_AUTO_TEST_CASE(an_empty_identifier_of_3_1_1_gets_a_unique_one_for_a_clean_session,
                     *label("MQTT3-3.1.3-6")) {
    World world;
    auto first = world.client("first", v3_1_1);
    auto second = world.client("second", v3_1_1);
    first.receive(connect("")).expect_sent("CONNACK success");
    second.receive(connect("")).expect_sent("CONNACK success");
    BOOST_TEST(first.session()->client_id() != second.session()->client_id());
    BOOST_TEST(first.is_open());
}

BOOST_AUTO_TEST_CASE(an_empty_identifier_of_3_1_1_without_a_clean_session_is_refused,
                     *label("MQTT3-3.1.3-7") * label("MQTT3-3.1.3-8")) {
    World world;
    auto client = world.client("nobody", v3_1_1);
    client.receive(connect("").clean_start(false))
        .expect_sent("CONNACK client_identifier_not_valid")
        .expect_closed(CloseReason::client_identifier_not_valid);
}

BOOST_AUTO_TEST_CASE(an_empty_identifier_of_3_1_is_refused) {
    World world;
    auto client = world.client("nobody", v3_1);
    client.receive(connect("")).expect_sent("CONNACK client_identifier_not_valid");
    client.expect_closed(CloseReason::client_identifier_not_valid);
}

// --- The payload

BOOST_AUTO_TEST_CASE(the_fields_of_the_payload_are_read_in_their_order,
                     *label("MQTT5-3.1.3-1") * label("MQTT3-3.1.3-1") * label("MQTT5-3.1.3-3") *
                         label("MQTT5-3.1.2-9") * label("MQTT3-3.1.2-9")) {
    for (const auto version : {v3_1, v3_1_1, v5}) {
        World world;
        auto watcher = world.connected(connect("watcher"));
        watcher.receive(subscribe("#", 2)).take_sent();
        auto client = world.connected(
            connect("id").will("topic", "payload", 1).user_name("user").password("pass"), version);
        BOOST_TEST(client.session()->client_id() == "id");
        client.lose_connection();
        watcher.expect_sent("PUBLISH q1 id=1 topic=topic payload=payload");
    }
}

BOOST_AUTO_TEST_CASE(a_password_without_a_user_name_is_allowed_in_5_0,
                     *label("MQTT5-3.1.2-16") * label("MQTT5-3.1.2-19")) {
    World world;
    auto client = world.client();
    client.receive(connect("token").password("secret")).expect_sent("CONNACK success");
}

BOOST_AUTO_TEST_CASE(user_properties_of_connect_are_read_and_kept_to_their_limit) {
    World world{{.user_properties_max = 2}};
    auto met = world.client("met");
    met.receive(connect("a").user_property("k", "1").user_property("k", "2"))
        .expect_sent("CONNACK success");
    auto exceeded = world.client("exceeded");
    exceeded
        .receive(connect("b").user_property("k", "1").user_property("k", "2").user_property("", ""))
        .expect_sent("CONNACK quota_exceeded");
    BOOST_TEST(!exceeded.is_open());
}

// --- Enhanced authentication

BOOST_AUTO_TEST_CASE(an_authentication_method_is_refused_since_none_is_offered,
                     *label("MQTT5-4.12.0-1") * label("MQTT5-4.12.0-4")) {
    World world;
    auto client = world.client();
    client.receive(connect("a").authentication("SCRAM-SHA-256", "n,,n=a"))
        .expect_sent("CONNACK bad_authentication_method")
        .expect_closed(CloseReason::bad_authentication_method);
    BOOST_TEST(world.totals().sessions == 0U);
}

BOOST_AUTO_TEST_CASE(auth_without_a_method_in_connect_is_a_protocol_error,
                     *label("MQTT5-4.12.0-7") * label("MQTT5-4.12.0-6")) {
    for (const auto reason : {ReasonCode::continue_authentication, ReasonCode::re_authenticate}) {
        World world;
        auto client = world.client();
        client.receive(connect("a")).expect_sent("CONNACK success");  // names no method
        client.receive(auth(reason).method("SCRAM-SHA-256"))
            .expect_sent("DISCONNECT protocol_error")
            .expect_closed(CloseReason::protocol_error);
        BOOST_TEST(world.events.last("connection_closed").clause == "MQTT5-4.12.0-7");
    }
}

// --- Full

BOOST_AUTO_TEST_CASE(a_connection_over_a_maximum_is_told_why_and_closed,
                     *label("MQTT5-3.2.2-7") * label("MQTT3-3.2.2-5") * label("MQTT5-3.1.4-2")) {
    for (const auto reason :
         {CloseReason::too_many_connections, CloseReason::too_many_connections_from_address}) {
        World world;
        auto modern = world.refused_client(reason);
        modern.receive(connect("a")).expect_sent("CONNACK server_busy").expect_closed(reason);
        auto older = world.refused_client(reason, v3_1_1);
        older.receive(connect("a")).expect_sent("CONNACK server_unavailable").expect_closed(reason);
        BOOST_TEST(world.totals().sessions == 0U);
        BOOST_TEST(world.count(Counter::connections_opened) == 0U);
        BOOST_TEST(world.count(reason) == 2U);
    }
}

BOOST_AUTO_TEST_CASE(as_many_sessions_as_allowed_are_made_and_no_more) {
    World world{{.sessions_max = 2}};
    auto first = world.connected(connect("a").session_expiry(100));
    auto second = world.connected(connect("b"), v3_1_1);
    auto third = world.client("third");
    third.receive(connect("c")).expect_sent("CONNACK quota_exceeded");
    third.expect_closed(CloseReason::too_many_sessions);
    auto older = world.client("older", v3_1_1);
    older.receive(connect("c")).expect_sent("CONNACK server_unavailable");
    // Who has a session comes in again, resumed or clean.
    first.lose_connection();
    auto resumed = world.client("resumed");
    resumed.receive(connect("a").clean_start(false)).expect_sent("CONNACK session_present success");
    auto clean = world.client("clean");
    clean.receive(connect("b")).expect_sent("CONNACK success");
    BOOST_TEST(world.totals().sessions == 2U);
    second.expect_closed(CloseReason::session_taken_over);
}

BOOST_AUTO_TEST_SUITE_END()
