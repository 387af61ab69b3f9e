#include "session/throttle.hpp"

#include "support/connection_script.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace test_support;
using session::Throttle;

namespace {

const Limits two_messages{.messages_per_second_per_client_max = 2};
const Limits one_kib{.bytes_per_second_per_client_max = 1024};

std::vector<std::string> payloads(std::vector<std::string> sent) {
    std::vector<std::string> found;
    for (const std::string& packet : sent) {
        const std::size_t at = packet.find("payload=");
        if (at != std::string::npos) found.push_back(packet.substr(at + 8));
    }
    return found;
}

using Texts = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(throttle)

BOOST_AUTO_TEST_CASE(without_limits_nothing_is_counted) {
    Counters counters;
    Turn turn{ShardIndex{0}, counters};
    Throttle throttle;
    for (int i = 0; i < 1'000; ++i) {
        BOOST_TEST(throttle.take_message({}, turn));
        throttle.take_bytes(1'000'000, {}, turn);
    }
    BOOST_TEST(!throttle.is_on());
    BOOST_TEST((throttle.until() == never));
    BOOST_TEST(throttle.read_bytes_max({}) == unlimited);
    BOOST_TEST(sizeof(Throttle) == sizeof(void*));
}

BOOST_AUTO_TEST_CASE(reads_are_small_where_rates_are) {
    const auto read_size = [](const Limits& limits) { return Throttle{}.read_bytes_max(limits); };
    BOOST_TEST(read_size(two_messages) == 1024U);
    BOOST_TEST(read_size({.messages_per_second_per_client_max = 100}) == 6'400U);
    BOOST_TEST(read_size({.messages_per_second_per_client_max = 1'000'000}) == 64U * 1024);
    BOOST_TEST(read_size({.bytes_per_second_per_client_max = 10'000}) == 10'000U);
}

BOOST_AUTO_TEST_CASE(a_client_above_its_message_rate_is_slowed_and_loses_nothing) {
    World world{two_messages};
    auto reader = world.connected(connect("reader"));
    reader.receive(subscribe("t", 0)).take_sent();
    auto client = world.connected(connect("fast"));
    client.receive(publish("t", "1"), publish("t", "2"), publish("t", "3"), publish("t", "4"),
                   publish("t", "5"));
    BOOST_TEST(payloads(reader.take_sent()) == (Texts{"1", "2"}), boost::test_tools::per_element());
    BOOST_TEST(client.connection().throttle().is_on());
    world.advance(Milliseconds{499});
    reader.expect_nothing_sent();
    world.advance(Milliseconds{1});
    BOOST_TEST(payloads(reader.take_sent()) == (Texts{"3"}), boost::test_tools::per_element());
    world.advance(Seconds{1});
    BOOST_TEST(payloads(reader.take_sent()) == (Texts{"4", "5"}), boost::test_tools::per_element());
    BOOST_TEST(!client.connection().throttle().is_on());
    client.expect_open();
    BOOST_TEST(world.count(Counter::reads_paused_message_rate) >= 2U);
}

BOOST_AUTO_TEST_CASE(what_comes_while_it_must_wait_waits_behind) {
    World world{two_messages};
    auto client = world.connected(connect("fast"));
    client.receive(publish("t", "1").qos1(1), publish("t", "2").qos1(2), publish("t", "3").qos1(3));
    client.receive(pingreq(), publish("t", "4").qos1(4));
    BOOST_TEST(client.take_sent().size() == 2U);
    world.advance(Milliseconds{500});
    client.expect_sent({"PUBACK id=3 no_matching_subscribers", "PINGRESP"});
    world.advance(Milliseconds{500});
    client.expect_sent("PUBACK id=4 no_matching_subscribers");
}

BOOST_AUTO_TEST_CASE(it_is_announced_once_in_a_connections_life) {
    World world{two_messages};
    auto client = world.connected(connect("fast"));
    for (int i = 0; i < 20; ++i) client.receive(publish("t", "x"));
    const auto told = world.events.last("client_throttled");
    BOOST_TEST(told.client_id == "fast");
    BOOST_TEST(told.reason == "message_rate");
    world.advance(Seconds{20});
    for (int i = 0; i < 20; ++i) client.receive(publish("t", "x"));
    const auto count = std::count_if(world.events.events.begin(), world.events.events.end(),
                                     [](const auto& event) { return event.name == "client_throttled"; });
    BOOST_TEST(count == 1);
    world.advance(Seconds{20});
}

BOOST_AUTO_TEST_CASE(the_keep_alive_rests_meanwhile) {
    World world{{.messages_per_second_per_client_max = 1}};
    auto client = world.connected(connect("fast").keep_alive(2));
    for (int i = 0; i < 6; ++i) client.receive(publish("t", "x"));
    world.advance(Milliseconds{5'500});
    client.expect_open();
    BOOST_TEST(!client.connection().throttle().is_on());
    world.advance(Seconds{4});
    client.expect_closed(CloseReason::keep_alive_timeout);
}

BOOST_AUTO_TEST_CASE(bytes_have_a_rate_too) {
    World world{one_kib};
    auto client = world.connected(connect("fast"));
    client.receive(publish("t", std::string(1'500, 'x')));
    BOOST_TEST(client.connection().throttle().is_on());
    BOOST_TEST(world.events.last("client_throttled").reason == "byte_rate");
    BOOST_TEST(world.count(Counter::reads_paused_byte_rate) >= 1U);
    world.advance(Seconds{1});
    BOOST_TEST(!client.connection().throttle().is_on());
    BOOST_TEST(world.count(Counter::publish_received) == 1U);
}

BOOST_AUTO_TEST_CASE(who_loses_the_session_has_what_it_sent_handled) {
    World world{two_messages};
    auto watcher = world.connected(connect("watcher"));
    watcher.receive(subscribe("#", 0)).take_sent();
    auto first = world.connected(connect("pump-7").will("will", "w"));
    for (int i = 0; i < 5; ++i) first.receive(publish("t", "x"));
    first.receive(disconnect());
    first.connection().lift_throttle(world.enter(first.connection().shard()));
    world.finish_turn();
    BOOST_TEST(payloads(watcher.take_sent()).size() == 5U);  // and no will: it has said goodbye
    first.expect_closed(CloseReason::client_disconnected);
}

BOOST_AUTO_TEST_CASE(who_loses_the_session_before_its_first_message_has_them_handled_too) {
    World world{two_messages};
    auto watcher = world.connected(connect("watcher"));
    watcher.receive(subscribe("#", 0)).take_sent();
    auto first = world.connected(connect("pump-7").will("will", "w"));
    first.connection().lift_throttle(world.enter(first.connection().shard()));
    for (int i = 0; i < 5; ++i) first.receive(publish("t", "x"));
    first.receive(disconnect()).expect_closed(CloseReason::client_disconnected);
    BOOST_TEST(payloads(watcher.take_sent()).size() == 5U);
}

BOOST_AUTO_TEST_CASE(a_server_that_stops_does_not_wait_for_it) {
    World world{two_messages};
    auto client = world.connected(connect("fast"));
    for (int i = 0; i < 50; ++i) client.receive(publish("t", "x"));
    world.shut_down();
    BOOST_TEST(!client.is_open());
}

BOOST_AUTO_TEST_SUITE_END()
