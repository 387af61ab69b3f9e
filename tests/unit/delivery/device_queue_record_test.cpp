#include "delivery/device_queue.hpp"

#include "support/device_world.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using delivery::DeliverySettings;
using delivery::DeviceMessage;
using test_support::DeviceWorld;
using test_support::FakeDevice;

namespace {

struct Fixture {
    Fixture() { world.recorder.is_wanted = true; }
    DeviceWorld world;
};

DeviceMessage lasting(std::string_view id, Seconds ttl) {
    DeviceMessage message = DeviceWorld::message(id);
    message.ttl = ttl;
    return message;
}

const std::error_code disk_full = std::make_error_code(std::errc::no_space_on_device);

}  // namespace

BOOST_AUTO_TEST_SUITE(device_queue_record)

BOOST_AUTO_TEST_CASE(nothing_is_recorded_that_nobody_wants) {
    DeviceWorld world;
    BOOST_TEST(world.posted("m1") == "PENDING offline");
    BOOST_TEST(world.recorded() == "");
}

BOOST_FIXTURE_TEST_CASE(a_message_that_waits_and_then_arrives_is_recorded_twice, Fixture) {
    DeviceMessage message = DeviceWorld::message("m1");
    message.name = "valve";
    BOOST_TEST(world.posted(message) == "PENDING offline");
    BOOST_TEST(world.recorded() == "m1 called valve offline");
    FakeDevice device{world};
    device.answers = true;
    device.attach();
    BOOST_TEST(world.recorded() == "m1 called valve offline, m1 called valve acknowledged");
}

BOOST_FIXTURE_TEST_CASE(a_message_that_arrives_at_once_is_recorded_once, Fixture) {
    FakeDevice device{world};
    device.answers = true;
    device.attach();
    BOOST_TEST(world.posted("m1") == "DELIVERED acknowledged");
    BOOST_TEST(world.recorded() == "m1 acknowledged");
}

BOOST_FIXTURE_TEST_CASE(a_message_that_cannot_go_now_is_recorded_as_failed, Fixture) {
    BOOST_TEST(world.posted(lasting("m1", Seconds{0})) == "FAILED device_offline");
    BOOST_TEST(world.recorded() == "m1 device_offline");
}

BOOST_FIXTURE_TEST_CASE(what_expires_is_recorded_although_nobody_remembers_its_name, Fixture) {
    static_cast<void>(world.posted(lasting("m1", Seconds{300})));
    static_cast<void>(world.posted(lasting("m2", Seconds{300})));
    world.restart();
    world.advance(Seconds{301});
    BOOST_TEST(world.recorded() == "m1 offline, m2 offline, m1 expired, m2 expired");
    BOOST_TEST(world.state_of("m1") == "TIMEOUT expired");
}

BOOST_FIXTURE_TEST_CASE(what_a_newer_one_pushes_out_is_recorded, Fixture) {
    world.settings.device_queue_messages_max = 2;
    world.settings.full_device_queue = delivery::FullDeviceQueue::drop_oldest;
    for (const char* const id : {"m1", "m2"}) static_cast<void>(world.posted(id));
    world.restart();
    BOOST_TEST(world.posted("m3") == "PENDING offline");
    BOOST_TEST(world.recorded() == "m1 offline, m2 offline, m1 queue_full, m3 offline");
    BOOST_TEST(world.state_of("m1") == "FAILED queue_full");
}

BOOST_FIXTURE_TEST_CASE(what_is_cancelled_or_deleted_with_its_device_is_recorded, Fixture) {
    for (const char* const id : {"m1", "m2"}) static_cast<void>(world.posted(id));
    BOOST_TEST(world.cancel("m1"));
    world.delivery->remove_device(DeviceWorld::ref(7), *world.turn, [](std::error_code) {});
    BOOST_TEST(world.recorded() == "m1 offline, m2 offline, m1 cancelled, m2 device_deleted");
}

BOOST_FIXTURE_TEST_CASE(what_a_device_takes_late_is_recorded, Fixture) {
    FakeDevice device{world};
    device.attach();
    static_cast<void>(world.post("m1"));
    world.run();
    device.pull();
    device.detach();
    world.run();
    world.restart();
    device.answers = true;
    device.attach();
    BOOST_TEST(world.recorded() == "m1 acknowledged");
}

BOOST_FIXTURE_TEST_CASE(a_change_that_the_store_does_not_keep_leaves_no_record, Fixture) {
    world.store.fail_with(disk_full);
    static_cast<void>(world.post("m1"));
    world.run();
    world.store.fail_with({});
    BOOST_TEST(world.recorded() == "");
    BOOST_TEST(world.posted("m1") == "PENDING offline");
    BOOST_TEST(world.recorded() == "m1 offline");
}

BOOST_FIXTURE_TEST_CASE(an_end_that_the_store_did_not_keep_is_recorded_with_the_next_attempt,
                        Fixture) {
    FakeDevice device{world};
    device.attach();
    static_cast<void>(world.post("m1"));
    world.run();
    device.pull();
    world.store.fail_with(disk_full);
    device.acknowledge();
    world.run();
    world.store.fail_with({});
    BOOST_TEST(world.recorded() == "");
    world.advance(Seconds{2});
    BOOST_TEST(world.recorded() == "m1 acknowledged");
}

BOOST_FIXTURE_TEST_CASE(a_devices_connections_are_told_once_each, Fixture) {
    FakeDevice device{world};
    device.attach();
    BOOST_TEST(world.recorder.presence == "pump-7 on, ");
    device.detach();
    device.attach();
    FakeDevice successor{world};
    successor.attach();
    world.run();
    BOOST_TEST(world.recorder.presence == "pump-7 on, pump-7 off, pump-7 on, ");
    device.detach();  // it is no more the device's
    successor.detach();
    BOOST_TEST(world.recorder.presence == "pump-7 on, pump-7 off, pump-7 on, pump-7 off, ");
}

BOOST_AUTO_TEST_SUITE_END()
