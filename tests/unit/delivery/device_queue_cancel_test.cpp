#include "delivery/device_queue.hpp"

#include "support/device_world.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using test_support::DeviceWorld;
using test_support::FakeDevice;

namespace {

const std::error_code disk_full = std::make_error_code(std::errc::no_space_on_device);

std::error_code removed(DeviceWorld& world, std::uint64_t number = 7) {
    std::optional<std::error_code> result;
    world.delivery->remove_device(DeviceWorld::ref(number), *world.turn,
                                  [&](std::error_code error) { result = error; });
    world.run();
    BOOST_REQUIRE(result.has_value());
    return *result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(device_queue_cancel)

BOOST_AUTO_TEST_CASE(a_waiting_message_is_cancelled_and_forgotten) {
    DeviceWorld world;
    BOOST_TEST(world.posted("m1") == "PENDING offline");
    BOOST_TEST(world.posted("m2") == "PENDING offline");
    BOOST_TEST(world.cancel("m1"));
    BOOST_TEST(!world.cancel("m1"));
    BOOST_TEST(!world.cancel("unknown"));
    BOOST_TEST(world.state_of("m1") == "none");
    BOOST_TEST(world.count(Counter::device_messages_cancelled) == 1U);
    BOOST_TEST(world.events.has("info cancelled m1: PENDING to FAILED"));
    BOOST_TEST(world.store.level(delivery::queue_of(7)).records == 1U);
}

BOOST_AUTO_TEST_CASE(a_finished_message_is_forgotten) {
    DeviceWorld world;
    FakeDevice device{world};
    device.answers = true;
    device.attach();
    BOOST_TEST(world.posted("m1") == "DELIVERED acknowledged");
    BOOST_TEST(world.cancel("m1"));
    BOOST_TEST(world.state_of("m1") == "none");
    BOOST_TEST(world.count(Counter::device_messages_forgotten) == 1U);
    BOOST_TEST(world.count(Counter::device_messages_cancelled) == 0U);
}

BOOST_AUTO_TEST_CASE(a_message_in_flight_is_cancelled_and_not_sent_again) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach();
    world.post("m1");
    world.post("m2");
    world.run();
    BOOST_TEST(world.cancel("m1"));
    device.detach();
    device.resume();
    world.run();
    BOOST_TEST(device.received() == "m1 m2 m2*");
}

BOOST_AUTO_TEST_CASE(a_message_read_ahead_is_cancelled_and_not_sent) {
    DeviceWorld world;
    FakeDevice device{world};
    device.quota = 1;
    device.attach();
    for (const char* id : {"m1", "m2", "m3"}) world.post(id);
    world.run();
    BOOST_TEST(world.cancel("m2"));
    device.quota = 10;
    device.pull();
    BOOST_TEST(device.received() == "m1 m3");
}

BOOST_AUTO_TEST_CASE(a_post_whose_message_is_cancelled_is_answered) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach();
    const std::size_t post = world.post("m1");
    world.run();
    BOOST_TEST(world.cancel("m1"));
    BOOST_TEST(world.answer_of(post) == "FAILED cancelled");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_cancelled_goes_on_waiting) {
    DeviceWorld world;
    BOOST_TEST(world.posted("m1") == "PENDING offline");
    world.store.fail_with(disk_full);
    std::optional<std::error_code> result;
    world.delivery->cancel(DeviceWorld::ref(7), "m1", *world.turn,
                           [&](std::error_code error, bool) { result = error; });
    world.run();
    BOOST_TEST((result == disk_full));
    world.store.fail_with({});
    BOOST_TEST(world.state_of("m1") == "PENDING offline");
    FakeDevice device{world};
    device.attach();
    world.run();
    BOOST_TEST(device.received() == "m1");
}

BOOST_AUTO_TEST_CASE(two_who_cancel_are_both_told) {
    DeviceWorld world;
    BOOST_TEST(world.posted("m1") == "PENDING offline");
    std::string answers;
    for (int i = 0; i < 2; ++i) {
        world.delivery->cancel(DeviceWorld::ref(7), "m1", *world.turn,
                               [&](std::error_code, bool found) { answers += found ? "y" : "n"; });
    }
    world.run();
    BOOST_TEST(answers == "yy");
    BOOST_TEST(world.count(Counter::device_messages_cancelled) == 1U);
}

// --- Devices

BOOST_AUTO_TEST_CASE(the_messages_of_a_deleted_device_fail_and_are_forgotten) {
    DeviceWorld world;
    FakeDevice device{world};
    device.quota = 1;
    device.attach();
    const std::size_t first = world.post("m1");
    world.post("m2");
    world.run();
    BOOST_TEST(!removed(world));
    BOOST_TEST(world.answer_of(first) == "FAILED device_deleted");
    BOOST_TEST(world.events.has("info device_deleted m2: PENDING to FAILED"));
    BOOST_TEST(world.count(Counter::device_messages_dropped_device_deleted) == 2U);
    BOOST_TEST(world.listed() == "");
    BOOST_TEST(!device.feed->has_next());
    device.acknowledge();
    world.run();
    BOOST_TEST(world.posted("m3") == "store failed");  // the number is never used again
    world.restart();
    BOOST_TEST(world.delivery->levels().waiting_messages == 0U);
}

BOOST_AUTO_TEST_CASE(a_device_that_was_not_loaded_is_deleted) {
    DeviceWorld world;
    BOOST_TEST(world.posted("m1") == "PENDING offline");
    world.restart();
    BOOST_TEST(!removed(world));
    BOOST_TEST(world.events.has("info device_deleted m1: PENDING to FAILED"));
    BOOST_TEST(world.store.total().records == 0U);
    BOOST_TEST(!removed(world, 8));  // it never had a message
}

BOOST_AUTO_TEST_CASE(a_device_that_cannot_be_deleted_goes_on) {
    DeviceWorld world;
    FakeDevice device{world};
    BOOST_TEST(world.posted("m1") == "PENDING offline");
    world.store.fail_with(disk_full);
    BOOST_TEST((removed(world) == disk_full));
    world.store.fail_with({});
    device.attach();
    world.run();
    BOOST_TEST(device.received() == "m1");
}

BOOST_AUTO_TEST_SUITE_END()
