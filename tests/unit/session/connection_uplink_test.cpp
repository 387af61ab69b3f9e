// What a device publishes to the platform, and what does not come back to it.

#include "base/digest.hpp"
#include "support/connection_script.hpp"
#include "support/fake_feed.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace test_support;

namespace {

class RecordedUplink final : public delivery::DeviceUplink {
public:
    void on_publication(const delivery::DevicePublication& publication, Turn&) override {
        notes.push_back(std::string{publication.device_id} + " " +
                        std::to_string(publication.device_number) + " " +
                        std::string{publication.suffix} + " " +
                        std::string{as_text(publication.payload)});
        properties = to_hex(publication.properties);
    }
    void on_connection_begun(std::string_view device_id, Turn&) override {
        notes.push_back(std::string{device_id} + " begun");
    }
    void on_direct_acknowledged(std::string_view device_id, std::string_view topic, bool is_refused,
                                Turn&) override {
        notes.push_back(std::string{device_id} + (is_refused ? " refused " : " acknowledged ") +
                        std::string{topic});
    }
    void on_connection_ended(std::string_view device_id, Turn&) override {
        notes.push_back(std::string{device_id} + " ended");
    }
    [[nodiscard]] std::vector<std::string> take() { return std::exchange(notes, {}); }
    std::vector<std::string> notes;
    std::string properties;  ///< of the last publication, hexadecimal
};

Limits few_subscriptions() {
    Limits limits;
    limits.subscriptions_per_device_max = 2;
    return limits;
}

struct Fixture {
    explicit Fixture(const Limits& limits = {}) : world(limits) {
        world.judge_by(judge);
        world.tell_devices_to(uplink);
        judge.verdict.principal = {.session_key = "device d",
                                   .device_id = "d",
                                   .device_number = 7,
                                   .feed = boost::intrusive_ptr<FakeFeed>{new FakeFeed}};
    }
    void expect_told(const std::vector<std::string>& notes) {
        BOOST_TEST(uplink.take() == notes, boost::test_tools::per_element());
    }
    /// A client that is no device.
    ConnectionScript plain_client() {
        judge.verdict.principal = {};
        return world.connected(connect("plain"));
    }

    RecordedUplink uplink;
    ScriptedJudge judge;
    World world;
};

struct FewSubscriptions : Fixture {
    FewSubscriptions() : Fixture(few_subscriptions()) {}
};

}  // namespace

BOOST_AUTO_TEST_SUITE(connection_uplink)

BOOST_FIXTURE_TEST_CASE(the_platform_is_told_what_a_device_publishes_to_its_own_topics, Fixture) {
    auto device = world.connected(connect("d"));
    device.receive(publish("$oc/devices/d/sys/messages/up", "hi").qos1(1))
        .expect_sent("PUBACK id=1");
    device.receive(publish("$oc/devices/d/user/x", "0"));
    expect_told({"d begun", "d 7 sys/messages/up hi", "d 7 user/x 0"});
    device.receive(publish("$oc/devices/d/sys/messages/up", "twice").qos2(2))
        .expect_sent("PUBREC id=2");
    device.receive(publish("$oc/devices/d/sys/messages/up", "twice").qos2(2).dup())
        .expect_sent("PUBREC id=2");
    expect_told({"d 7 sys/messages/up twice"});
}

BOOST_FIXTURE_TEST_CASE(the_platform_is_told_the_properties_that_subscribers_get, Fixture) {
    auto device = world.connected(connect("d"));
    device.receive(publish("$oc/devices/d/sys/messages/up", "hi")
                       .content_type("t")
                       .response_topic("r")
                       .expiry(7));
    BOOST_TEST(uplink.properties == "0300017408000172");
    device.receive(publish("$oc/devices/d/sys/messages/up", "hi"));
    BOOST_TEST(uplink.properties.empty());
}

