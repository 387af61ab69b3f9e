#include "delivery/device_queue.hpp"

#include "support/device_world.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using delivery::ListQuery;
using delivery::MessageStatus;
using delivery::TraceEvent;
using test_support::DeviceWorld;
using test_support::FakeDevice;

namespace {

/// "accepted durable sent acknowledged"; "none".
std::string trace_of(DeviceWorld& world, std::string_view id, std::uint64_t number = 7) {
    std::string steps;
    world.delivery->trace(
        DeviceWorld::ref(number), std::string{id}, *world.turn,
        [&](std::error_code error, const std::optional<std::vector<TraceEvent>>& events) {
            BOOST_TEST(!error);
            if (!events) {
                steps = "none";
                return;
            }
            for (const TraceEvent& event : *events) {
                steps += (steps.empty() ? "" : " ") + std::string{to_string(event.step)};
            }
        });
    world.run();
    return steps;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(device_queue_views)

BOOST_AUTO_TEST_CASE(a_view_has_what_was_posted) {
    DeviceWorld world;
    delivery::DeviceMessage message = DeviceWorld::message("m1");
    message.name = "open";
    message.properties = {.correlation_data = "c-1",
                          .response_topic = "a/b",
                          .user_properties = {{"k", "v"}, {"k", ""}}};
    BOOST_TEST(world.posted(message) == "PENDING offline");
    const auto view = world.view_of("m1");
    BOOST_REQUIRE(view.has_value());
    BOOST_TEST((view->message == message));
    BOOST_TEST((view->accepted_at == world.clock.wall_now()));
    BOOST_TEST((view->expires_at == world.clock.wall_now() + message.ttl));
    BOOST_TEST(!view->sent_at.has_value());
    BOOST_TEST(!view->finished_at.has_value());
    BOOST_TEST(!world.view_of("m2").has_value());
    BOOST_TEST(!world.view_of("m1", 8).has_value());
}

BOOST_AUTO_TEST_CASE(a_list_is_paged_from_the_newest) {
    DeviceWorld world;
    for (int i = 1; i <= 5; ++i) world.post("m" + std::to_string(i));
    BOOST_TEST(world.listed({.count_max = 2}) == "m5 m4 ...");
    BOOST_TEST(world.listed({.after_message_id = "m4", .count_max = 2}) == "m3 m2 ...");
    BOOST_TEST(world.listed({.after_message_id = "m2", .count_max = 2}) == "m1");
    BOOST_TEST(world.listed({.after_message_id = "m1"}) == "");
    BOOST_TEST(world.listed({.after_message_id = "unknown"}) == "");
}

BOOST_AUTO_TEST_CASE(a_list_may_be_of_one_status) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach();
    for (int i = 1; i <= 3; ++i) world.post("m" + std::to_string(i));
    world.run();
    device.acknowledge();
    device.acknowledge(0x80);
    BOOST_TEST(world.listed({.status = MessageStatus::pending}) == "m3");  // it says what it sees
    world.run();
    BOOST_TEST(world.listed({.status = MessageStatus::pending}) == "m3");
    BOOST_TEST(world.listed({.status = MessageStatus::delivered}) == "m1");
    BOOST_TEST(world.listed({.status = MessageStatus::failed}) == "m2");
    BOOST_TEST(world.listed({.status = MessageStatus::timeout}) == "");
    BOOST_TEST(world.listed() == "m3 m2 m1");
}

BOOST_AUTO_TEST_CASE(a_list_reads_as_many_pages_as_it_takes) {
    DeviceWorld world;
    std::string expected;
    for (int i = 0; i < 700; ++i) {
        world.post("m" + std::to_string(i));
        expected = "m" + std::to_string(i) + (i == 0 ? "" : " ") + expected;
    }
    BOOST_TEST(world.listed() == expected);
}

BOOST_AUTO_TEST_CASE(history_and_steps_of_idle_devices_make_room_for_others) {
    DeviceWorld world{{.loaded_messages_max = 10}};
    FakeDevice stays{world, 1};
    stays.answers = true;
    stays.attach();
    BOOST_TEST(world.posted("m1", 1) == "DELIVERED acknowledged");
    BOOST_TEST(trace_of(world, "m1", 1) == "accepted sent durable acknowledged");
    for (std::uint64_t number = 2; number <= 20; ++number) {
        FakeDevice passes{world, number};
        passes.answers = true;
        passes.attach();
        BOOST_TEST(world.posted("m1", number) == "DELIVERED acknowledged");
    }
    for (std::uint64_t number = 1; number <= 2; ++number) {
        BOOST_TEST(trace_of(world, "m1", number) == "accepted acknowledged");
        BOOST_TEST(world.state_of("m1", number) == "DELIVERED acknowledged");
    }
}

BOOST_AUTO_TEST_CASE(a_trace_tells_the_life_of_a_message) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach();
    world.post("m1");
    world.run();
    BOOST_TEST(trace_of(world, "m1") == "accepted sent durable");
    device.end();
    world.run();
    device.attach();
    world.run();
    device.acknowledge();
    world.run();
    BOOST_TEST(trace_of(world, "m1") == "accepted sent durable connection_lost sent acknowledged");
    BOOST_TEST(trace_of(world, "m2") == "none");
    world.restart();
    BOOST_TEST(trace_of(world, "m1") == "accepted acknowledged");
}

BOOST_AUTO_TEST_SUITE_END()
