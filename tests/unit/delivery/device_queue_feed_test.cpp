#include "delivery/device_queue.hpp"

#include "support/device_world.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using delivery::Cause;
using delivery::DeviceMessage;
using test_support::DeviceWorld;
using test_support::FakeDevice;

namespace {

DeviceMessage to_user_topic(std::string_view id) {
    DeviceMessage message = DeviceWorld::message(id);
    message.topic_kind = delivery::TopicKind::user;
    message.topic = "$oc/devices/pump-7/user/config";
    return message;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(device_queue_feed)

BOOST_AUTO_TEST_CASE(what_waits_comes_in_order_before_what_is_posted_later) {
    DeviceWorld world;
    for (const char* id : {"m1", "m2", "m3"}) BOOST_TEST(world.posted(id) == "PENDING offline");
    FakeDevice device{world};
    device.attach();
    world.post("m4");
    BOOST_TEST(device.received() == "");  // m4 must not overtake what is being read
    world.run();
    world.post("m5");
    BOOST_TEST(device.received() == "m1 m2 m3 m4 m5");
    device.acknowledge_all();
    world.run();
    BOOST_TEST(world.delivery->levels().waiting_messages == 0U);
    BOOST_TEST(world.listed() == "m5 m4 m3 m2 m1");
}

BOOST_AUTO_TEST_CASE(a_queue_longer_than_the_window_is_drained_to_its_end) {
    DeviceWorld world;
    std::string expected;
    for (int i = 0; i < 300; ++i) {
        const std::string id = "m" + std::to_string(i);
        world.post(id);
        expected += (i == 0 ? "" : " ") + id;
    }
    world.run();
    FakeDevice device{world};
    device.attach();
    world.run();
    BOOST_TEST(device.received() == expected);
    BOOST_TEST(device.in_flight.size() == 300U);
    device.acknowledge_all();
    world.run();
    BOOST_TEST(world.delivery->levels().waiting_messages == 0U);
    BOOST_TEST(world.count(Counter::device_messages_delivered) == 300U);
}

BOOST_AUTO_TEST_CASE(what_was_in_flight_when_the_session_ends_comes_again_first_with_dup) {
    DeviceWorld world;
    FakeDevice device{world};
    device.quota = 2;
    device.attach();
    for (const char* id : {"m1", "m2", "m3"}) world.post(id);
    world.run();
    BOOST_TEST(device.received() == "m1 m2");
    device.end();
    world.run();
    BOOST_TEST(world.state_of("m1") == "PENDING offline");
    device.quota = 10;
    device.attach();
    world.run();
    BOOST_TEST(device.received() == "m1* m2* m3");
    BOOST_TEST(world.count(Counter::device_messages_redelivered) == 2U);
    BOOST_TEST(world.view_of("m1")->attempts == 2U);
}

BOOST_AUTO_TEST_CASE(a_session_that_is_resumed_sends_again_what_it_has) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach();
    world.post("m1");
    world.post("m2");
    world.run();
    device.detach();
    world.post("m3");
    world.run();
    BOOST_TEST(device.received() == "m1 m2");
    device.resume();
    world.run();
    BOOST_TEST(device.received() == "m1* m2* m3");
    device.acknowledge_all();
    world.run();
    BOOST_TEST(world.state_of("m2") == "DELIVERED acknowledged");
}

BOOST_AUTO_TEST_CASE(a_second_session_takes_over_what_the_first_had) {
    DeviceWorld world;
    FakeDevice first{world};
    first.attach();
    world.post("m1");
    world.post("m2");
    world.run();
    BOOST_TEST(first.received() == "m1 m2");
    const store::Position stale = first.in_flight[0].item.position;
    FakeDevice second{world};
    second.attach();
    world.run();
    BOOST_TEST(second.received() == "m1* m2*");
    // Late words of the first session.
    first.detach();
    BOOST_TEST(!first.feed->wants_again(stale, *world.turn));
    first.end();
    world.run();
    BOOST_TEST(second.received() == "");
    BOOST_TEST(world.state_of("m1") == "PENDING awaiting_acknowledgement");
    second.acknowledge_all();
    world.run();
    BOOST_TEST(world.state_of("m1") == "DELIVERED acknowledged");
    world.post("m3");
    BOOST_TEST(second.received() == "m3");
}

BOOST_AUTO_TEST_CASE(an_acknowledgement_that_comes_late_through_the_first_session_counts) {
    DeviceWorld world;
    FakeDevice first{world};
    first.attach();
    world.post("m1");
    world.run();
    FakeDevice second{world};
    second.quota = 0;
    second.attach();
    world.run();
    first.is_attached = false;
    first.acknowledge();
    world.run();
    BOOST_TEST(world.state_of("m1") == "DELIVERED acknowledged");
    second.quota = 10;
    second.pull();
    BOOST_TEST(second.received() == "");
}

BOOST_AUTO_TEST_CASE(a_message_of_ttl_0_ends_when_another_connection_takes_over_its_session) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach();
    DeviceMessage only_now = DeviceWorld::message("m1");
    only_now.ttl = Seconds{0};
    const std::size_t post = world.post(only_now);
    world.post("m2");
    world.run();
    device.resume();  // the first connection was never reported as gone
    world.run();
    BOOST_TEST(device.received() == "m1 m2 m2*");
    BOOST_TEST(world.answer_of(post) == "FAILED device_offline");
}

