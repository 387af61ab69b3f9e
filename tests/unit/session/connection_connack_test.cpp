// What CONNACK says. MQTT 5 section 3.2.

#include "support/connection_script.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;

BOOST_AUTO_TEST_SUITE(connection_connack)

BOOST_AUTO_TEST_CASE(connack_tells_a_5_0_client_the_limits_of_the_server,
                     *label("MQTT5-3.2.2-1") * label("MQTT5-3.2.2-8")) {
    World world{{.packet_bytes_max = 5000, .receive_maximum = 7, .topic_alias_maximum = 3}};
    auto client = world.client();
    client.receive(connect("a"));
    BOOST_TEST(client.take_sent_in_full() ==
                   std::vector<std::string>{"CONNACK success receive_maximum=7 "
                                            "maximum_packet_size=5000 topic_alias_maximum=3"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(connack_leaves_out_what_is_the_protocols_default) {
    World world{{.packet_bytes_max = unlimited, .topic_alias_maximum = 0}};
    auto client = world.client();
    client.receive(connect("a"));
    BOOST_TEST(client.take_sent_in_full() ==
                   std::vector<std::string>{"CONNACK success receive_maximum=1024 "
                                            "maximum_packet_size=268435460"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(connack_before_5_0_has_no_properties,
                     *label("MQTT3-3.2.0-1") * label("MQTT3-3.2.2-6")) {
    for (const auto version : {v3_1, v3_1_1}) {
        World world;
        auto client = world.client("older", version);
        client.receive(connect("a"));
        BOOST_TEST(client.connection().sent_bytes == 4U);
        client.expect_sent("CONNACK success");
    }
}

// --- Session Present

BOOST_AUTO_TEST_CASE(a_clean_start_says_that_no_session_is_present,
                     *label("MQTT5-3.2.2-2") * label("MQTT3-3.2.2-1") * label("MQTT5-3.1.2-4") *
                         label("MQTT5-3.1.4-4") * label("MQTT3-3.1.4-3")) {
    for (const auto version : {v3_1_1, v5}) {
        World world;
        auto first = world.connected(connect("a").clean_start(false).session_expiry(60), version);
        first.lose_connection();
        auto second = world.client("second", version);
        second.receive(connect("a").clean_start(true)).expect_sent("CONNACK success");
    }
}

BOOST_AUTO_TEST_CASE(session_present_tells_whether_there_was_a_session,
                     *label("MQTT5-3.2.2-3") * label("MQTT3-3.2.2-2") * label("MQTT3-3.2.2-3") *
                         label("MQTT5-3.1.2-5") * label("MQTT5-3.1.2-6") * label("MQTT3-3.1.2-4") *
                         label("MQTT5-3.1.4-4") * label("MQTT3-3.1.4-3")) {
    for (const auto version : {v3_1_1, v5}) {
        World world;
        auto first = world.client("first", version);
        first.receive(connect("a").clean_start(false).session_expiry(60));
        first.expect_sent("CONNACK success").lose_connection();
        auto second = world.client("second", version);
        second.receive(connect("a").clean_start(false).session_expiry(60));
        second.expect_sent("CONNACK session_present success");
    }
}

BOOST_AUTO_TEST_CASE(connack_of_3_1_has_no_session_present) {
    World world;
    auto first = world.connected(connect("a").clean_start(false), v3_1);
    first.lose_connection();
    auto second = world.client("second", v3_1);
    second.receive(connect("a").clean_start(false)).expect_sent("CONNACK success");
    BOOST_TEST(world.count(Counter::sessions_created) == 1U);
}

BOOST_AUTO_TEST_CASE(a_refusal_never_says_that_a_session_is_present,
                     *label("MQTT5-3.2.2-6") * label("MQTT3-3.2.2-4")) {
    World world{{.client_id_bytes_max = 3}};
    auto first = world.connected(connect("a").session_expiry(60));
    first.lose_connection();
    auto modern = world.client("modern");
    modern.receive(connect("a").clean_start(false).authentication("X"))
        .expect_sent("CONNACK bad_authentication_method");
    auto older = world.client("older", v3_1_1);
    older.receive(connect("abcd").clean_start(false))
        .expect_sent("CONNACK client_identifier_not_valid");
}

// --- Properties that answer the client's

BOOST_AUTO_TEST_CASE(a_session_expiry_above_the_maximum_is_capped_and_told) {
    World world{{.session_expiry_max = Seconds{3600}}};
    auto met = world.client("met");
    met.receive(connect("a").session_expiry(3600)).expect_sent("CONNACK success");
    auto exceeded = world.client("exceeded");
    exceeded.receive(connect("b").session_expiry(3601)).expect_sent("CONNACK success expiry=3600");
    auto never_ending = world.client("never");
    never_ending.receive(connect("c").session_expiry(0xFFFFFFFF))
        .expect_sent("CONNACK success expiry=3600");
    exceeded.lose_connection();
    world.advance(Seconds{3599});
    BOOST_TEST((world.find("b") != nullptr));
    world.advance(Seconds{1});
    BOOST_TEST((world.find("b") == nullptr));
}

BOOST_AUTO_TEST_CASE(a_session_may_last_for_ever_where_no_maximum_is_set) {
    World world{{.session_expiry_max = Seconds::max()}};
    auto client = world.client();
    client.receive(connect("a").session_expiry(0xFFFFFFFF)).expect_sent("CONNACK success");
    client.lose_connection();
    BOOST_TEST((world.next_deadline() == never));
    world.advance(std::chrono::hours{24 * 365 * 200});
    BOOST_TEST((world.find("a") != nullptr));
}

BOOST_AUTO_TEST_CASE(a_keep_alive_above_the_maximum_is_answered_with_the_servers) {
    World world{{.keep_alive_max = Seconds{60}}};
    auto met = world.client("met");
    met.receive(connect("a").keep_alive(60)).expect_sent("CONNACK success");
    auto exceeded = world.client("exceeded");
    exceeded.receive(connect("b").keep_alive(61)).expect_sent("CONNACK success keep_alive=60");
    auto none = world.client("none");
    none.receive(connect("c").keep_alive(0)).expect_sent("CONNACK success keep_alive=60");
}

BOOST_AUTO_TEST_CASE(response_information_is_given_to_who_asks, *label("MQTT5-3.1.2-28")) {
    World world{{}, 1, "replies/"};
    auto asking = world.client("asking");
    asking.receive(connect("a").request_response_information())
        .expect_sent("CONNACK success response_information=replies/a");
    auto silent = world.client("silent");
    silent.receive(connect("b")).expect_sent("CONNACK success");
    auto nameless = world.client("nameless");
    nameless.receive(connect("").request_response_information());
    const std::string id = nameless.session()->client_id();
    nameless.expect_sent("CONNACK success client_id=" + id + " response_information=<45 bytes>");

    World without;
    auto in_vain = without.client("in vain");
    in_vain.receive(connect("a").request_response_information()).expect_sent("CONNACK success");
}

BOOST_AUTO_TEST_CASE(without_problem_information_acknowledgements_have_no_reason_string,
                     *label("MQTT5-3.1.2-29")) {
    World world;
    auto client = world.connected(connect("a").no_problem_information());
    client.receive(publish("$SYS/x", "no").qos1(1), publish("nobody").qos2(2), pubrel(7),
                   subscribe("a/#/b"), unsubscribe("none").id(2));
    for (const std::string& packet : client.take_sent_in_full()) {
        BOOST_TEST(packet.find("reason_string") == std::string::npos, packet);
        BOOST_TEST(packet.find(':') == std::string::npos, packet);
    }
    client.receive(connect("a"));  // DISCONNECT may say why
    BOOST_TEST(client.take_sent_in_full().at(0).find("reason_string") != std::string::npos);
}

// --- Maximum Packet Size of the client

BOOST_AUTO_TEST_CASE(a_reason_string_that_does_not_fit_the_client_is_left_out,
                     *label("MQTT5-3.2.2-19") * label("MQTT5-3.1.2-24") * label("MQTT5-3.14.2-3")) {
    World world;
    auto roomy = world.client("roomy");
    roomy.receive(connect("a").authentication("X"));
    BOOST_TEST(roomy.take_sent_in_full().at(0).find("reason_string") != std::string::npos);
    auto narrow = world.client("narrow");
    narrow.receive(connect("a").authentication("X").maximum_packet_size(10));
    BOOST_TEST(narrow.connection().sent_bytes <= 10U);
    BOOST_TEST(narrow.take_sent_in_full().at(0) == "CONNACK bad_authentication_method");

    auto connected = world.connected(connect("b").maximum_packet_size(20));
    connected.receive(connect("b"));
    BOOST_TEST(connected.take_sent_in_full().at(0) == "DISCONNECT protocol_error");
}

BOOST_AUTO_TEST_CASE(a_client_for_whom_connack_is_too_large_is_refused,
                     *label("MQTT5-3.1.2-24") * label("MQTT5-3.2.0-1")) {
    World world;
    auto narrow = world.client("narrow");
    narrow.receive(connect("a").maximum_packet_size(8), subscribe("a"));
    narrow.expect_sent("CONNACK packet_too_large").expect_closed(CloseReason::packet_too_large);
    BOOST_TEST(world.totals().sessions == 0U);
    auto tiny = world.client("tiny");
    tiny.receive(connect("a").maximum_packet_size(1));
    tiny.expect_nothing_sent().expect_closed(CloseReason::packet_too_large);
}

BOOST_AUTO_TEST_SUITE_END()
