#include "delivery/device_queue.hpp"

#include "delivery/device_mark.hpp"
#include "support/device_world.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using test_support::DeviceWorld;
using test_support::FakeDevice;

namespace {

const std::error_code disk_full = std::make_error_code(std::errc::no_space_on_device);

void post_many(DeviceWorld& world, int first, int last) {
    for (int i = first; i <= last; ++i) world.post("m" + std::to_string(i));
    world.run();
}

std::string texts(int first, int last, std::string_view suffix = "") {
    std::string text;
    for (int i = first; i <= last; ++i) {
        text += (text.empty() ? "m" : " m") + std::to_string(i) + std::string{suffix};
    }
    return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(device_queue_drain)

// --- DUP after a restart

BOOST_AUTO_TEST_CASE(what_was_never_sent_has_no_dup_after_a_restart) {
    DeviceWorld world;
    FakeDevice device{world};
    post_many(world, 1, 3);
    world.restart();
    device.attach();
    world.run();
    BOOST_TEST(device.received() == "m1 m2 m3");
}

BOOST_AUTO_TEST_CASE(what_was_sent_directly_has_dup_after_a_restart) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach();
    post_many(world, 1, 3);
    BOOST_TEST(device.received() == "m1 m2 m3");
    device.acknowledge();
    world.run();
    world.restart();
    device.attach();
    world.run();
    BOOST_TEST(device.received() == "m2* m3*");
}

BOOST_AUTO_TEST_CASE(what_was_sent_of_a_drain_has_dup_after_a_restart) {
    DeviceWorld world;
    FakeDevice device{world};
    post_many(world, 1, 100);
    device.quota = 10;
    device.attach();
    world.run();
    BOOST_TEST(device.received() == texts(1, 10));
    world.restart();
    device.quota = 1'000;
    device.attach();
    world.run();
    // The page that was read ahead is suspected with what was sent, the rest is not.
    BOOST_TEST(device.received() == texts(1, 64, "*") + " " + texts(65, 100));
}

BOOST_AUTO_TEST_CASE(whatever_the_step_at_which_it_ends_nothing_goes_out_twice_without_dup) {
    for (int steps = 0; steps < 30; ++steps) {
        BOOST_TEST_CONTEXT("after " << steps << " steps") {
            DeviceWorld world;
            FakeDevice device{world};
            post_many(world, 1, 3);
            device.quota = 2;
            device.attach();
            world.post("m4");
            for (int i = 0; i < steps && world.executor.waiting() > 0; ++i) {
                world.executor.run_one();
                if (i % 4 == 3 && !device.in_flight.empty()) device.acknowledge();
                device.pull();
            }
            const std::string before = " " + device.received() + " ";
            world.restart();
            device.quota = 100;
            device.attach();
            world.run();
            const std::string after = " " + device.received() + " ";
            for (int i = 1; i <= 4; ++i) {
                const std::string id = " m" + std::to_string(i);
                if (before.find(id + " ") == std::string::npos) continue;
                BOOST_TEST(after.find(id + " ") == std::string::npos, before << "|" << after);
            }
            device.acknowledge_all();
            world.run();
            BOOST_TEST(world.listed() == "m4 m3 m2 m1");
            BOOST_TEST(world.listed({.status = delivery::MessageStatus::pending}) == "");
        }
    }
}

BOOST_AUTO_TEST_CASE(the_bit_moves_when_its_bearer_ends) {
    DeviceWorld world;
    FakeDevice device{world};
    post_many(world, 1, 3);
    device.attach();
    world.run();
    // m3 bears the bit of the page; it is acknowledged out of order and forgotten.
    device.feed->on_acknowledged(device.in_flight[2].item.position, 0, *world.turn);
    world.run();
    BOOST_TEST(world.cancel("m3"));
    world.restart();
    BOOST_TEST(device.received() == "m1 m2 m3");
    device.attach();
    world.run();
    BOOST_TEST(device.received() == "m1* m2*");
}

BOOST_AUTO_TEST_CASE(the_bit_moves_to_a_message_that_is_released_and_not_sent) {
    DeviceWorld world;
    FakeDevice device{world};
    post_many(world, 1, 10);
    device.quota = 1;
    device.attach();
    world.run();
    BOOST_TEST(device.received() == "m1");
    BOOST_TEST(world.cancel("m10"));  // the bearer
    device.quota = 9;
    device.pull();
    world.run();
    BOOST_TEST(device.received() == texts(2, 9));
    world.restart();
    device.quota = 100;
    device.attach();
    world.run();
    BOOST_TEST(device.received() == texts(1, 9, "*"));
}

BOOST_AUTO_TEST_CASE(the_bit_moves_when_its_bearer_ends_before_the_page_is_released) {
    DeviceWorld world;
    FakeDevice device{world};
    post_many(world, 1, 2);
    delivery::DeviceMessage bearer = DeviceWorld::message("m3");
    bearer.ttl = Seconds{300};
    BOOST_TEST(world.posted(bearer) == "PENDING offline");
    device.attach();
    world.executor.run_one();  // the page is read; m3 is to bear the bit
    world.clock.current += Seconds{300};
    world.turn->now = world.clock.current;
    world.delivery->on_deadline(*world.turn);
    world.run();
    BOOST_TEST(device.received() == "m1 m2");
    world.restart();
    device.attach();
    world.run();
    BOOST_TEST(device.received() == "m1* m2*");
}

BOOST_AUTO_TEST_CASE(marks_are_exact_once_the_device_has_gone) {
    DeviceWorld world;
    FakeDevice device{world};
    post_many(world, 1, 20);
    device.quota = 2;
    device.attach();
    world.run();
    device.end();
    world.run();
    world.restart();
    BOOST_TEST(device.received() == "m1 m2");
    BOOST_TEST(world.view_of("m2")->attempts == 1U);
    device.quota = 100;
    device.attach();
    world.run();
    BOOST_TEST(device.received() == "m1* m2* " + texts(3, 20));
}

BOOST_AUTO_TEST_CASE(a_message_accepted_while_the_window_is_full_is_not_suspected) {
    DeviceWorld world;
    FakeDevice device{world};
    device.quota = 0;
    device.attach();
    post_many(world, 1, 80);
    world.restart();
    device.quota = 100;
    device.attach();
    world.run();
    BOOST_TEST(device.received() == texts(1, 64, "*") + " " + texts(65, 80));
}

// --- Failures of the store

BOOST_AUTO_TEST_CASE(a_drain_goes_on_when_the_store_works_again) {
    DeviceWorld world;
    FakeDevice device{world};
    post_many(world, 1, 3);
    world.store.fail_with(disk_full);
    device.attach();
    world.run();
    BOOST_TEST(device.received() == "");
    world.advance(Seconds{3});
    BOOST_TEST(device.received() == "");
    world.store.fail_with({});
    world.advance(Seconds{1});
    BOOST_TEST(device.received() == "m1 m2 m3");
}

BOOST_AUTO_TEST_CASE(an_acknowledgement_that_cannot_be_stored_is_tried_again) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach();
    const std::size_t post = world.post("m1");
    world.run();
    world.store.fail_with(disk_full);
    device.acknowledge();
    world.run();
    BOOST_TEST(world.state_of("m1") == "PENDING awaiting_acknowledgement");
    world.advance(Seconds{1});
    BOOST_TEST(world.answer_of(post) == "PENDING awaiting_acknowledgement");
    world.store.fail_with({});
    world.advance(Seconds{1});
    BOOST_TEST(world.state_of("m1") == "DELIVERED acknowledged");
}