BOOST_AUTO_TEST_CASE(two_hundred_in_flight_survive_a_takeover_in_order) {
    DeviceWorld world;
    FakeDevice first{world};
    first.attach();
    std::string expected;
    for (int i = 0; i < 200; ++i) {
        world.post("m" + std::to_string(i));
        expected += (i == 0 ? "m" : "* m") + std::to_string(i);
    }
    world.run();
    BOOST_TEST(first.in_flight.size() == 200U);
    FakeDevice second{world};
    second.attach();
    world.post("last");
    world.run();
    BOOST_TEST(second.received() == expected + "* last");
    first.end();
    second.acknowledge_all();
    world.run();
    BOOST_TEST(world.delivery->levels().waiting_messages == 0U);
}

// --- Subscriptions

BOOST_AUTO_TEST_CASE(a_topic_without_subscription_waits_aside) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach();
    BOOST_TEST(world.posted(to_user_topic("u1")) == "PENDING not_subscribed");
    world.post("m1");
    BOOST_TEST(world.posted(to_user_topic("u2")) == "PENDING not_subscribed");
    BOOST_TEST(device.received() == "m1");
    device.subscribe("$oc/devices/pump-7/user/#");
    world.run();
    BOOST_TEST(device.received() == "u1 u2");
    device.unsubscribe("$oc/devices/pump-7/user/#");
    BOOST_TEST(world.posted(to_user_topic("u3")) == "PENDING not_subscribed");
}

BOOST_AUTO_TEST_CASE(what_waited_aside_takes_its_place_among_the_waiting) {
    DeviceWorld world;
    world.post(to_user_topic("u1"));
    world.post("m1");
    world.post(to_user_topic("u2"));
    world.post("m2");
    world.run();
    FakeDevice device{world};
    device.quota = 1;
    device.attach();
    world.run();
    BOOST_TEST(device.received() == "m1");
    device.subscribe("$oc/devices/pump-7/user/config");
    device.quota = 10;
    world.run();
    device.pull();
    BOOST_TEST(device.received() == "u1 u2 m2");
}

BOOST_AUTO_TEST_CASE(the_qos_is_that_of_the_subscription_and_never_2) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach({{"$oc/devices/pump-7/user/#", QoS::at_most_once},
                   {"$oc/devices/+/sys/messages/down", QoS::exactly_once}});
    BOOST_TEST(world.posted(to_user_topic("u1")) == "DELIVERED handed_over");
    world.post("m1");
    world.run();
    BOOST_TEST(device.received() == "u1/0 m1");
    device.acknowledge_all();
    device.subscribe("$oc/devices/+/sys/messages/down", QoS::at_most_once);
    BOOST_TEST(world.posted("m2") == "DELIVERED handed_over");
    BOOST_TEST(device.received() == "m2/0");
}

