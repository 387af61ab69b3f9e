#include "api/payload_composer.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace holdfast::api;
using namespace holdfast::delivery;

constexpr PayloadSettings nested{};
constexpr PayloadSettings as_text{.json_content = PayloadSettings::JsonContent::text};
constexpr PayloadSettings with_device{.object_device_id_always = true};

std::string composed(const DeviceMessage& message, PayloadSettings settings = nested) {
    std::string payload = "what was there before";
    JsonPayloadComposer{settings}.compose(message, payload);
    return payload;
}

DeviceMessage text_message(std::string content) {
    DeviceMessage message;
    message.message_id = "m-1";
    message.content = std::move(content);
    message.topic = "$oc/devices/pump-7/sys/messages/down";
    return message;
}

DeviceMessage json_message(std::string content) {
    DeviceMessage message = text_message(std::move(content));
    message.content_kind = ContentKind::json;
    return message;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(payload_composer)

BOOST_AUTO_TEST_CASE(the_standard_envelope_has_the_keys_that_devices_accept) {
    DeviceMessage message = text_message("say \"hi\"");
    BOOST_TEST(composed(message) == R"({"id":"m-1","content":"say \"hi\""})");
    message.name = "greeting";
    message.payload_format = PayloadFormat::standard;
    message.encoding = Encoding::none;
    BOOST_TEST(composed(message) == R"({"name":"greeting","id":"m-1","content":"say \"hi\""})");
}

BOOST_AUTO_TEST_CASE(other_content_is_nested_or_a_text_as_is_set) {
    const DeviceMessage message = json_message(R"({"a":"b","c":1.50})");
    BOOST_TEST(composed(message) == R"({"id":"m-1","content":{"a":"b","c":1.50}})");
    BOOST_TEST(composed(message, as_text) ==
               R"({"id":"m-1","content":"{\"a\":\"b\",\"c\":1.50}"})");
}

BOOST_AUTO_TEST_CASE(the_device_is_named_when_that_is_set_and_its_topic_says_it) {
    DeviceMessage message = text_message("x");
    BOOST_TEST(composed(message, with_device) ==
               R"({"object_device_id":"pump-7","id":"m-1","content":"x"})");
    message.topic_kind = TopicKind::user;
    message.topic = "$oc/devices/pump-8/user/a";
    BOOST_TEST(composed(message, with_device) ==
               R"({"object_device_id":"pump-8","id":"m-1","content":"x"})");
    message.topic_kind = TopicKind::full;
    message.topic = "plant";
    BOOST_TEST(composed(message, with_device) == R"({"id":"m-1","content":"x"})");
}

BOOST_AUTO_TEST_CASE(raw_is_the_content_alone) {
    DeviceMessage message = text_message("say \"hi\"");
    message.payload_format = PayloadFormat::raw;
    BOOST_TEST(composed(message, with_device) == "say \"hi\"");
    message = json_message(R"({"a":1.50})");
    message.payload_format = PayloadFormat::raw;
    BOOST_TEST(composed(message, as_text) == R"({"a":1.50})");
}

BOOST_AUTO_TEST_CASE(base64_is_decoded_whatever_the_format) {
    DeviceMessage message = text_message("AP+A");
    message.encoding = Encoding::base64;
    for (const auto format :
         {std::optional<PayloadFormat>{}, {PayloadFormat::standard}, {PayloadFormat::raw}}) {
        message.payload_format = format;
        BOOST_TEST(composed(message) == (std::string{"\0\xff\x80", 3}));
    }
}

BOOST_AUTO_TEST_CASE(a_device_behind_a_gateway_is_named) {
    DeviceMessage message = text_message("x");
    message.message_id = "sensor/m-1";
    message.topic = "$oc/devices/gw/sys/messages/down";
    for (const auto& settings : {PayloadSettings{}, with_device}) {
        BOOST_TEST(composed(message, settings) ==
                   R"({"object_device_id":"sensor","id":"m-1","content":"x"})");
    }
}

BOOST_AUTO_TEST_SUITE_END()