BOOST_AUTO_TEST_CASE(an_acknowledgement_that_was_never_stored_is_repeated_with_dup) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach();
    post_many(world, 1, 2);
    world.store.fail_with(disk_full);
    device.acknowledge();
    world.run();
    world.store.fail_with({});
    world.restart();
    BOOST_TEST(device.received() == "m1 m2");
    device.attach();
    world.run();
    BOOST_TEST(device.received() == "m1* m2*");
}

// --- Records that the store lost

BOOST_AUTO_TEST_CASE(a_record_that_is_gone_is_given_up_and_the_drain_goes_on) {
    for (const std::uint64_t lost : {1U, 3U}) {
        DeviceWorld world;
        FakeDevice device{world};
        post_many(world, 1, 3);
        store::Batch batch;
        batch.settle(delivery::queue_of(7), store::Position{lost});
        world.store.commit(std::move(batch), world.executor, {});
        device.attach();
        for (int i = 0; i < 100 && world.executor.waiting() > 0; ++i) world.executor.run_one();
        BOOST_REQUIRE(world.executor.waiting() == 0U);  // it does not ask for ever
        BOOST_TEST(device.received() == (lost == 1 ? "m2 m3" : "m1 m2"));
        BOOST_TEST(world.count(Counter::device_messages_unreadable) == 1U);
        BOOST_TEST(world.events.has("error the store has no record of it any more"));
        BOOST_TEST(world.delivery->levels().waiting_messages == 2U);
        world.post("m4");
        world.run();
        BOOST_TEST(device.received() == "m4");
    }
}

