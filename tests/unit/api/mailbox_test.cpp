#include "api/mailbox.hpp"

#include "delivery/stored_message_id.hpp"
#include "unit/api/fake_messages.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>

#include <functional>
#include <memory>
#include <string>
#include <system_error>

using namespace holdfast;
using namespace holdfast::api;

namespace {

store::DevicePtr device(std::string id, std::uint64_t number) {
    store::Device made;
    made.device_id = std::move(id);
    made.number = number;
    return std::make_shared<const store::Device>(std::move(made));
}

delivery::MessageView view_of(std::string stored_id) {
    delivery::MessageView view;
    view.message.message_id = std::move(stored_id);
    return view;
}

class OneTurnGate final : public TurnGate {
public:
    void enter(const std::function<void(Turn&)>& act) override { act(turn_); }

private:
    Counters counters_;
    Turn turn_{ShardIndex{0}, counters_};
};

struct Fixture {
    store::DevicePtr gateway = device("gw", 1);
    store::DevicePtr sensor = device("sensor", 2);
    Mailbox own{gateway, gateway};
    Mailbox behind{sensor, gateway};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(mailbox)

BOOST_FIXTURE_TEST_CASE(messages_for_a_device_behind_a_gateway_go_into_the_gateways_queue,
                        Fixture) {
    BOOST_TEST(behind.queue().number == 1U);
    BOOST_TEST(behind.queue().device_id == "gw");
    delivery::DeviceMessage message;
    message.message_id = "m-1";
    message.topic = "$oc/devices/sensor/user/x";
    message.topic_kind = delivery::TopicKind::user;
    behind.address(message);
    BOOST_TEST(message.message_id == "sensor/m-1");
    BOOST_TEST(message.topic == "$oc/devices/gw/user/x");
    message.message_id = "m-2";
    message.topic = "plant/all";
    message.topic_kind = delivery::TopicKind::full;
    behind.address(message);
    BOOST_TEST(message.topic == "plant/all");
    own.address(message);
    BOOST_TEST(message.message_id == "sensor/m-2");
}

BOOST_FIXTURE_TEST_CASE(each_sees_its_own_messages_only, Fixture) {
    BOOST_TEST(own.has(view_of("m-1")));
    BOOST_TEST(!own.has(view_of("sensor/m-1")));
    BOOST_TEST(behind.has(view_of("sensor/m-1")));
    BOOST_TEST(!behind.has(view_of("m-1")));
    BOOST_TEST(!behind.has(view_of("sensor-2/m-1")));
    BOOST_TEST(behind.stored_id("m-1") == "sensor/m-1");
    BOOST_TEST(own.stored_id("m-1") == "m-1");
    delivery::MessageView view = view_of("sensor/m-1");
    Mailbox::show(view);
    BOOST_TEST(view.message.message_id == "m-1");
}

BOOST_FIXTURE_TEST_CASE(an_emptied_mailbox_leaves_the_messages_of_others, Fixture) {
    FakeMessages messages;
    messages.messages = {view_of("sensor/2"), view_of("2"), view_of("sensor/1"), view_of("other/1")};
    OneTurnGate gate;
    boost::asio::io_context loop;
    auto done = boost::asio::co_spawn(loop, empty_mailbox(messages, gate, behind),
                                      boost::asio::use_future);
    loop.run();
    BOOST_TEST(!done.get());
    BOOST_TEST_REQUIRE(messages.messages.size() == 2U);
    BOOST_TEST(messages.messages[0].message.message_id == "2");
    BOOST_TEST(messages.messages[1].message.message_id == "other/1");
}

BOOST_FIXTURE_TEST_CASE(a_store_that_fails_is_told_by_an_emptied_mailbox, Fixture) {
    FakeMessages messages;
    messages.messages = {view_of("sensor/2")};
    messages.failure = std::make_error_code(std::errc::io_error);
    OneTurnGate gate;
    boost::asio::io_context loop;
    auto done = boost::asio::co_spawn(loop, empty_mailbox(messages, gate, behind),
                                      boost::asio::use_future);
    loop.run();
    BOOST_TEST((done.get() == std::errc::io_error));
}

BOOST_AUTO_TEST_SUITE_END()