BOOST_AUTO_TEST_CASE(the_system_topic_has_the_qos_of_the_setting) {
    DeviceWorld world{{.system_topic_qos = QoS::at_most_once}};
    FakeDevice device{world};
    device.attach();
    BOOST_TEST(world.posted("m1") == "DELIVERED handed_over");
    BOOST_TEST(device.received() == "m1/0");
}

BOOST_AUTO_TEST_CASE(a_message_at_qos_0_that_was_not_written_comes_again_without_dup) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach({{"#", QoS::at_most_once}});
    device.quota = 0;
    BOOST_TEST(world.posted(to_user_topic("u1")) == "PENDING not_subscribed");  // `#` skips `$`
    device.subscribe("$oc/devices/pump-7/user/config", QoS::at_most_once);
    world.run();
    const auto item = device.feed->next(*world.turn);
    BOOST_REQUIRE(item.has_value());
    device.feed->on_lost(item->position, *world.turn);
    device.quota = 1;
    world.run();
    BOOST_TEST(device.received() == "u1/0");
    BOOST_TEST(world.state_of("u1") == "DELIVERED handed_over");
}

// --- Ends

BOOST_AUTO_TEST_CASE(a_reason_code_of_0x80_or_more_is_a_refusal) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach();
    const std::size_t post = world.post("m1");
    world.run();
    device.acknowledge(0x99);
    world.run();
    BOOST_TEST(world.answer_of(post) == "FAILED refused_by_device");
    BOOST_TEST(world.view_of("m1")->refusal_code == 0x99);
    BOOST_TEST(world.events.has("info refused_by_device m1: PENDING to FAILED, reason code 153"));
    world.post("m2");
    world.run();
    device.acknowledge(0x10);  // No matching subscribers: a success
    world.run();
    BOOST_TEST(world.state_of("m2") == "DELIVERED acknowledged");
}

BOOST_AUTO_TEST_CASE(a_message_that_is_too_large_for_the_device_fails) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach();
    const std::size_t post = world.post("m1");
    world.run();
    device.feed->on_too_large(device.in_flight[0].item.position, *world.turn);
    world.run();
    BOOST_TEST(world.answer_of(post) == "FAILED packet_too_large");
}

BOOST_AUTO_TEST_CASE(unknown_positions_do_nothing) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach();
    world.post("m1");
    world.run();
    const store::Position unknown{99};
    device.feed->on_acknowledged(unknown, 0, *world.turn);
    device.feed->on_handed_over(unknown, *world.turn);
    device.feed->on_too_large(unknown, *world.turn);
    device.feed->on_lost(unknown, *world.turn);
    BOOST_TEST(!device.feed->wants_again(unknown, *world.turn));
    world.run();
    BOOST_TEST(world.state_of("m1") == "PENDING awaiting_acknowledgement");
    device.acknowledge_all();
    device.feed->on_acknowledged(device.last->position, 0, *world.turn);
    world.run();
    BOOST_TEST(world.count(Counter::device_messages_delivered) == 1U);
}

BOOST_AUTO_TEST_CASE(delivered_may_mean_sent) {
    DeviceWorld world{{.delivered_at = delivery::DeliveredAt::sent}};
    FakeDevice device{world};
    device.attach();
    const std::size_t post = world.post("m1");
    device.feed->on_handed_over(device.in_flight[0].item.position, *world.turn);
    world.run();
    BOOST_TEST(world.answer_of(post) == "DELIVERED handed_over");
}

BOOST_AUTO_TEST_CASE(pauses_have_their_cause) {
    DeviceWorld world;
    FakeDevice device{world};
    device.quota = 1;
    device.attach();
    for (const char* id : {"m1", "m2", "m3"}) world.post(id);
    world.run();
    BOOST_TEST(world.state_of("m1") == "PENDING awaiting_acknowledgement");
    BOOST_TEST(world.state_of("m2") == "PENDING send_quota_exhausted");
    BOOST_TEST(world.state_of("m3") == "PENDING queued_behind");
    BOOST_TEST(world.view_of("m3")->place.value_or(0) == 2U);
    device.feed->on_paused(Cause::socket_full);
    BOOST_TEST(world.state_of("m2") == "PENDING socket_full");
    device.detach();
    BOOST_TEST(world.state_of("m2") == "PENDING offline");
}

BOOST_AUTO_TEST_SUITE_END()
