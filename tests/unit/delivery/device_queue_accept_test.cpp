#include "delivery/device_queue.hpp"

#include "support/device_world.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using delivery::DeliverySettings;
using delivery::DeviceMessage;
using delivery::FullDeviceQueue;
using delivery::QueueFull;
using test_support::DeviceWorld;
using test_support::FakeDevice;

namespace {

DeviceMessage only_now(std::string_view id) {
    DeviceMessage message = DeviceWorld::message(id);
    message.ttl = Seconds{0};
    return message;
}

DeviceMessage to_user_topic(std::string_view id) {
    DeviceMessage message = DeviceWorld::message(id);
    message.topic_kind = delivery::TopicKind::user;
    message.topic = "$oc/devices/pump-7/user/config";
    return message;
}

/// Who is answered posts again, inside the answer, three times.
struct Chain {
    DeviceWorld& world;
    std::string answered;

    void post(int number) {
        world.delivery->accept(world.ref(7), DeviceWorld::message("m" + std::to_string(number)),
                               *world.turn, [this, number](const delivery::AcceptOutcome&) {
                                   answered += std::to_string(number) + " ";
                                   if (number % 10 < 3) post(number + 1);
                               });
    }
};

const std::error_code disk_full = std::make_error_code(std::errc::no_space_on_device);

}  // namespace

BOOST_AUTO_TEST_SUITE(device_queue_accept)

BOOST_AUTO_TEST_CASE(a_post_for_a_device_that_is_away_is_answered_when_it_is_durable) {
    DeviceWorld world;
    const std::size_t post = world.post("m1");
    BOOST_TEST(world.answer_of(post) == "");
    world.run();
    BOOST_TEST(world.answer_of(post) == "PENDING offline");
    BOOST_TEST(world.delivery->levels().waiting_messages == 1U);
    BOOST_TEST(world.delivery->levels().devices_with_messages == 1U);
}

BOOST_AUTO_TEST_CASE(a_post_for_a_device_that_answers_is_delivered) {
    DeviceWorld world;
    FakeDevice device{world};
    device.answers = true;
    device.attach();
    BOOST_TEST(world.posted("m1") == "DELIVERED acknowledged");
    BOOST_TEST(device.received() == "m1");
    const auto view = std::get<delivery::MessageView>(*world.outcomes[0]);
    BOOST_TEST(view.attempts == 1U);
    BOOST_TEST(view.finished_at.has_value());
    BOOST_TEST(world.delivery->levels().waiting_messages == 0U);
    BOOST_TEST(world.delivery->levels().waiting_bytes == 0U);
}

BOOST_AUTO_TEST_CASE(who_is_answered_may_post_again_at_once) {
    DeviceWorld world;
    Chain chain{world, {}};
    chain.post(10);
    world.run();
    BOOST_TEST(chain.answered == "10 11 12 13 ");
    BOOST_TEST(world.delivery->levels().waiting_messages == 4U);
    FakeDevice device{world};
    device.answers = true;
    device.attach();
    world.run();
    BOOST_TEST(device.received() == "m10 m11 m12 m13");
    chain.post(20);
    world.run();
    BOOST_TEST(chain.answered == "10 11 12 13 20 21 22 23 ");
    BOOST_TEST(device.received() == "m20 m21 m22 m23");
}

BOOST_AUTO_TEST_CASE(who_was_answered_when_the_queue_was_loaded_may_post_again_at_once) {
    DeviceWorld world;
    BOOST_TEST(world.posted("old") == "PENDING offline");
    world.restart();
    Chain chain{world, {}};
    chain.post(10);
    chain.post(20);
    world.run();
    BOOST_TEST(chain.answered == "10 20 11 21 12 22 13 23 ");
    BOOST_TEST(world.delivery->levels().waiting_messages == 9U);
}

BOOST_AUTO_TEST_CASE(who_is_answered_late_may_post_again_at_once) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach();
    Chain chain{world, {}};
    chain.post(10);
    chain.post(20);
    world.run();
    for (int i = 0; i < 4; ++i) world.advance(Milliseconds{200});
    BOOST_TEST(chain.answered == "10 20 11 21 12 22 13 23 ");
    BOOST_TEST(device.received() == "m10 m20 m11 m21 m12 m22 m13 m23");
}

