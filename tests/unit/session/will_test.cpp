// The will: every end of a connection x every delay, then what the Will Message carries. The table is
// that of docs/wills.md. MQTT 5 sections 3.1.2.5, 3.1.3.2, 3.1.3.3, 3.1.4, 3.14.4;
// MQTT 3.1.1 section 3.1.2.5.

#include "support/connection_script.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;

namespace {

constexpr Milliseconds keep_alive_limit{3'000};
constexpr std::uint32_t session_expiry = 20;
constexpr std::uint32_t delays[] = {0, 5, 100};  ///< none, below and above the session's expiry

/// A client with a will and a watcher of it, on two shards.
struct Scene {
    Scene(codec::ProtocolVersion version, std::uint32_t expiry, std::uint32_t delay)
        : world({}, 2),
          watcher(world.connected(connect("watcher"), v5, 1)),
          client(world.connected(connect("client")
                                     .clean_start(false)
                                     .session_expiry(expiry)
                                     .keep_alive(2)
                                     .will("will", "gone")
                                     .will_delay(delay),
                                 version)) {
        watcher.receive(subscribe("will", 0)).take_sent();
        start = world.now;
    }

    void return_after(Seconds away, bool clean_start) {
        world.advance(away);
        auto again = world.connected(
            connect("client").clean_start(clean_start).session_expiry(session_expiry), v5, 1);
        again.receive(pingreq());
    }

    /// When the will reached the watcher: at most once, else the test fails.
    std::optional<Milliseconds> published_after() {
        world.advance(Seconds{1'000});
        const std::vector<Instant> instants = watcher.sent_at();
        const std::vector<std::string> sent = watcher.take_sent();
        BOOST_TEST(sent.size() <= 1U);
        BOOST_TEST(world.count(Counter::wills_published) == sent.size());
        if (sent.empty()) return std::nullopt;
        BOOST_TEST(sent.front() == "PUBLISH q0 topic=will payload=gone");
        return std::chrono::duration_cast<Milliseconds>(instants.front() - start);
    }

    World world;
    ConnectionScript watcher;
    ConnectionScript client;
    Instant start{};
};

constexpr std::optional<Milliseconds> not_sent = std::nullopt;
constexpr std::optional<Milliseconds> at(int seconds) { return Seconds{seconds}; }

struct Row {
    std::string_view end;
    void (*happens)(Scene&);
    std::optional<Milliseconds> published[3];  ///< for each delay
};

void lose(Scene& scene) { scene.client.lose_connection(); }

// --- Sessions that outlive their connection, by session_expiry

const Row surviving_sessions[] = {
    {"DISCONNECT 0x00",
     [](Scene& scene) { scene.client.receive(disconnect()); },
     {not_sent, not_sent, not_sent}},
    {"DISCONNECT 0x04",
     [](Scene& scene) {
         scene.client.receive(disconnect(ReasonCode::disconnect_with_will_message));
     },
     {at(0), at(5), at(20)}},
    {"DISCONNECT 0x00 that ends the session",
     [](Scene& scene) { scene.client.receive(disconnect().session_expiry(0)); },
     {not_sent, not_sent, not_sent}},
    {"DISCONNECT 0x04 that ends the session",
     [](Scene& scene) {
         scene.client.receive(
             disconnect(ReasonCode::disconnect_with_will_message).session_expiry(0));
     },
     {at(0), at(0), at(0)}},
    {"connection lost", lose, {at(0), at(5), at(20)}},
    {"keep alive timeout",
     [](Scene& scene) {
         scene.world.advance(keep_alive_limit);
         scene.start += keep_alive_limit;
     },
     {at(0), at(5), at(20)}},
    {"protocol error", [](Scene& scene) { scene.client.receive("F0 00"); }, {at(0), at(5), at(20)}},
    {"malformed packet",
     [](Scene& scene) { scene.client.receive("00 00"); },
     {at(0), at(5), at(20)}},
    {"taken over, session resumed",
     [](Scene& scene) { scene.return_after(Seconds{0}, false); },
     {at(0), not_sent, not_sent}},
    {"taken over, clean start",
     [](Scene& scene) { scene.return_after(Seconds{0}, true); },
     {at(0), at(0), at(0)}},
    {"lost, resumed before the delay",
     [](Scene& scene) {
         lose(scene);
         scene.return_after(Seconds{2}, false);
     },
     {at(0), not_sent, not_sent}},
    {"lost, resumed at the very end of the delay",
     [](Scene& scene) {
         lose(scene);
         scene.return_after(Seconds{5}, false);
     },
     {at(0), at(5), not_sent}},
    {"lost, resumed after the delay",
     [](Scene& scene) {
         lose(scene);
         scene.return_after(Seconds{7}, false);
     },
     {at(0), at(5), not_sent}},
    {"lost, clean start before the delay",
     [](Scene& scene) {
         lose(scene);
         scene.return_after(Seconds{2}, true);
     },
     {at(0), at(2), at(2)}},
    {"lost, clean start after the delay",
     [](Scene& scene) {
         lose(scene);
         scene.return_after(Seconds{7}, true);
     },
     {at(0), at(5), at(7)}},
    {"lost, back after the end of the session",
     [](Scene& scene) {
         lose(scene);
         scene.return_after(Seconds{25}, false);
     },
     {at(0), at(5), at(20)}},
    {"lost twice, the second time without a will",
     [](Scene& scene) {
         lose(scene);
         auto again = scene.world.connected(
             connect("client").clean_start(false).session_expiry(session_expiry));
         again.lose_connection();
     },
     {at(0), not_sent, not_sent}},
};

// --- Sessions that end with their connection: the delay does not count

const Row ending_sessions[] = {
    {"DISCONNECT 0x00",
     [](Scene& scene) { scene.client.receive(disconnect()); },
     {not_sent, not_sent, not_sent}},
    {"DISCONNECT 0x04",
     [](Scene& scene) {
         scene.client.receive(disconnect(ReasonCode::disconnect_with_will_message));
     },
     {at(0), at(0), at(0)}},
    {"connection lost", lose, {at(0), at(0), at(0)}},
    {"keep alive timeout",
     [](Scene& scene) {
         scene.world.advance(keep_alive_limit);
         scene.start += keep_alive_limit;
     },
     {at(0), at(0), at(0)}},
    {"protocol error", [](Scene& scene) { scene.client.receive("F0 00"); }, {at(0), at(0), at(0)}},
    {"taken over",
     [](Scene& scene) { scene.return_after(Seconds{0}, false); },
     {at(0), at(0), at(0)}},
    {"taken over, clean start",
     [](Scene& scene) { scene.return_after(Seconds{0}, true); },
     {at(0), at(0), at(0)}},
};

void check(std::span<const Row> rows, std::uint32_t expiry) {
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < std::size(delays); ++i) {
            BOOST_TEST_CONTEXT(row.end << ", delay " << delays[i]) {
                Scene scene{v5, expiry, delays[i]};
                row.happens(scene);
                const auto published = scene.published_after();
                BOOST_TEST((published == row.published[i]),
                           "published after "
                               << (published ? std::to_string(published->count()) : "never"));
            }
        }
    }
}

/// Lets the client go and returns what the watcher gets.
std::vector<std::string> gone(World& world, ConnectionScript& watcher, ConnectionScript& client) {
    client.lose_connection();
    world.advance(Seconds{1});
    return watcher.take_sent();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(will)

BOOST_AUTO_TEST_CASE(a_will_is_sent_once_or_never_where_the_session_survives,
                     *label("MQTT5-3.1.2-7") * label("MQTT5-3.1.2-8") * label("MQTT5-3.1.2-10") *
                         label("MQTT5-3.1.3-9") * label("MQTT5-3.14.4-3")) {
    check(surviving_sessions, session_expiry);
}

BOOST_AUTO_TEST_CASE(a_will_is_sent_at_once_or_never_where_the_session_ends,
                     *label("MQTT5-3.1.2-8") * label("MQTT5-3.1.2-10") * label("MQTT5-3.14.4-3")) {
    check(ending_sessions, 0);
}

BOOST_AUTO_TEST_CASE(a_will_before_5_0_is_sent_at_once_or_never,
                     *label("MQTT3-3.1.2-8") * label("MQTT3-3.1.2-10") * label("MQTT3-3.14.4-3")) {
    for (const auto version : {v3_1, v3_1_1}) {
        for (const Row& row : surviving_sessions) {
            // What 3.1.1 can do; it has neither reasons nor an AUTH packet.
            if (row.end.starts_with("DISCONNECT 0x04") || row.end.ends_with("ends the session"))
                continue;
            BOOST_TEST_CONTEXT(row.end) {
                Scene scene{version, 0, 0};
                row.happens(scene);
                BOOST_TEST((scene.published_after() == row.published[0]));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(shutdown_sends_wills_that_are_due_and_keeps_delayed_ones) {
    for (const std::uint32_t delay : delays) {
        Scene scene{v5, session_expiry, delay};
        scene.world.shut_down();
        // The watcher's own connection is ended too; a retained will would show what was sent.
        BOOST_TEST(scene.world.count(Counter::wills_published) == (delay == 0 ? 1U : 0U));
        BOOST_TEST(((scene.world.find("client")->will != nullptr) == (delay != 0)));
    }
}

BOOST_AUTO_TEST_CASE(a_connection_without_a_will_ends_in_silence, *label("MQTT3-3.1.2-12")) {
    for (const auto version : {v3_1, v3_1_1, v5}) {
        World world;
        auto watcher = world.connected(connect("watcher"));
        watcher.receive(subscribe("#", 0)).take_sent();
        auto client = world.connected(connect("client"), version);
        client.lose_connection();
        watcher.expect_nothing_sent();
        BOOST_TEST(world.count(Counter::wills_published) == 0U);
    }
}

BOOST_AUTO_TEST_CASE(the_will_of_a_new_connect_replaces_the_old_one,
                     *label("MQTT5-3.1.2-7") * label("MQTT5-3.1.3-9")) {
    World world;
    auto watcher = world.connected(connect("watcher"));
    watcher.receive(subscribe("will", 0)).take_sent();
    auto first =
        world.connected(connect("client").session_expiry(60).will("will", "first").will_delay(10));
    first.lose_connection();
    auto second = world.connected(
        connect("client").clean_start(false).session_expiry(60).will("will", "second"));
    world.advance(Seconds{20});
    watcher.expect_nothing_sent();
    second.lose_connection();
    watcher.expect_sent("PUBLISH q0 topic=will payload=second");
    world.advance(Seconds{100});
    watcher.expect_nothing_sent();
}

BOOST_AUTO_TEST_CASE(a_delay_above_the_maximum_is_cut) {
    World world{{.will_delay_max = Seconds{30}}};
    auto watcher = world.connected(connect("watcher"));
    watcher.receive(subscribe("will", 0)).take_sent();
    auto met = world.connected(connect("a").session_expiry(600).will("will", "met").will_delay(30));
    auto exceeded = world.connected(
        connect("b").session_expiry(600).will("will", "exceeded").will_delay(0xFFFFFFFF));
    met.lose_connection();
    exceeded.lose_connection();
    world.advance(Milliseconds{29'999});
    watcher.expect_nothing_sent();
    world.advance(Milliseconds{1});
    watcher.expect_sent(
        {"PUBLISH q0 topic=will payload=met", "PUBLISH q0 topic=will payload=exceeded"});
}

// --- The message

BOOST_AUTO_TEST_CASE(a_will_goes_out_with_its_qos,
                     *label("MQTT5-3.1.2-9") * label("MQTT3-3.1.2-9") * label("MQTT5-3.1.2-12") *
                         label("MQTT3-3.1.2-14")) {
    for (int qos = 0; qos <= 2; ++qos) {
        World world;
        auto watcher = world.connected(connect("watcher"));
        watcher.receive(subscribe("will", 2)).take_sent();
        auto client = world.connected(connect("client").will("will", "gone", qos), v3_1_1);
        const std::string id = qos == 0 ? "" : " id=1";
        const std::vector<std::string> sent = gone(world, watcher, client);
        BOOST_TEST_REQUIRE(sent.size() == 1U);
        BOOST_TEST(sent[0] == "PUBLISH q" + std::to_string(qos) + id + " topic=will payload=gone");
    }
}

BOOST_AUTO_TEST_CASE(a_will_with_retain_is_retained_and_one_without_is_not,
                     *label("MQTT5-3.1.2-14") * label("MQTT5-3.1.2-15") * label("MQTT3-3.1.2-16") *
                         label("MQTT3-3.1.2-17")) {
    for (const auto version : {v3_1_1, v5}) {
        World world;
        auto watcher = world.connected(connect("watcher"));
        watcher.receive(subscribe("#", 0).retain_as_published()).take_sent();
        auto passing = world.connected(connect("a").will("will/passing", "p"), version);
        auto staying =
            world.connected(connect("b").will("will/staying", "s").will_retain(), version);
        passing.lose_connection();
        watcher.expect_sent("PUBLISH q0 topic=will/passing payload=p");
        staying.lose_connection();
        watcher.expect_sent("PUBLISH q0 retain topic=will/staying payload=s");
        auto later = world.connected(connect("later"));
        later.receive(subscribe("#", 0))
            .expect_sent({"SUBACK id=1 [0]", "PUBLISH q0 retain topic=will/staying payload=s"});
    }
}

BOOST_AUTO_TEST_CASE(an_empty_retained_will_clears_the_retained_message) {
    World world;
    auto client = world.connected(connect("a").will("state", "").will_retain());
    client.receive(publish("state", "here").retain());
    client.lose_connection();
    auto later = world.connected(connect("later"));
    later.receive(subscribe("#", 0)).expect_sent("SUBACK id=1 [0]");
}

BOOST_AUTO_TEST_CASE(the_properties_of_a_will_are_passed_on_in_order, *label("MQTT5-3.1.3-10")) {
    World world;
    auto watcher = world.connected(connect("watcher"));
    watcher.receive(subscribe("will", 0).identifier(4)).take_sent();
    auto client = world.connected(
        connect("client")
            .will("will", "gone")
            .will_properties(
                {.payload_format_indicator = true,
                 .content_type = "text",
                 .response_topic = "answer",
                 .correlation_data = "7",
                 .user_properties = {{"b", "1"}, {"a", "2"}, {"b", "3"}, {"b", "1"}}}));
    const std::vector<std::string> sent = gone(world, watcher, client);
    BOOST_TEST_REQUIRE(sent.size() == 1U);
    BOOST_TEST(sent[0] ==
               "PUBLISH q0 topic=will payload=gone sub=[4] format=1 content_type=text "
               "response_topic=answer correlation=7 b:1 a:2 b:3 b:1");
}

BOOST_AUTO_TEST_CASE(the_expiry_of_a_will_starts_when_it_is_published) {
    World world;
    auto watcher = world.connected(connect("watcher").session_expiry(600));
    watcher.receive(subscribe("will", 1)).take_sent();
    auto client = world.connected(connect("client")
                                      .session_expiry(600)
                                      .will("will", "gone", 1)
                                      .will_delay(100)
                                      .will_properties({.message_expiry_interval = 30}));
    world.advance(Seconds{50});
    client.lose_connection();
    world.advance(Seconds{90});
    watcher.lose_connection();
    world.advance(Seconds{20});  // published 10 seconds ago
    auto again = world.client("again");
    again.receive(connect("watcher").clean_start(false).session_expiry(600));
    again.expect_sent(
        {"CONNACK session_present success", "PUBLISH q1 id=1 topic=will payload=gone expiry=20"});
}

BOOST_AUTO_TEST_CASE(a_will_is_the_clients_own_message_for_no_local, *label("MQTT5-3.8.3-3")) {
    World world;
    auto client = world.connected(connect("a").session_expiry(60).will("will", "gone", 1));
    client.receive(subscribe("will", 1).no_local()).take_sent();
    client.lose_connection();
    auto again = world.client("again");
    again.receive(connect("a").clean_start(false)).expect_sent("CONNACK session_present success");
}

BOOST_AUTO_TEST_CASE(a_client_that_may_hear_itself_gets_its_own_will) {
    World world;
    auto client = world.connected(connect("a").session_expiry(60).will("will", "gone", 1));
    client.receive(subscribe("will", 1)).take_sent();
    client.lose_connection();
    auto again = world.client("again");
    again.receive(connect("a").clean_start(false))
        .expect_sent(
            {"CONNACK session_present success", "PUBLISH q1 id=1 topic=will payload=gone"});
}

BOOST_AUTO_TEST_CASE(a_will_topic_that_only_the_server_may_use_is_not_published) {
    World world;
    auto watcher = world.connected(connect("watcher"));
    watcher.receive(subscribe("$SYS/#", 0)).take_sent();
    auto client = world.connected(connect("client").will("$SYS/broker/version", "forged"));
    client.lose_connection();
    watcher.expect_nothing_sent();
}

BOOST_AUTO_TEST_SUITE_END()
