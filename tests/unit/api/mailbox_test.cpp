#include "api/mailbox.hpp"

#include "delivery/stored_message_id.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>

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

BOOST_AUTO_TEST_SUITE_END()
