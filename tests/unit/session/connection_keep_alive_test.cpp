// Keep Alive: section 3.1.2.10 of MQTT 5 and of 3.1.1.

#include "support/connection_script.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;

BOOST_AUTO_TEST_SUITE(connection_keep_alive)

BOOST_AUTO_TEST_CASE(silence_for_one_and_a_half_keep_alives_closes_the_connection,
                     *label("MQTT5-3.1.2-22") * label("MQTT3-3.1.2-24") * label("MQTT5-3.2.2-22")) {
    for (const auto version : {v3_1, v3_1_1, v5}) {
        World world;
        auto client = world.connected(connect("a").keep_alive(5), version);
        world.advance(Milliseconds{7'499});
        client.expect_open();
        world.advance(Milliseconds{1});
        if (version == v5) client.expect_sent("DISCONNECT keep_alive_timeout");
        client.expect_nothing_sent().expect_closed(CloseReason::keep_alive_timeout);
    }
}

BOOST_AUTO_TEST_CASE(any_packet_of_the_client_shows_that_it_lives,
                     *label("MQTT5-3.1.2-22") * label("MQTT3-3.1.2-24")) {
    World world;
    auto client = world.connected(connect("a").keep_alive(10));
    world.advance(Milliseconds{14'999});
    client.receive(pingreq()).expect_sent("PINGRESP");
    world.advance(Milliseconds{14'999});
    client.receive(publish("a", "x"));
    world.advance(Milliseconds{14'999});
    client.receive(subscribe("b")).expect_sent("SUBACK id=1 [0]");
    world.advance(Milliseconds{14'999});
    client.receive(puback(7)).expect_open();
    world.advance(Seconds{15});
    client.expect_sent("DISCONNECT keep_alive_timeout");
}

BOOST_AUTO_TEST_CASE(what_the_server_sends_does_not_count,
                     *label("MQTT5-3.1.2-22") * label("MQTT3-3.1.2-24")) {
    World world;
    auto listener = world.connected(connect("listener").keep_alive(10));
    listener.receive(subscribe("a")).take_sent();
    auto talker = world.connected(connect("talker"));
    for (int i = 0; i < 15; ++i) {
        talker.receive(publish("a", "x"));
        world.advance(Seconds{1});
    }
    listener.expect_closed(CloseReason::keep_alive_timeout);
}

BOOST_AUTO_TEST_CASE(keep_alive_0_allows_any_silence) {
    World world;
    auto client = world.connected(connect("a").keep_alive(0));
    world.advance(std::chrono::hours{24 * 365});
    client.expect_open();
}

BOOST_AUTO_TEST_CASE(the_longest_keep_alive_is_kept) {
    World world;
    auto client = world.connected(connect("a").keep_alive(65'535));
    world.advance(Milliseconds{98'302'499});
    client.expect_open();
    world.advance(Milliseconds{1});
    client.expect_closed(CloseReason::keep_alive_timeout);
}

BOOST_AUTO_TEST_CASE(a_keep_alive_timeout_is_like_a_failed_network,
                     *label("MQTT5-3.1.2-22") * label("MQTT3-3.1.2-24")) {
    World world;
    auto watcher = world.connected(connect("watcher"));
    watcher.receive(subscribe("#")).take_sent();
    auto client =
        world.connected(connect("a").keep_alive(2).session_expiry(10).will("will", "gone"));
    world.advance(Seconds{3});
    watcher.expect_sent("PUBLISH q0 topic=will payload=gone");
    BOOST_TEST((world.find("a") != nullptr));
    world.advance(Seconds{10});
    BOOST_TEST((world.find("a") == nullptr));
    BOOST_TEST(world.events.last("connection_closed").clause == "MQTT5-3.1.2-22");
}

BOOST_AUTO_TEST_CASE(the_servers_keep_alive_holds_instead_of_the_clients) {
    World world{{.keep_alive_max = Seconds{4}}};
    auto shortened = world.connected(connect("a").keep_alive(600));
    auto set = world.connected(connect("b").keep_alive(0));
    auto own = world.connected(connect("c").keep_alive(2));
    auto older = world.connected(connect("d").keep_alive(600), v3_1_1);  // cannot be told
    world.advance(Seconds{3});
    own.expect_closed(CloseReason::keep_alive_timeout);
    world.advance(Milliseconds{2'999});
    shortened.expect_open();
    world.advance(Milliseconds{1});
    shortened.expect_closed(CloseReason::keep_alive_timeout);
    set.expect_closed(CloseReason::keep_alive_timeout);
    older.expect_open();
}

BOOST_AUTO_TEST_CASE(pingreq_is_answered, *label("MQTT5-3.12.4-1") * label("MQTT3-3.12.4-1")) {
    for (const auto version : {v3_1, v3_1_1, v5}) {
        World world;
        auto client = world.connected(connect("a"), version);
        client.receive(pingreq(), pingreq()).expect_sent({"PINGRESP", "PINGRESP"});
    }
}

BOOST_AUTO_TEST_CASE(an_early_look_at_the_deadline_does_no_harm) {
    World world;
    auto client = world.connected(connect("a").keep_alive(10));
    for (int i = 0; i < 5; ++i) {
        client.connection().on_deadline(world.enter(ShardIndex{0}));
        world.finish_turn();
    }
    client.expect_open().expect_nothing_sent();
    BOOST_TEST((client.connection().next_deadline() == world.now + Seconds{15}));
}

BOOST_AUTO_TEST_SUITE_END()