BOOST_AUTO_TEST_CASE(who_is_answered_may_remove_the_device_at_once) {
    DeviceWorld world;
    world.delivery->accept(world.ref(7), DeviceWorld::message("m1"), *world.turn,
                           [&](const delivery::AcceptOutcome&) {
                               world.delivery->remove_device(
                                   world.ref(7), *world.turn,
                                   [](std::error_code error) { BOOST_TEST(!error); });
                           });
    const std::size_t second = world.post("m2");
    world.run();
    BOOST_TEST(world.answer_of(second) != "");
    BOOST_TEST(world.delivery->levels().waiting_messages == 0U);
}

BOOST_AUTO_TEST_CASE(a_post_waits_for_the_acknowledgement_as_long_as_the_setting_says) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach();
    const std::size_t post = world.post("m1");
    world.run();
    BOOST_TEST(device.received() == "m1");
    world.advance(Milliseconds{199});
    BOOST_TEST(world.answer_of(post) == "");
    world.advance(Milliseconds{1});
    BOOST_TEST(world.answer_of(post) == "PENDING awaiting_acknowledgement");
    device.acknowledge();
    world.run();
    BOOST_TEST(world.state_of("m1") == "DELIVERED acknowledged");
}

BOOST_AUTO_TEST_CASE(a_post_is_answered_when_its_device_goes) {
    DeviceWorld world;
    FakeDevice device{world};
    device.quota = 0;
    device.attach();
    const std::size_t post = world.post("m1");
    world.run();
    BOOST_TEST(world.answer_of(post) == "");
    device.detach();
    world.run();
    BOOST_TEST(world.answer_of(post) == "PENDING offline");
}

BOOST_AUTO_TEST_CASE(a_post_is_answered_when_its_device_goes_with_the_message) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach();
    const std::size_t post = world.post("m1");
    world.run();
    BOOST_TEST(device.received() == "m1");
    BOOST_TEST(world.answer_of(post) == "");
    device.detach();
    world.run();
    BOOST_TEST(world.answer_of(post) == "PENDING awaiting_acknowledgement");
}

BOOST_AUTO_TEST_CASE(an_acknowledgement_before_the_answer_of_the_store_counts) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach();
    const std::size_t post = world.post("m1");  // sent at once, not durable yet
    BOOST_TEST(device.received() == "m1");
    device.acknowledge();
    BOOST_TEST(world.answer_of(post) == "");
    world.run();
    BOOST_TEST(world.answer_of(post) == "DELIVERED acknowledged");
}

// --- The same identifier

BOOST_AUTO_TEST_CASE(the_same_post_again_gets_the_state_of_the_first) {
    DeviceWorld world;
    BOOST_TEST(world.posted("m1") == "PENDING offline");
    BOOST_TEST(world.posted("m1") == "PENDING offline");
    FakeDevice device{world};
    device.answers = true;
    device.attach();
    world.run();
    BOOST_TEST(device.received() == "m1");
    BOOST_TEST(world.posted("m1") == "DELIVERED acknowledged");
    BOOST_TEST(world.listed() == "m1");
}

BOOST_AUTO_TEST_CASE(the_same_post_is_not_answered_before_the_first_is_durable) {
    DeviceWorld world;
    const std::size_t first = world.post("m1");
    const std::size_t second = world.post("m1");
    world.executor.run_one();  // the first is durable
    BOOST_TEST(world.answer_of(first) == "PENDING offline");
    world.run();
    BOOST_TEST(world.answer_of(second) == "PENDING offline");
}

BOOST_AUTO_TEST_CASE(the_same_identifier_with_another_message_is_refused) {
    DeviceWorld world;
    BOOST_TEST(world.posted("m1") == "PENDING offline");
    DeviceMessage other = DeviceWorld::message("m1");
    other.content = "other";
    BOOST_TEST(world.posted(other) == "duplicate");
    BOOST_TEST(world.posted("m1", 8) == "PENDING offline");  // another device
    BOOST_TEST(world.cancel("m1"));
    BOOST_TEST(world.posted(other) == "PENDING offline");  // it is forgotten
}

