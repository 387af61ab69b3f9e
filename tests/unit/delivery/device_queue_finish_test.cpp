#include "delivery/device_queue.hpp"

#include "support/device_world.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using delivery::DeviceMessage;
using test_support::DeviceWorld;
using test_support::FakeDevice;

namespace {

DeviceMessage with_ttl(std::string_view id, Seconds ttl) {
    DeviceMessage message = DeviceWorld::message(id);
    message.ttl = ttl;
    return message;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(device_queue_finish)

// --- Time

BOOST_AUTO_TEST_CASE(a_message_expires_at_its_instant) {
    DeviceWorld world;
    BOOST_TEST(world.posted(with_ttl("m1", Seconds{300})) == "PENDING offline");
    world.advance(Milliseconds{299'999});
    BOOST_TEST(world.state_of("m1") == "PENDING offline");
    world.advance(Milliseconds{1});
    BOOST_TEST(world.state_of("m1") == "TIMEOUT expired");
    BOOST_TEST(world.events.has("info expired m1: PENDING to TIMEOUT"));
    BOOST_TEST((world.delivery->next_deadline() == never));
}

BOOST_AUTO_TEST_CASE(expiry_survives_a_restart_to_the_millisecond) {
    DeviceWorld world;
    BOOST_TEST(world.posted(with_ttl("m1", Seconds{300})) == "PENDING offline");
    BOOST_TEST(world.posted(with_ttl("m2", Seconds{600})) == "PENDING offline");
    world.advance(Seconds{100});
    world.restart();
    world.advance(Milliseconds{199'999});
    BOOST_TEST(world.count(Counter::device_messages_expired) == 0U);
    world.advance(Milliseconds{1});
    BOOST_TEST(world.count(Counter::device_messages_expired) == 1U);
    BOOST_TEST(world.state_of("m1") == "TIMEOUT expired");
    BOOST_TEST(world.state_of("m2") == "PENDING offline");
}

BOOST_AUTO_TEST_CASE(what_expired_while_the_server_was_down_times_out_at_the_start) {
    DeviceWorld world;
    BOOST_TEST(world.posted(with_ttl("m1", Seconds{300})) == "PENDING offline");
    world.clock.current += Seconds{1'000'000};
    world.restart();
    world.advance(Seconds{0});
    BOOST_TEST(world.state_of("m1") == "TIMEOUT expired");
}

BOOST_AUTO_TEST_CASE(a_jump_of_the_wall_clock_expires_nothing) {
    DeviceWorld world;
    BOOST_TEST(world.posted(with_ttl("m1", Seconds{300})) == "PENDING offline");
    world.clock.jump = Milliseconds{1'000'000'000};
    world.advance(Seconds{299});
    BOOST_TEST(world.state_of("m1") == "PENDING offline");
    world.advance(Seconds{1});
    BOOST_TEST(world.state_of("m1") == "TIMEOUT expired");
}

BOOST_AUTO_TEST_CASE(a_message_in_flight_expires_too) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach();
    world.post(with_ttl("m1", Seconds{300}));
    world.run();
    const Instant end = world.clock.current + Seconds{300};
    BOOST_TEST((device.last->message->expires_at() == end));
    world.advance(Seconds{300});
    BOOST_TEST(world.state_of("m1") == "TIMEOUT expired");
    device.detach();
    device.resume();
    BOOST_TEST(device.in_flight.empty());
    device.feed->on_acknowledged(device.last->position, 0, *world.turn);
    world.run();
    BOOST_TEST(world.state_of("m1") == "TIMEOUT expired");
}

BOOST_AUTO_TEST_CASE(what_expires_at_the_instant_of_sending_is_not_sent) {
    DeviceWorld world;
    FakeDevice device{world};
    device.quota = 0;
    device.attach();
    world.post(with_ttl("m1", Seconds{300}));
    world.post(with_ttl("m2", Seconds{600}));
    world.run();
    world.clock.current += Seconds{300};
    world.turn->now = world.clock.current;  // the session is first, the deadline later
    device.quota = 10;
    device.pull();
    BOOST_TEST(device.received() == "m2");
    world.run();
    BOOST_TEST(world.state_of("m1") == "TIMEOUT expired");
}

BOOST_AUTO_TEST_CASE(a_resumed_session_is_told_what_expired_meanwhile) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach();
    world.post(with_ttl("m1", Seconds{300}));
    world.run();
    device.detach();
    world.clock.current += Seconds{300};
    world.turn->now = world.clock.current;
    device.resume();
    world.run();
    BOOST_TEST(device.received() == "m1");
    BOOST_TEST(world.state_of("m1") == "TIMEOUT expired");
}

BOOST_AUTO_TEST_CASE(the_longest_ttl_is_no_overflow) {
    DeviceWorld world;
    BOOST_TEST(world.posted(with_ttl("m1", Seconds::max())) == "PENDING offline");
    world.restart();
    BOOST_TEST(world.state_of("m1") == "PENDING offline");
}

BOOST_AUTO_TEST_CASE(many_messages_expire_together) {
    DeviceWorld world;
    for (int i = 0; i < 500; ++i) world.post(with_ttl("m" + std::to_string(i), Seconds{300}));
    world.run();
    world.advance(Seconds{300});
    BOOST_TEST(world.count(Counter::device_messages_expired) == 500U);
    BOOST_TEST(world.delivery->levels().devices_with_messages == 0U);
}

// --- History

BOOST_AUTO_TEST_CASE(the_history_keeps_the_latest_ends) {
    DeviceWorld world{{.finished_messages_max = 2}};
    FakeDevice device{world};
    device.answers = true;
    device.attach();
    for (const char* id : {"m1", "m2", "m3"}) {
        BOOST_TEST(world.posted(id) == "DELIVERED acknowledged");
        world.advance(Seconds{1});
    }
    BOOST_TEST(world.listed() == "m3 m2");
    BOOST_TEST(world.store.level(delivery::queue_of(7)).records == 2U);
    BOOST_TEST(world.count(Counter::device_messages_forgotten) == 1U);
    world.restart();
    BOOST_TEST(world.listed() == "m3 m2");
    BOOST_TEST(world.posted("m1") == "PENDING offline");  // its identifier is free again
}

BOOST_AUTO_TEST_CASE(a_server_may_keep_no_history) {
    DeviceWorld world{{.finished_messages_max = 0}};
    FakeDevice device{world};
    device.answers = true;
    device.attach();
    BOOST_TEST(world.posted("m1") == "DELIVERED acknowledged");
    BOOST_TEST(world.listed() == "");
    BOOST_TEST(world.store.level(delivery::queue_of(7)).records == 0U);
}

BOOST_AUTO_TEST_CASE(a_status_is_shown_when_it_is_durable) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach();
    world.post("m1");
    world.run();
    device.acknowledge();
    BOOST_TEST(world.count(Counter::device_messages_delivered) == 0U);
    BOOST_TEST(world.delivery->levels().waiting_messages == 1U);
    world.run();
    BOOST_TEST(world.count(Counter::device_messages_delivered) == 1U);
}

BOOST_AUTO_TEST_CASE(finished_messages_survive_a_restart) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach();
    world.post("m1");
    world.post("m2");
    world.run();
    device.acknowledge();
    device.acknowledge(0x87);
    world.run();
    const auto before = world.view_of("m1");
    world.restart();
    const auto after = world.view_of("m1");
    BOOST_REQUIRE(after.has_value());
    BOOST_TEST((after->finished_at == before->finished_at));
    BOOST_TEST((after->accepted_at == before->accepted_at));
    BOOST_TEST(after->attempts == 1U);
    BOOST_TEST(world.state_of("m2") == "FAILED refused_by_device");
    BOOST_TEST(world.view_of("m2")->refusal_code == 0x87);
    device.attach();
    world.run();
    BOOST_TEST(device.received() == "m1 m2");
}

BOOST_AUTO_TEST_SUITE_END()
