#include "delivery/device_message_record.hpp"

#include "support/stored_bytes.hpp"
#include "support/wire.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using delivery::decode_device_message_record;
using delivery::DeviceMessage;
using delivery::DeviceMessageRecord;
using test_support::golden;
using test_support::RandomTopics;

namespace {

constexpr WallTime accepted_at{Milliseconds{1'700'000'000'000}};

DeviceMessageRecord golden_full() {
    DeviceMessageRecord record;
    record.device_id = "pump-7";
    DeviceMessage& message = record.message;
    message.message_id = "m-1";
    message.name = "open";
    message.content_kind = delivery::ContentKind::json;
    message.content = R"({"valve":2})";
    message.encoding = delivery::Encoding::none;
    message.payload_format = delivery::PayloadFormat::raw;
    message.topic_kind = delivery::TopicKind::user;
    message.topic = "$oc/devices/pump-7/user/config";
    message.properties = {.correlation_data = "c-1",
                          .response_topic = "a/b",
                          .user_properties = {{"k", "v"}, {"k", ""}}};
    message.ttl = Seconds{86'400};
    record.accepted_at = accepted_at;
    record.expires_at = accepted_at + message.ttl;
    return record;
}

DeviceMessageRecord golden_small() {
    DeviceMessageRecord record;
    record.device_id = "pump-7";
    record.message.message_id = "m-2";
    record.message.topic = "$oc/devices/pump-7/sys/messages/down";
    record.message.ttl = Seconds{300};
    record.accepted_at = accepted_at;
    record.expires_at = accepted_at + Seconds{300};
    return record;
}

store::Bytes bytes_of(const DeviceMessageRecord& record) {
    return delivery::encode_device_message_record(record.device_id, record.message,
                                                  record.accepted_at, record.expires_at);
}

std::string maybe_empty(RandomTopics& random) {
    return random.chance(20) ? "" : test_support::random_text(random, 40);
}

DeviceMessageRecord random_record(RandomTopics& random) {
    DeviceMessageRecord record = golden_small();
    DeviceMessage& message = record.message;
    message.message_id = "m-" + std::to_string(random.below(1'000'000));
    message.content = maybe_empty(random);
    if (random.chance(50)) message.content_kind = delivery::ContentKind::json;
    if (random.chance(50)) message.name = maybe_empty(random);
    if (random.chance(50)) message.encoding = delivery::Encoding::none;
    if (random.chance(30)) message.encoding = delivery::Encoding::base64;
    if (random.chance(50)) message.payload_format = delivery::PayloadFormat::standard;
    if (random.chance(30)) message.payload_format = delivery::PayloadFormat::raw;
    message.topic_kind = static_cast<delivery::TopicKind>(random.below(3));
    if (random.chance(50)) {
        message.properties.emplace();
        if (random.chance(50)) message.properties->correlation_data = maybe_empty(random);
        if (random.chance(50)) message.properties->response_topic = maybe_empty(random);
        for (std::size_t i = random.below(4); i > 0; --i) {
            message.properties->user_properties.push_back(
                {maybe_empty(random), maybe_empty(random)});
        }
    }
    message.ttl = random.chance(10) ? Seconds::max() : Seconds{random.below(86'400)};
    return record;
}

std::string error_of(std::string_view notation) {
    const auto result = decode_device_message_record(test_support::stored_bytes_of(notation));
    BOOST_REQUIRE(result.has_error());
    return to_string(result.error());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(device_message_record)

BOOST_AUTO_TEST_CASE(random_messages_come_back_as_they_were) {
    const std::uint64_t seed = test_support::number_from_environment("HOLDFAST_SEED", 1);
    BOOST_TEST_CONTEXT("repeat with HOLDFAST_SEED=" << seed) {
        RandomTopics random{seed};
        for (int i = 0; i < 1000; ++i) {
            const DeviceMessageRecord record = random_record(random);
            const auto back = decode_device_message_record(bytes_of(record));
            BOOST_REQUIRE_MESSAGE(back.has_value(), to_string(back.error()));
            BOOST_REQUIRE((*back == record));
        }
    }
}

BOOST_AUTO_TEST_CASE(version_1_is_written_and_read_as_ever) {
    for (const auto& [name, record] :
         {std::pair{"full", golden_full()}, {"small", golden_small()}}) {
        const store::Bytes bytes = golden("device_message_record_v1_" + std::string{name} + ".bin");
        BOOST_TEST(test_support::hex_of(bytes_of(record)) == test_support::hex_of(bytes));
        const auto read = decode_device_message_record(bytes);
        BOOST_REQUIRE_MESSAGE(read.has_value(), to_string(read.error()));
        BOOST_TEST((*read == record));
    }
}

BOOST_AUTO_TEST_CASE(every_truncation_is_an_error) {
    const auto decode = [](const store::Bytes& bytes) {
        return decode_device_message_record(bytes);
    };
    test_support::check_every_truncation(golden("device_message_record_v1_full.bin"), decode);
    test_support::check_every_truncation(golden("device_message_record_v1_small.bin"), decode);
}

BOOST_AUTO_TEST_CASE(no_changed_byte_does_harm) {
    const store::Bytes bytes = golden("device_message_record_v1_full.bin");
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        for (unsigned value = 0; value < 256; ++value) {
            store::Bytes changed = bytes;
            changed[at] = static_cast<std::byte>(value);
            const auto result = decode_device_message_record(changed);
            if (result.has_value()) BOOST_REQUIRE(bytes_of(*result) == changed);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_is_refused_by_its_name) {
    BOOST_TEST(error_of("02") ==
               "device message record has version 2, which this program does not know (it knows up "
               "to 1)");
    BOOST_TEST(error_of("01 80") ==
               "device message record has an impossible value in field 'flags' at byte 1");
    BOOST_TEST(error_of("01 08") ==  // base64, and no encoding
               "device message record has an impossible value in field 'flags' at byte 1");
    BOOST_TEST(error_of("01 00 03") ==
               "device message record has an impossible value in field 'topic kind' at byte 2");
}

BOOST_AUTO_TEST_SUITE_END()