BOOST_AUTO_TEST_CASE(identifiers_with_one_hash_are_told_apart) {
    const std::string first = "id-149599";  // found by trying
    const std::string second = "id-312382";
    BOOST_REQUIRE(delivery::hash_of_id(first) == delivery::hash_of_id(second));
    DeviceWorld world;
    BOOST_TEST(world.posted(first) == "PENDING offline");
    BOOST_TEST(world.posted(second) == "PENDING offline");
    BOOST_TEST(world.posted(second) == "PENDING offline");
    BOOST_TEST(world.listed() == second + " " + first);
    BOOST_TEST(world.cancel(first));
    BOOST_TEST(world.state_of(first) == "none");
    BOOST_TEST(world.state_of(second) == "PENDING offline");
}

// --- Room

BOOST_AUTO_TEST_CASE(a_full_queue_refuses_and_says_how_full_it_is) {
    DeviceWorld world{{.device_queue_messages_max = 2}};
    BOOST_TEST(world.posted("m1") == "PENDING offline");
    world.advance(Seconds{90});
    BOOST_TEST(world.posted("m2") == "PENDING offline");
    BOOST_TEST(world.posted("m3") == "queue full");
    const auto full = std::get<QueueFull>(*world.outcomes[2]);
    BOOST_TEST(full.depth == 2U);
    BOOST_TEST((full.oldest_age == Seconds{90}));
    BOOST_TEST(!full.by_bytes);
    BOOST_TEST(world.listed() == "m2 m1");
    BOOST_TEST(world.cancel("m1"));
    BOOST_TEST(world.posted("m3") == "PENDING offline");
}

