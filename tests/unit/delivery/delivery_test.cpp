#include "delivery/delivery.hpp"

#include "support/device_world.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using test_support::DeviceWorld;
using test_support::FakeDevice;

namespace {

const std::error_code disk_full = std::make_error_code(std::errc::no_space_on_device);

}  // namespace

BOOST_AUTO_TEST_SUITE(delivery_engine)

BOOST_AUTO_TEST_CASE(a_restart_finds_what_waits_in_every_queue) {
    DeviceWorld world;
    for (std::uint64_t device = 1; device <= 3'000; ++device) {
        world.post("m1", device);
        world.post("m2", device);
    }
    world.run();
    const auto before = world.delivery->levels();
    world.restart();
    const auto after = world.delivery->levels();
    BOOST_TEST(after.waiting_messages == 6'000U);
    BOOST_TEST(after.devices_with_messages == 3'000U);
    BOOST_TEST(after.waiting_bytes == before.waiting_bytes);
    BOOST_TEST(world.count(Counter::device_messages_restored) == 6'000U);
    FakeDevice device{world, 2'999};
    device.attach();
    world.run();
    BOOST_TEST(device.received() == "m1 m2");
}

BOOST_AUTO_TEST_CASE(queues_with_many_marks_are_restored_page_by_page) {
    DeviceWorld world{{.device_queue_messages_max = 10'000}};
    for (int i = 0; i < 5'000; ++i) world.post("m" + std::to_string(i));
    world.run();
    world.restart();
    BOOST_TEST(world.delivery->levels().waiting_messages == 5'000U);
}

BOOST_AUTO_TEST_CASE(queues_of_sessions_are_not_devices) {
    DeviceWorld world;
    store::Batch batch;
    batch.append(store::QueueId{7}, store::Position{1},
                 std::make_shared<store::BytesValue>(store::Bytes(3)));
    world.store.commit(std::move(batch), world.executor, {});
    world.restart();
    BOOST_TEST(world.delivery->levels().waiting_messages == 0U);
}

BOOST_AUTO_TEST_CASE(positions_are_never_used_again) {
    DeviceWorld world{{.finished_messages_max = 0}};
    FakeDevice device{world};
    device.answers = true;
    device.attach();
    BOOST_TEST(world.posted("m1") == "DELIVERED acknowledged");
    const store::Position first = world.store.last_position(delivery::queue_of(7));
    world.restart();
    BOOST_TEST(world.posted("m2") == "PENDING offline");
    BOOST_TEST((world.store.last_position(delivery::queue_of(7)) > first));
}

BOOST_AUTO_TEST_CASE(queues_that_are_idle_make_room_for_others) {
    DeviceWorld world{{.loaded_messages_max = 10}};
    for (std::uint64_t device = 1; device <= 50; ++device) {
        BOOST_TEST(world.posted("m1", device) == "PENDING offline");
    }
    for (std::uint64_t device = 1; device <= 50; ++device) {
        BOOST_TEST(world.posted("m2", device) == "PENDING offline");
        BOOST_TEST(world.posted("m1", device) == "PENDING offline");  // known, though unloaded
    }
    BOOST_TEST(world.delivery->levels().waiting_messages == 100U);
    FakeDevice device{world, 1};
    device.attach();
    world.run();
    BOOST_TEST(device.received() == "m1 m2");
    world.advance(Seconds{24 * 3600});
    BOOST_TEST(world.count(Counter::device_messages_expired) == 100U);
}

BOOST_AUTO_TEST_CASE(records_that_cannot_be_read_are_reported_and_left_alone) {
    DeviceWorld world;
    BOOST_TEST(world.posted("m1") == "PENDING offline");
    store::Batch batch;
    batch.append(delivery::queue_of(7), store::Position{2},
                 std::make_shared<store::BytesValue>(store::Bytes(3, std::byte{9})),
                 store::Mark{~std::uint64_t{0} >> 22});
    world.store.commit(std::move(batch), world.executor, {});
    world.restart();
    BOOST_TEST(world.delivery->levels().waiting_messages == 2U);
    BOOST_TEST(world.listed() == "m1");
    BOOST_TEST(
        world.events.has("error device message record has version 9, which this program does "
                         "not know (it knows up to 1)"));
    BOOST_TEST(world.count(Counter::device_messages_unreadable) == 1U);
    BOOST_TEST(world.store.level(delivery::queue_of(7)).records == 2U);
    BOOST_TEST(world.posted("m3") == "PENDING offline");
}

BOOST_AUTO_TEST_CASE(a_call_that_comes_while_a_queue_is_loaded_waits_for_it) {
    DeviceWorld world;
    BOOST_TEST(world.posted("m1") == "PENDING offline");
    world.restart();
    FakeDevice device{world};
    device.attach();
    world.post("m2");
    BOOST_TEST(device.received() == "");
    world.run();
    BOOST_TEST(device.received() == "m1 m2");
}

// --- The end of the process: the shards, where callers live, go after the engine and before sessions

BOOST_AUTO_TEST_CASE(no_caller_that_waits_for_an_end_is_held_when_the_engine_is_gone) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach();
    const delivery::DeviceFeedPtr held_by_session = device.feed;
    auto caller = std::make_shared<int>();
    const std::weak_ptr<int> watched = caller;
    world.delivery->accept(DeviceWorld::ref(7), DeviceWorld::message("m1"), *world.turn,
                           [caller](const delivery::AcceptOutcome&) {});
    world.post("m2");
    world.run();
    world.delivery->cancel(DeviceWorld::ref(7), "m2", *world.turn,
                           [caller](std::error_code, bool) {});
    world.executor.run_one();  // its record is read, its end is on the way to the store
    caller.reset();
    BOOST_TEST(watched.use_count() == 2);
    world.restart();
    BOOST_TEST(watched.expired());
}

BOOST_AUTO_TEST_CASE(no_caller_that_waits_for_a_queue_is_held_when_the_engine_is_gone) {
    DeviceWorld world;
    BOOST_TEST(world.posted("m1") == "PENDING offline");
    auto other = std::make_unique<delivery::Delivery>(
        delivery::Delivery::Context{.store = world.store,
                                    .settings = world.settings,
                                    .clock = world.clock,
                                    .events = world.events,
                                    .composer = world.composer});
    auto caller = std::make_shared<int>();
    const std::weak_ptr<int> watched = caller;
    other->find(DeviceWorld::ref(7), "m1", *world.turn,
                [caller](std::error_code, const std::optional<delivery::MessageView>&) {});
    caller.reset();
    BOOST_TEST(!watched.expired());
    other.reset();
    BOOST_TEST(watched.expired());
    world.run();  // the store answers a queue that is no more
}

BOOST_AUTO_TEST_CASE(commits_that_fail_leave_other_devices_alone) {
    DeviceWorld world;
    BOOST_TEST(world.posted("m1", 1) == "PENDING offline");
    world.store.fail_with(disk_full);
    BOOST_TEST(world.posted("m1", 2) == "store failed");
    world.store.fail_with({});
    BOOST_TEST(world.state_of("m1", 1) == "PENDING offline");
    BOOST_TEST(world.state_of("m1", 2) == "none");
    BOOST_TEST(world.delivery->levels().devices_with_messages == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
