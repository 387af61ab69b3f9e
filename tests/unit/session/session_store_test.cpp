// Sessions, queues and what is in flight across a crash, one step at a time. Random walks of the same are in
// tests/sim/restart_model_test.cpp.

#include "session/queue_record.hpp"
#include "support/connection_script.hpp"
#include "support/crashable_world.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace test_support;
using boost::unit_test::label;

namespace {

constexpr std::string_view resumed = "CONNACK session_present success";

ConnectPacket staying(std::string name = "reader") {
    return connect(std::move(name)).clean_start(false).session_expiry(1'000);
}

/// A reader that stays, subscribed to "t" with QoS 2, and a writer that does not.
struct Exchange {
    explicit Exchange(const Limits& limits = {}, const ConnectPacket& packet = staying())
        : world(limits),
          reader(world->connected(packet)),
          writer(world->connected(connect("writer"))) {
        reader.receive(subscribe("t", 2)).take_sent();
    }
    void publish_qos_1(std::string payload) {
        writer.receive(publish("t", std::move(payload)).qos1(1));
    }
    void publish_qos_2(std::string payload) {
        writer.receive(publish("t", std::move(payload)).qos2(2), pubrel(2));
    }
    /// The server crashes and the reader comes back.
    ConnectionScript& crash(std::optional<std::size_t> kept = std::nullopt,
                            Milliseconds later = Milliseconds{0},
                            const ConnectPacket& packet = staying()) {
        world.crash_and_restart(kept, later);
        writer = world->connected(connect("writer"));
        return reconnect(packet);
    }
    ConnectionScript& reconnect(const ConnectPacket& packet = staying()) {
        reader = world->client("reader");
        return reader.receive(packet);
    }
    [[nodiscard]] std::size_t stored_messages() { return world->totals().stored_messages; }

    CrashableWorld world;
    ConnectionScript reader;
    ConnectionScript writer;
};

std::string payloads(const std::vector<std::string>& sent) {
    std::string all;
    for (const std::string& text : sent) {
        const std::size_t at = text.find("payload=");
        if (at != std::string::npos) all += text.substr(at + 8) + ";";
    }
    return all;
}

/// Acknowledges everything that comes until nothing comes any more.
std::string drain(ConnectionScript& reader) {
    std::string all;
    for (;;) {
        const std::vector<std::string> sent = reader.take_sent();
        if (sent.empty()) return all;
        all += payloads(sent);
        for (const std::string& text : sent) {
            const std::size_t at = text.find("id=");
            if (at == std::string::npos) continue;
            const auto packet_id = static_cast<PacketId>(std::stoul(text.substr(at + 3)));
            if (text.starts_with("PUBLISH q1")) reader.receive(puback(packet_id));
            if (text.starts_with("PUBLISH q2")) reader.receive(pubrec(packet_id));
            if (text.starts_with("PUBREL")) reader.receive(pubcomp(packet_id));
        }
    }
}

std::string numbers(int first, int last) {
    std::string all;
    for (int i = first; i <= last; ++i) all += std::to_string(i) + ";";
    return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(session_store)

BOOST_AUTO_TEST_CASE(what_waited_for_a_client_that_was_away_is_new_after_a_crash,
                     *label("MQTT5-4.1.0-1") * label("MQTT3-4.1.0-1")) {
    Exchange exchange;
    exchange.reader.lose_connection();
    exchange.publish_qos_1("a");
    exchange.publish_qos_2("b");
    exchange.crash().expect_sent({resumed, "PUBLISH q1 id=1 topic=t payload=a",
                                  "PUBLISH q2 id=2 topic=t payload=b"});
    BOOST_TEST(exchange.stored_messages() == 2U);
}

BOOST_AUTO_TEST_CASE(what_was_in_flight_comes_again_with_its_identifiers_and_dup,
                     *label("MQTT5-4.4.0-1") * label("MQTT3-4.4.0-1") * label("MQTT5-3.3.1-1")) {
    Exchange exchange;
    exchange.publish_qos_1("a");
    exchange.publish_qos_2("b");
    exchange.publish_qos_1("c");
    exchange.reader.take_sent();
    exchange.reader.receive(puback(1));
    exchange.crash().expect_sent({resumed, "PUBLISH q2 dup id=2 topic=t payload=b",
                                  "PUBLISH q1 dup id=3 topic=t payload=c"});
    BOOST_TEST(exchange.world->count(Counter::messages_redelivered) == 2U);
}

BOOST_AUTO_TEST_CASE(what_waited_is_sent_when_the_store_knows_that_the_client_is_back,
                     *label("MQTT5-3.3.1-1") * label("MQTT3-3.3.1-1")) {
    Exchange exchange;
    exchange.reader.lose_connection();
    exchange.publish_qos_1("a");
    exchange.publish_qos_2("b");
    exchange.world->make_store_slow();
    exchange.reconnect().expect_sent(resumed);
    exchange.world->complete_commits();
    exchange.reader.expect_sent({"PUBLISH q1 id=1 topic=t payload=a",
                                 "PUBLISH q2 id=2 topic=t payload=b"});
    exchange.crash().expect_sent({resumed, "PUBLISH q1 dup id=1 topic=t payload=a",
                                  "PUBLISH q2 dup id=2 topic=t payload=b"});
}

BOOST_AUTO_TEST_CASE(coming_back_twice_waits_for_the_record_of_the_second_time) {
    Exchange exchange;
    exchange.reader.lose_connection();
    exchange.publish_qos_1("a");
    exchange.world->make_store_slow();
    exchange.reconnect().expect_sent(resumed);
    exchange.reader.lose_connection();
    exchange.reconnect().expect_sent(resumed);
    exchange.reconnect().expect_sent(resumed);  // takes over: the store knows already, or will
    for (const char* const record : {"connected", "away"}) {
        BOOST_TEST_CONTEXT(record) {
            BOOST_TEST(exchange.world->complete_one_commit(0));
            exchange.reader.expect_nothing_sent();
        }
    }
    BOOST_TEST(exchange.world->complete_one_commit(0));
    exchange.reader.expect_sent("PUBLISH q1 id=1 topic=t payload=a");
}

BOOST_AUTO_TEST_CASE(only_what_was_sent_has_dup_when_the_client_was_away_at_the_crash,
                     *label("MQTT5-3.3.1-1")) {
    const ConnectPacket packet = staying().receive_maximum(1);
    Exchange exchange{{}, packet};
    exchange.publish_qos_1("a");
    exchange.publish_qos_1("b");
    exchange.reader.expect_sent("PUBLISH q1 id=1 topic=t payload=a");
    exchange.reader.lose_connection();
    exchange.crash(std::nullopt, Milliseconds{0}, packet)
        .expect_sent({resumed, "PUBLISH q1 dup id=1 topic=t payload=a"});
    exchange.reader.receive(puback(1)).expect_sent("PUBLISH q1 id=2 topic=t payload=b");
}

BOOST_AUTO_TEST_CASE(what_was_perhaps_sent_stays_so_over_a_second_crash) {
    const ConnectPacket packet = staying().receive_maximum(1);
    Exchange exchange{{}, packet};
    exchange.publish_qos_1("a");
    exchange.publish_qos_1("b");
    exchange.crash(std::nullopt, Milliseconds{0}, packet);
    exchange.reader.lose_connection();  // "b" was not sent again yet
    exchange.publish_qos_1("c");
    exchange.crash().expect_sent({resumed, "PUBLISH q1 dup id=1 topic=t payload=a",
                                  "PUBLISH q1 dup id=2 topic=t payload=b",
                                  "PUBLISH q1 id=3 topic=t payload=c"});
}

BOOST_AUTO_TEST_CASE(a_received_qos_2_message_is_only_released_after_a_crash,
                     *label("MQTT5-4.3.3-3") * label("MQTT3-4.3.3-1")) {
    Exchange exchange;
    exchange.publish_qos_2("a");
    exchange.reader.take_sent();
    exchange.reader.receive(pubrec(1)).expect_sent("PUBREL id=1");
    exchange.crash().expect_sent({resumed, "PUBREL id=1"});
    exchange.reader.receive(pubcomp(1));
    BOOST_TEST(exchange.stored_messages() == 0U);
    exchange.crash().expect_sent(resumed);
}

BOOST_AUTO_TEST_CASE(pubrel_waits_until_the_store_knows_that_it_was_received) {
    Exchange exchange;
    exchange.publish_qos_2("a");
    exchange.reader.take_sent();
    exchange.world->make_store_slow();
    exchange.reader.receive(pubrec(1)).expect_nothing_sent();
    exchange.reader.lose_connection();
    exchange.reconnect().expect_sent(resumed);  // nor to the next connection
    exchange.world->complete_commits();
    exchange.reader.expect_sent("PUBREL id=1");
}

BOOST_AUTO_TEST_CASE(a_publisher_is_answered_once_the_store_has_it_and_the_reader_gets_it_at_once,
                     *label("MQTT5-4.3.2-4")) {
    Exchange exchange;
    exchange.world->make_store_slow();
    exchange.publish_qos_1("a");
    exchange.reader.expect_sent("PUBLISH q1 id=1 topic=t payload=a");
    exchange.writer.expect_nothing_sent();
    exchange.world->complete_commits();
    exchange.writer.expect_sent("PUBACK id=1");
}

BOOST_AUTO_TEST_CASE(what_was_not_acknowledged_to_the_publisher_may_be_gone) {
    Exchange exchange;
    exchange.reader.lose_connection();
    exchange.world->make_store_slow();
    exchange.publish_qos_1("a");
    exchange.writer.expect_nothing_sent();
    exchange.crash(exchange.world.store().told()).expect_sent(resumed);
    exchange.publish_qos_1("a");
    exchange.reader.expect_sent("PUBLISH q1 id=1 topic=t payload=a");
}

BOOST_AUTO_TEST_CASE(all_receivers_of_a_publication_are_one_batch) {
    Exchange exchange;
    for (const std::string name : {"b", "c", "d"}) {
        exchange.world->connected(staying(name)).receive(subscribe("+", 1)).take_sent();
    }
    const std::size_t before = exchange.world.store().begun();
    exchange.publish_qos_1("a");
    BOOST_TEST(exchange.world.store().begun() == before + 1);
    BOOST_TEST(exchange.stored_messages() == 4U);
}

BOOST_AUTO_TEST_CASE(sessions_that_end_with_their_connection_store_nothing) {
    Exchange exchange;
    auto passing = exchange.world->connected(connect("passing"));
    passing.receive(subscribe("x", 2)).take_sent();
    const std::size_t before = exchange.world.store().begun();
    exchange.writer.receive(publish("x", "a").qos1(1), publish("x", "b").qos2(2), pubrel(2));
    passing.receive(puback(1), pubrec(2)).take_sent();
    BOOST_TEST(exchange.world.store().begun() == before);
}

// --- From the client

BOOST_AUTO_TEST_CASE(a_qos_2_publication_that_comes_again_after_a_crash_is_not_published_again,
                     *label("MQTT5-4.3.3-10") * label("MQTT3-4.3.3-2")) {
    Exchange exchange;
    auto sender = exchange.world->connected(staying("sender"));
    sender.receive(publish("t", "a").qos2(7)).expect_sent("PUBREC id=7");
    exchange.reader.expect_sent("PUBLISH q2 id=1 topic=t payload=a");

    exchange.crash().expect_sent({resumed, "PUBLISH q2 dup id=1 topic=t payload=a"});
    sender = exchange.world->client("sender");
    sender.receive(staying("sender"), publish("t", "a").qos2(7).dup())
        .expect_sent({resumed, "PUBREC id=7"});
    exchange.reader.expect_nothing_sent();
    sender.receive(pubrel(7)).expect_sent("PUBCOMP id=7");

    exchange.crash().take_sent();
    sender = exchange.world->client("sender");
    sender.receive(staying("sender"), publish("t", "b").qos2(7)).take_sent();
    exchange.reader.expect_sent("PUBLISH q2 id=2 topic=t payload=b");
}

BOOST_AUTO_TEST_CASE(a_qos_2_publication_and_its_identifier_survive_together_or_not_at_all,
                     *label("MQTT5-4.3.3-10")) {
    for (const bool is_retained : {false, true}) {
        for (std::size_t lost = 0;; ++lost) {
            Exchange exchange;
            exchange.reader.lose_connection();
            auto sender = exchange.world->connected(staying("sender"));
            const std::size_t told = exchange.world.store().told();
            exchange.world->make_store_slow();
            auto packet = publish("t", "a").qos2(7);
            if (is_retained) packet.retain();
            sender.receive(packet).expect_nothing_sent();
            const std::size_t begun = exchange.world.store().begun();
            if (lost > begun - told) break;
            exchange.crash(begun - lost).take_sent();
            sender = exchange.world->client("sender");
            sender.receive(staying("sender"), packet.dup());
            exchange.reader.lose_connection();
            BOOST_TEST(exchange.world->find("reader")->levels().stored_messages == 1U);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_repeated_publication_is_acknowledged_only_when_the_first_is_durable) {
    Exchange exchange;
    auto sender = exchange.world->connected(staying("sender"));
    exchange.world->make_store_slow();
    sender.receive(publish("t", "a").qos2(7)).expect_nothing_sent();
    sender.lose_connection();
    sender = exchange.world->client("sender");
    sender.receive(staying("sender"), publish("t", "a").qos2(7).dup()).expect_sent(resumed);
    exchange.world->complete_commits();
    sender.expect_sent("PUBREC id=7");
}

// --- More than memory holds

BOOST_AUTO_TEST_CASE(a_long_queue_keeps_its_order_and_little_of_it_in_memory,
                     *label("MQTT5-4.6.0-6")) {
    Exchange exchange;
    exchange.reader.lose_connection();
    for (int i = 1; i <= 500; ++i) exchange.publish_qos_1(std::to_string(i));
    BOOST_TEST(exchange.world->totals().queued_messages == 500U);
    exchange.reconnect();
    BOOST_TEST(drain(exchange.reader) == numbers(1, 500));
    BOOST_TEST(exchange.stored_messages() == 0U);
}

BOOST_AUTO_TEST_CASE(a_long_queue_outlives_crashes_while_it_is_drained) {
    Exchange exchange;
    exchange.reader.lose_connection();
    for (int i = 1; i <= 500; ++i) exchange.publish_qos_1(std::to_string(i));
    const ConnectPacket packet = staying().receive_maximum(10);
    exchange.crash(std::nullopt, Milliseconds{0}, packet);
    BOOST_TEST(exchange.world->count(Counter::messages_accepted) == 500U);
    std::string first = payloads(exchange.reader.take_sent());
    for (PacketId id = 1; id <= 10; ++id) exchange.reader.receive(puback(id));
    first += payloads(exchange.reader.take_sent());
    BOOST_TEST(first == numbers(1, 20));
    exchange.crash();
    BOOST_TEST(drain(exchange.reader) == numbers(11, 500));
}

BOOST_AUTO_TEST_CASE(what_comes_during_a_drain_comes_behind_it_also_with_qos_0,
                     *label("MQTT5-4.6.0-6")) {
    Exchange exchange;
    exchange.reader.lose_connection();
    for (int i = 1; i <= 200; ++i) exchange.publish_qos_1(std::to_string(i));
    exchange.reconnect(staying().receive_maximum(5));
    exchange.writer.receive(publish("t", "201"));
    exchange.publish_qos_1("202");
    exchange.writer.receive(publish("t", "203"));
    exchange.publish_qos_2("204");
    BOOST_TEST(drain(exchange.reader) == numbers(1, 204));
}

BOOST_AUTO_TEST_CASE(a_full_queue_drops_the_oldest_also_when_they_are_not_in_memory) {
    Exchange exchange{{.queue_messages_max = 100, .queue_policy = QueuePolicy::drop_oldest}};
    exchange.reader.lose_connection();
    for (int i = 1; i <= 350; ++i) exchange.publish_qos_1(std::to_string(i));
    BOOST_TEST(exchange.world->count(DropReason::queue_full_messages) == 250U);
    BOOST_TEST(exchange.stored_messages() == 100U);
    exchange.crash();
    BOOST_TEST(drain(exchange.reader) == numbers(251, 350));
}

BOOST_AUTO_TEST_CASE(a_full_queue_refuses_also_after_a_crash) {
    Exchange exchange{{.queue_messages_max = 100}};
    exchange.reader.lose_connection();
    for (int i = 1; i <= 100; ++i) exchange.publish_qos_1(std::to_string(i));
    exchange.world.crash_and_restart();
    exchange.writer = exchange.world->connected(connect("writer"));
    exchange.publish_qos_1("101");
    exchange.writer.expect_sent("PUBACK id=1 quota_exceeded");
}

BOOST_AUTO_TEST_CASE(what_expires_in_the_store_is_dropped_there, *label("MQTT5-3.3.2-5")) {
    Exchange exchange;
    exchange.reader.lose_connection();
    for (int i = 1; i <= 200; ++i) {
        exchange.writer.receive(publish("t", "x").qos1(1).expiry(10));
    }
    exchange.publish_qos_1("201");
    exchange.world->advance(Seconds{11});
    BOOST_TEST(exchange.world->count(DropReason::expired) == 200U);
    BOOST_TEST(exchange.stored_messages() == 1U);
    exchange.reconnect();
    BOOST_TEST(drain(exchange.reader) == "201;");
}

BOOST_AUTO_TEST_CASE(what_expired_while_the_server_was_down_is_not_sent,
                     *label("MQTT5-3.3.2-5")) {
    Exchange exchange{{.queue_age_max = Seconds{60}}};
    exchange.reader.lose_connection();
    exchange.writer.receive(publish("t", "x").qos1(1).expiry(10));
    exchange.publish_qos_1("kept");
    exchange.crash(std::nullopt, Seconds{11});
    BOOST_TEST(drain(exchange.reader) == "kept;");
    BOOST_TEST(exchange.world->count(DropReason::expired) == 1U);
    exchange.reader.lose_connection();
    exchange.publish_qos_1("too old");
    exchange.crash(std::nullopt, Seconds{61});
    BOOST_TEST(drain(exchange.reader) == "");
    BOOST_TEST(exchange.world->count(DropReason::queue_age) == 1U);
}

// --- What belongs to a message besides its bytes

BOOST_AUTO_TEST_CASE(every_field_of_a_publication_survives, *label("MQTT5-3.3.4-4")) {
    Exchange exchange;
    exchange.reader.receive(subscribe("t", 1).identifier(7).retain_as_published(),
                            subscribe("+", 2).identifier(268'435'455))
        .take_sent();
    exchange.reader.lose_connection();
    exchange.writer.receive(publish("t", "a").qos2(3).retain().expiry(100), pubrel(3));
    exchange.reconnect();
    const auto before = exchange.reader.take_sent_in_full();
    exchange.reader.lose_connection();
    exchange.crash();
    auto after = exchange.reader.take_sent_in_full();
    BOOST_TEST_REQUIRE(before.size() == 2U);
    BOOST_TEST_REQUIRE(after.size() == 2U);
    const std::size_t dup = after[1].find(" dup");
    BOOST_TEST_REQUIRE(dup != std::string::npos);
    BOOST_TEST(after[1].erase(dup, 4) == before[1]);
}

BOOST_AUTO_TEST_CASE(an_identifier_that_is_still_in_use_is_not_used_for_another_message,
                     *label("MQTT5-2.2.1-4")) {
    Exchange exchange;
    exchange.publish_qos_2("old");
    exchange.reader.expect_sent("PUBLISH q2 id=1 topic=t payload=old");
    // 65,534 messages later, all acknowledged
    store::Batch batch;
    const auto queue = static_cast<store::QueueId>(exchange.reader.session()->number());
    batch.append(queue, store::Position{65'535},
                 std::make_shared<const store::BytesValue>(store::Bytes(1)));
    batch.settle(queue, store::Position{65'535});
    ManualExecutor nobody;
    exchange.world.store().commit(std::move(batch), nobody, {});
    exchange.crash().expect_sent({resumed, "PUBLISH q2 dup id=1 topic=t payload=old"});

    exchange.world->make_store_slow();
    exchange.publish_qos_2("new");
    exchange.reader.expect_nothing_sent();  // until the store has its identifier
    exchange.world->complete_commits();
    const std::vector<std::string> sent = exchange.reader.take_sent();
    BOOST_TEST_REQUIRE(sent.size() == 1U);
    const std::string identifier = sent[0].substr(sent[0].find("id="), 8);
    BOOST_TEST(identifier != "id=1 top");
    exchange.publish_qos_2("next");
    exchange.reader.expect_sent("PUBLISH q2 id=2 topic=t payload=next");
    exchange.crash();
    const std::vector<std::string> again = exchange.reader.take_sent();
    BOOST_TEST_REQUIRE(again.size() == 4U);
    BOOST_TEST(again[2].find(identifier) != std::string::npos);
    BOOST_TEST(again[2].find("payload=new") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_retained_message_on_its_way_to_a_new_subscriber_survives) {
    Exchange exchange;
    exchange.writer.receive(publish("r", "a").qos1(1).retain());
    exchange.reader.receive(subscribe("r", 1))
        .expect_sent({"PUBLISH q1 retain id=1 topic=r payload=a", "SUBACK id=1 [1]"});
    exchange.crash().expect_sent({resumed, "PUBLISH q1 dup retain id=1 topic=r payload=a"});
}

// --- Ends

BOOST_AUTO_TEST_CASE(a_session_that_ends_takes_its_messages_out_of_the_store) {
    Exchange exchange;
    exchange.publish_qos_1("a");
    exchange.publish_qos_2("b");
    exchange.reader.receive(disconnect().session_expiry(0));
    BOOST_TEST(exchange.stored_messages() == 0U);
    exchange.crash().expect_sent("CONNACK success");
    BOOST_TEST(exchange.world->count(Counter::messages_accepted) == 0U);
}

BOOST_AUTO_TEST_CASE(a_message_that_moves_to_another_member_is_with_one_of_them_at_any_crash,
                     *label("MQTT5-4.8.2-5")) {
    for (const bool has_ended : {false, true}) {
        for (std::size_t lost = 0;; ++lost) {
            CrashableWorld world;
            auto writer = world->connected(connect("writer"));
            auto first = world->connected(staying("first"));
            first.receive(subscribe("$share/g/t", 1)).take_sent();
            writer.receive(publish("t", "a").qos1(1));
            first.expect_sent("PUBLISH q1 id=1 topic=t payload=a");
            auto second = world->connected(staying("second"));
            second.receive(subscribe("$share/g/t", 1)).take_sent();
            world->make_store_slow();
            if (has_ended) {
                first.receive(disconnect().session_expiry(0));
            } else {
                first.lose_connection();
            }
            second.expect_sent("PUBLISH q1 id=1 topic=t payload=a");
            const std::size_t begun = world.store().begun();
            if (lost > begun - world.store().told()) break;
            World& after = world.crash_and_restart(begun - lost);
            BOOST_TEST(after.totals().stored_messages == 1U);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_will_that_was_due_while_the_server_was_down_is_sent_at_the_start,
                     *label("MQTT5-3.1.3-9") * label("MQTT5-3.1.2-8")) {
    for (const int down_seconds : {31, 5'000}) {  // the will is due; the session has expired too
        Exchange exchange{{}, staying("reader").session_expiry(100'000)};
        auto device = exchange.world->connected(
            connect("device").clean_start(false).session_expiry(600).will("t", "gone", 1).will_delay(
                30));
        device.lose_connection();
        World& after = exchange.world.crash_and_restart(std::nullopt, Seconds{down_seconds});
        after.advance(Milliseconds{0});
        auto reader = after.client("reader");
        reader.receive(staying("reader").session_expiry(100'000))
            .expect_sent({resumed, "PUBLISH q1 id=1 topic=t payload=gone"});
    }
}

BOOST_AUTO_TEST_CASE(a_will_that_was_sent_is_not_sent_again_after_a_crash,
                     *label("MQTT5-3.1.2-10") * label("MQTT3-3.1.2-10")) {
    for (const int delay : {0, 30}) {
        Exchange exchange;
        auto device = exchange.world->connected(
            connect("device").clean_start(false).session_expiry(600).will("t", "gone", 1).will_delay(
                static_cast<std::uint32_t>(delay)));
        device.lose_connection();
        exchange.world->advance(Seconds{delay});
        exchange.reader.expect_sent("PUBLISH q1 id=1 topic=t payload=gone");
        exchange.reader.receive(puback(1));
        exchange.crash();
        exchange.world->advance(Seconds{1});
        exchange.reader.expect_sent(resumed);
    }
}

/// Its session stays, or ends before or with the delay.
BOOST_AUTO_TEST_CASE(a_will_is_with_its_session_or_with_its_receivers_at_any_crash,
                     *label("MQTT5-3.1.2-8") * label("MQTT3-3.1.2-8")) {
    struct Case {
        std::uint32_t expiry;
        std::uint32_t delay;
        int advance;
    };
    for (const Case& each : {Case{600, 0, 0}, Case{600, 30, 30}, Case{20, 30, 20}, Case{20, 20, 20}}) {
        for (std::size_t lost = 0;; ++lost) {
            Exchange exchange;
            exchange.reader.lose_connection();
            auto device = exchange.world->connected(connect("device")
                                                        .clean_start(false)
                                                        .session_expiry(each.expiry)
                                                        .will("t", "gone", 1)
                                                        .will_delay(each.delay));
            const std::size_t told = exchange.world.store().told();
            exchange.world->make_store_slow();
            device.lose_connection();
            exchange.world->advance(Seconds{each.advance});
            const std::size_t begun = exchange.world.store().begun();
            if (lost > begun - told) break;
            exchange.crash(begun - lost);
            exchange.world->advance(Seconds{each.advance + 1});
            BOOST_TEST(exchange.world->find("reader")->levels().inflight_messages == 1U);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