BOOST_AUTO_TEST_CASE(a_queue_that_is_full_by_bytes_refuses) {
    DeviceWorld world{{.device_queue_bytes_max = 2'000}};
    DeviceMessage large = DeviceWorld::message("large");
    large.content = std::string(1'500, 'x');
    BOOST_TEST(world.posted(large) == "PENDING offline");
    large.message_id = "large-2";
    BOOST_TEST(world.posted(large) == "queue full");
    BOOST_TEST(std::get<QueueFull>(*world.outcomes[1]).by_bytes);
    BOOST_TEST(world.posted("small") == "PENDING offline");
}

BOOST_AUTO_TEST_CASE(a_full_queue_may_drop_its_oldest) {
    DeviceWorld world{
        {.device_queue_messages_max = 2, .full_device_queue = FullDeviceQueue::drop_oldest}};
    for (const char* id : {"m1", "m2", "m3"}) BOOST_TEST(world.posted(id) == "PENDING offline");
    BOOST_TEST(world.state_of("m1") == "FAILED queue_full");
    BOOST_TEST(world.events.has("warning queue_full m1: PENDING to FAILED"));
    BOOST_TEST(world.count(Counter::device_messages_dropped_queue_full) == 1U);
    FakeDevice device{world};
    device.attach();
    world.run();
    BOOST_TEST(device.received() == "m2 m3");
    // What the device has in its hands goes last.
    device.quota = 2;
    BOOST_TEST(world.posted("m4") == "");
    BOOST_TEST(world.state_of("m2") == "FAILED queue_full");
    BOOST_TEST(world.posted("m5") == "");
    BOOST_TEST(world.state_of("m4") == "FAILED queue_full");
    BOOST_TEST(world.state_of("m3") == "PENDING awaiting_acknowledgement");
}

BOOST_AUTO_TEST_CASE(a_message_larger_than_the_whole_queue_drops_nothing) {
    DeviceWorld world{
        {.device_queue_bytes_max = 400, .full_device_queue = FullDeviceQueue::drop_oldest}};
    BOOST_TEST(world.posted("m1") == "PENDING offline");
    DeviceMessage large = DeviceWorld::message("large");
    large.content = std::string(500, 'x');
    BOOST_TEST(world.posted(large) == "queue full");
    BOOST_TEST(world.state_of("m1") == "PENDING offline");
}

// --- ttl 0

BOOST_AUTO_TEST_CASE(a_message_of_ttl_0_fails_at_once_without_a_connection) {
    DeviceWorld world;
    BOOST_TEST(world.posted(only_now("m1")) == "FAILED device_offline");
    BOOST_TEST(world.state_of("m1") == "FAILED device_offline");
    world.restart();
    BOOST_TEST(world.state_of("m1") == "FAILED device_offline");
}

BOOST_AUTO_TEST_CASE(a_message_of_ttl_0_fails_at_once_without_a_subscription) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach();
    DeviceMessage message = to_user_topic("m1");
    message.ttl = Seconds{0};
    BOOST_TEST(world.posted(message) == "FAILED topic_not_subscribed");
    BOOST_TEST(device.received() == "");
}

BOOST_AUTO_TEST_CASE(a_message_of_ttl_0_goes_to_a_device_that_is_there) {
    DeviceWorld world;
    FakeDevice device{world};
    device.answers = true;
    device.attach();
    BOOST_TEST(world.posted(only_now("m1")) == "DELIVERED acknowledged");
    BOOST_TEST(device.received() == "m1");
    BOOST_TEST((device.last->message->expires_at() == never));
}

BOOST_AUTO_TEST_CASE(a_message_of_ttl_0_that_cannot_be_sent_soon_fails) {
    DeviceWorld world;
    FakeDevice device{world};
    device.quota = 0;
    device.attach();
    const std::size_t post = world.post(only_now("m1"));
    world.run();
    BOOST_TEST(world.answer_of(post) == "");
    world.advance(Milliseconds{200});
    BOOST_TEST(world.answer_of(post) == "FAILED device_offline");
    BOOST_TEST(device.received() == "");
}

BOOST_AUTO_TEST_CASE(a_message_of_ttl_0_that_was_sent_has_as_long_as_the_connection) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach();
    const std::size_t first = world.post(only_now("m1"));
    const std::size_t second = world.post(only_now("m2"));
    world.advance(Seconds{60});
    BOOST_TEST(world.answer_of(first) == "PENDING awaiting_acknowledgement");
    BOOST_TEST(world.answer_of(second) == "PENDING awaiting_acknowledgement");
    device.acknowledge();
    world.run();
    BOOST_TEST(world.state_of("m1") == "DELIVERED acknowledged");
    device.detach();
    world.run();
    BOOST_TEST(world.state_of("m2") == "FAILED device_offline");
    device.resume();
    world.run();
    BOOST_TEST(device.received() == "m1 m2");
}

// --- The store fails

BOOST_AUTO_TEST_CASE(what_cannot_be_stored_is_not_accepted) {
    DeviceWorld world;
    world.store.fail_with(disk_full);
    BOOST_TEST(world.posted("m1") == "store failed");
    BOOST_TEST(world.posted(only_now("m2")) == "store failed");
    world.store.fail_with({});
    BOOST_TEST(world.listed() == "");
    BOOST_TEST(world.posted("m1") == "PENDING offline");
}

BOOST_AUTO_TEST_CASE(what_a_device_got_before_its_commit_failed_is_forgotten) {
    DeviceWorld world;
    FakeDevice device{world};
    device.attach();
    world.store.fail_with(disk_full);
    const std::size_t post = world.post("m1");
    BOOST_TEST(device.received() == "m1");
    device.acknowledge();
    world.run();
    BOOST_TEST(world.answer_of(post) == "store failed");
    BOOST_TEST(world.state_of("m1") == "none");
}

BOOST_AUTO_TEST_CASE(nothing_is_dropped_for_a_post_that_is_not_kept) {
    DeviceWorld world{
        {.device_queue_messages_max = 1, .full_device_queue = FullDeviceQueue::drop_oldest}};
    BOOST_TEST(world.posted("m1") == "PENDING offline");
    world.store.fail_with(disk_full);
    BOOST_TEST(world.posted("m2") == "store failed");
    world.store.fail_with({});
    BOOST_TEST(world.state_of("m1") == "PENDING offline");
    FakeDevice device{world};
    device.attach();
    world.run();
    BOOST_TEST(device.received() == "m1");
}

BOOST_AUTO_TEST_SUITE_END()