BOOST_FIXTURE_TEST_CASE(the_platform_is_not_told_of_anything_else, Fixture) {
    auto device = world.connected(connect("d"));
    device.receive(publish("a/b", "hi").qos1(1)).expect_sent("PUBACK id=1 no_matching_subscribers");
    device.receive(publish("$oc/devices/d", "hi").qos1(2))
        .expect_sent("PUBACK id=2 no_matching_subscribers");
    device.receive(publish("$oc/devices/e/sys/messages/up", "hi").qos1(3))
        .expect_sent("PUBACK id=3 not_authorized");
    device.receive(publish("$oc/devices/d/sys/messages/down", "hi").qos1(4))
        .expect_sent("PUBACK id=4 not_authorized");
    auto client = plain_client();
    client.receive(publish("a/b", "hi"));
    expect_told({"d begun"});
}

BOOST_FIXTURE_TEST_CASE(the_beginning_and_the_end_of_a_devices_connection_are_told, Fixture) {
    auto device = world.connected(connect("d"));
    expect_told({"d begun"});
    auto newer = world.connected(connect("d"));
    expect_told({"d begun", "d ended"});
    device.expect_closed(CloseReason::session_taken_over);
    newer.lose_connection();
    expect_told({"d ended"});
    auto client = plain_client();
    client.lose_connection();
    expect_told({});
}

BOOST_FIXTURE_TEST_CASE(the_acknowledgement_of_what_was_said_directly_is_told, Fixture) {
    const boost::intrusive_ptr<FakeFeed> feed{new FakeFeed};
    feed->qos = QoS::at_least_once;
    judge.verdict.principal.feed = feed;
    auto device = world.connected(connect("d"));
    const auto say = [&](std::string_view topic) {
        const auto outcome =
            world.find("device d")
                ->send_directly({.device_id = "d", .topic = topic, .payload = as_bytes("hi")},
                                world.enter(ShardIndex{0}));
        BOOST_TEST((outcome == delivery::DirectSend::sent));
        world.finish_turn();
    };
    say("one");
    say("two");
    device.expect_sent(
        {"PUBLISH q1 id=1 topic=one payload=hi", "PUBLISH q1 id=2 topic=two payload=hi"});
    device.receive(puback(1)).receive(puback(2, codec::ReasonCode::quota_exceeded));
    expect_told({"d begun", "d acknowledged one", "d refused two"});
    device.receive(puback(1));  // nobody's
    device.receive(subscribe("a", 1)).expect_sent("SUBACK id=1 [1]");
    device.receive(publish("a", "hi").qos1(1))
        .expect_sent({"PUBLISH q1 id=3 topic=a payload=hi", "PUBACK id=1"});
    device.receive(puback(3));
    expect_told({});
}

BOOST_FIXTURE_TEST_CASE(subscribers_get_it_besides_but_not_the_device_itself, Fixture) {
    auto device = world.connected(connect("d"));
    device.receive(subscribe("$oc/devices/d/#", 1)).expect_sent("SUBACK id=1 [1]");
    auto client = plain_client();
    client.receive(subscribe("$oc/devices/+/sys/messages/up", 1)).expect_sent("SUBACK id=1 [1]");
    device.receive(publish("$oc/devices/d/sys/messages/up", "hi").qos1(2))
        .expect_sent("PUBACK id=2");
    client.expect_sent("PUBLISH q1 id=1 topic=$oc/devices/d/sys/messages/up payload=hi");
}

BOOST_FIXTURE_TEST_CASE(other_topics_come_back_to_a_device_that_subscribes, Fixture) {
    auto device = world.connected(connect("d"));
    device.receive(subscribe("a", 0)).expect_sent("SUBACK id=1 [0]");
    device.receive(publish("a", "hi")).expect_sent("PUBLISH q0 topic=a payload=hi");
}

BOOST_FIXTURE_TEST_CASE(a_device_has_fewer_subscriptions_than_others, FewSubscriptions) {
    auto device = world.connected(connect("d"));
    device.receive(subscribe("a", 0)).expect_sent("SUBACK id=1 [0]");
    device.receive(subscribe("b", 0)).expect_sent("SUBACK id=1 [0]");
    device.receive(subscribe("c", 0)).expect_sent("SUBACK id=1 [quota_exceeded]");
    device.receive(subscribe("b", 1)).expect_sent("SUBACK id=1 [1]");
    auto client = plain_client();
    for (const char* filter : {"a", "b", "c"}) {
        client.receive(subscribe(filter, 0)).expect_sent("SUBACK id=1 [0]");
    }
}

BOOST_AUTO_TEST_SUITE_END()
