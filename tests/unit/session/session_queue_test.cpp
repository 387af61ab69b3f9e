// The queue of a session whose client is away: its limits, its policies, its age, and that every drop
// is counted by reason and announced. What a slow reader that is connected gets is in
// session_slow_reader_test.cpp.

#include "support/connection_script.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace test_support;

namespace {

constexpr std::size_t header_bytes = sizeof(ApplicationMessage);

/// A session without its client that is subscribed to "t", and a publisher on another shard.
struct Away {
    explicit Away(const Limits& limits)
        : world(limits, 2), sender(world.connected(connect("sender"), v5, 1)) {
        auto client = world.connected(packet());
        client.receive(subscribe("t", 2)).take_sent();
        client.lose_connection();
    }

    static ConnectPacket packet() {
        return connect("away").clean_start(false).session_expiry(100'000);
    }
    std::vector<std::string> publish_one(std::string payload, std::uint32_t expiry = 0) {
        auto message = publish("t", std::move(payload)).qos1(1);
        if (expiry != 0) message.expiry(expiry);
        sender.receive(message);
        return sender.take_sent();
    }
    /// The payloads that come when the client is back.
    std::string payloads() {
        auto client = world.client("back");
        client.receive(packet());
        std::string all;
        for (const std::string& text : client.take_sent()) {
            const std::size_t at = text.find("payload=");
            if (at != std::string::npos) all += text.substr(at + 8) + ";";
        }
        return all;
    }

    World world;
    ConnectionScript sender;
};

using Answers = std::vector<std::string>;
const Answers accepted{"PUBACK id=1"};
const Answers refused{"PUBACK id=1 quota_exceeded"};

}  // namespace

BOOST_AUTO_TEST_SUITE(session_queue)

BOOST_AUTO_TEST_CASE(a_full_queue_refuses_and_says_so_by_policy_reject) {
    Away away{{.queue_messages_max = 2, .queue_policy = QueuePolicy::reject}};
    BOOST_TEST((away.publish_one("1") == accepted));
    BOOST_TEST((away.publish_one("2") == accepted));
    BOOST_TEST((away.publish_one("3") == refused));
    away.sender.receive(publish("t", "4").qos2(9)).expect_sent("PUBREC id=9 quota_exceeded");
    BOOST_TEST(away.world.count(DropReason::queue_full_messages) == 2U);
    BOOST_TEST(away.world.count(Counter::publish_refused) == 2U);
    BOOST_TEST(away.payloads() == "1;2;");
}

BOOST_AUTO_TEST_CASE(a_publisher_before_5_0_cannot_be_told_of_a_full_queue) {
    Away away{{.queue_messages_max = 1, .queue_policy = QueuePolicy::reject}};
    auto older = away.world.connected(connect("older"), v3_1_1);
    older.receive(publish("t", "1").qos1(1), publish("t", "2").qos1(2), publish("t", "3").qos2(3))
        .expect_sent({"PUBACK id=1", "PUBACK id=2", "PUBREC id=3"});
    older.receive(pubrel(3)).expect_sent("PUBCOMP id=3");
    BOOST_TEST(away.world.count(DropReason::queue_full_messages) == 2U);
    BOOST_TEST(away.world.count(Counter::publish_refused) == 2U);
}

BOOST_AUTO_TEST_CASE(a_full_queue_drops_the_oldest_by_policy_drop_oldest) {
    Away away{{.queue_messages_max = 2, .queue_policy = QueuePolicy::drop_oldest}};
    for (const char* payload : {"1", "2", "3", "4"}) {
        BOOST_TEST((away.publish_one(payload) == accepted));
    }
    BOOST_TEST(away.world.count(DropReason::queue_full_messages) == 2U);
    BOOST_TEST(away.world.count(Counter::publish_refused) == 0U);
    BOOST_TEST(away.payloads() == "3;4;");
}

BOOST_AUTO_TEST_CASE(a_full_queue_drops_the_newest_by_policy_drop_newest) {
    Away away{{.queue_messages_max = 2, .queue_policy = QueuePolicy::drop_newest}};
    for (const char* payload : {"1", "2", "3", "4"}) {
        BOOST_TEST((away.publish_one(payload) == accepted));
    }
    BOOST_TEST(away.world.count(DropReason::queue_full_messages) == 2U);
    BOOST_TEST(away.payloads() == "1;2;");
}

BOOST_AUTO_TEST_CASE(bytes_are_limited_as_messages_are) {
    // Room for two messages of ten bytes (topic and payload) to the byte.
    const std::size_t room = 2 * (header_bytes + 10);
    for (const auto policy :
         {QueuePolicy::reject, QueuePolicy::drop_oldest, QueuePolicy::drop_newest}) {
        Away away{{.queue_bytes_max = room, .queue_policy = policy}};
        BOOST_TEST((away.publish_one("aaaaaaaaa") == accepted));
        BOOST_TEST((away.publish_one("bbbbbbbbb") == accepted));
        BOOST_TEST(away.world.totals().queued_bytes == room);
        const Answers answers = away.publish_one("c");
        BOOST_TEST((answers == (policy == QueuePolicy::reject ? refused : accepted)));
        BOOST_TEST(away.world.count(DropReason::queue_full_bytes) == 1U);
        const bool drops_oldest = policy == QueuePolicy::drop_oldest;
        BOOST_TEST(away.payloads() == (drops_oldest ? "bbbbbbbbb;c;" : "aaaaaaaaa;bbbbbbbbb;"));
    }
}

BOOST_AUTO_TEST_CASE(one_session_without_room_leaves_the_others_their_message) {
    Away away{{.queue_messages_max = 1, .queue_policy = QueuePolicy::reject}};
    away.publish_one("1");
    auto reader = away.world.connected(connect("reader"));
    reader.receive(subscribe("t", 1)).take_sent();
    BOOST_TEST((away.publish_one("2") == refused));
    reader.expect_sent("PUBLISH q1 id=1 topic=t payload=2");
}

BOOST_AUTO_TEST_CASE(what_waits_too_long_is_dropped) {
    Away away{{.queue_age_max = Seconds{60}}};
    away.publish_one("old");
    away.world.advance(Seconds{30});
    away.publish_one("young");
    away.world.advance(Milliseconds{29'999});
    BOOST_TEST(away.world.totals().queued_messages == 2U);
    away.world.advance(Milliseconds{1});
    BOOST_TEST(away.world.totals().queued_messages == 1U);
    BOOST_TEST(away.world.count(DropReason::queue_age) == 1U);
    BOOST_TEST(away.world.events.last("message_dropped").reason == "queue_age");
    BOOST_TEST(away.payloads() == "young;");
}

BOOST_AUTO_TEST_CASE(what_expires_while_it_waits_is_dropped_wherever_it_stands) {
    Away away{{}};
    away.publish_one("1");
    away.publish_one("2", 10);
    away.publish_one("3");
    away.publish_one("4", 5);
    away.world.advance(Seconds{10});
    BOOST_TEST(away.world.totals().queued_messages == 2U);
    BOOST_TEST(away.world.count(DropReason::expired) == 2U);
    BOOST_TEST(away.payloads() == "1;3;");
}

BOOST_AUTO_TEST_CASE(room_that_expiry_made_is_used_again) {
    Away away{{.queue_messages_max = 1, .queue_policy = QueuePolicy::reject}};
    away.publish_one("1", 10);
    BOOST_TEST((away.publish_one("2") == refused));
    away.world.advance(Seconds{10});
    BOOST_TEST((away.publish_one("3") == accepted));
    BOOST_TEST(away.payloads() == "3;");
}

BOOST_AUTO_TEST_CASE(drops_are_announced_with_reason_topic_and_number) {
    Away away{{.queue_messages_max = 1, .queue_policy = QueuePolicy::drop_newest}};
    away.publish_one("1");
    for (int i = 0; i < 10; ++i) away.publish_one("more");
    const RecordedEvent first = away.world.events.last("message_dropped");
    BOOST_TEST(first.client_id == "away");
    BOOST_TEST(first.reason == "queue_full_messages");
    BOOST_TEST(first.topic == "t");
    BOOST_TEST(first.count == 1U);
    // The others of that second are announced together, even if no further one comes.
    away.world.advance(Seconds{1});
    BOOST_TEST(away.world.events.last("message_dropped").count == 9U);
    const auto announced =
        std::ranges::count(away.world.events.events, "message_dropped", &RecordedEvent::name);
    BOOST_TEST(announced == 2);
}

BOOST_AUTO_TEST_SUITE_END()