BOOST_AUTO_TEST_CASE(a_record_that_has_become_unreadable_is_given_up_and_the_drain_goes_on) {
    DeviceWorld world;
    FakeDevice device{world};
    post_many(world, 1, 3);
    world.store.damage(store::Position{2});
    device.attach();
    world.run();
    BOOST_TEST(device.received() == "m1 m3");
    BOOST_TEST(world.count(Counter::device_messages_unreadable) == 1U);
    BOOST_TEST(world.delivery->levels().waiting_messages == 2U);
    BOOST_TEST(world.state_of("m2") == "none");
}

// --- The window

BOOST_AUTO_TEST_CASE(large_messages_are_read_a_few_at_a_time) {
    DeviceWorld world;
    FakeDevice device{world};
    for (int i = 1; i <= 6; ++i) {
        delivery::DeviceMessage message = DeviceWorld::message("m" + std::to_string(i));
        message.content = std::string(100'000, 'x');
        world.post(message);
    }
    world.run();
    device.quota = 0;
    device.attach();
    world.run();
    BOOST_TEST(device.feed->has_next());
    device.quota = 10;
    device.pull();
    world.run();
    BOOST_TEST(device.in_flight.size() == 6U);
}

BOOST_AUTO_TEST_CASE(a_queue_that_is_half_drained_takes_new_messages_behind) {
    DeviceWorld world;
    FakeDevice device{world};
    post_many(world, 1, 70);
    device.quota = 5;
    device.attach();
    world.run();
    post_many(world, 71, 75);
    while (!device.in_flight.empty()) {
        device.acknowledge();
        device.pull();
        world.run();
    }
    BOOST_TEST(device.received() == texts(1, 75));
}

BOOST_AUTO_TEST_CASE(lost_messages_go_before_what_was_read_ahead) {
    DeviceWorld world;
    FakeDevice device{world};
    post_many(world, 1, 10);
    device.quota = 3;
    device.attach();
    world.run();
    BOOST_TEST(device.received() == "m1 m2 m3");
    // The session reports one as lost while it goes on.
    const auto second = device.in_flight[1];
    device.in_flight.erase(device.in_flight.begin() + 1);
    device.feed->on_lost(second.item.position, *world.turn);
    BOOST_TEST(!device.feed->has_next());
    device.quota = 20;
    world.run();
    BOOST_TEST(device.received() == "m2* " + texts(4, 10));
}

BOOST_AUTO_TEST_SUITE_END()
