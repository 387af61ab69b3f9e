#include "delivery/message_record.hpp"

#include "support/stored_bytes.hpp"
#include "support/wire.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using delivery::decode_message_record;
using delivery::RecordError;
using test_support::golden;
using test_support::RandomTopics;
using test_support::stored_bytes_of;
using test_support::to_text;

namespace {

constexpr Instant now{Milliseconds{50'000}};
/// 2023-11-14T22:13:20Z at `now`.
const WallOffset offset{now, WallTime{Milliseconds{1'700'000'000'000}}};

/// The message that the golden files have.
MessageParts golden_parts() {
    MessageParts parts;
    parts.topic = "devices/pump-7/commands";
    parts.payload = as_bytes("open valve 2");
    parts.qos = QoS::exactly_once;
    parts.retain = true;
    parts.accepted_at = now;
    parts.expires_at = now + Seconds{60};
    return parts;
}

/// Payload Format Indicator, Content Type, Response Topic, Correlation Data, two User Properties.
constexpr std::string_view golden_properties =
    "01 01  03 ('text/plain')  08 ('a/b')  09 (00FF)  26 ('k') ('v')  26 ('k') ('')";

store::Bytes record_of(const ApplicationMessage& message) {
    store::Bytes bytes;
    delivery::encode_message_record(bytes, message, offset);
    return bytes;
}

RecordError error_of(const store::Bytes& bytes) {
    const auto result = decode_message_record(bytes, offset);
    BOOST_REQUIRE(result.has_error());
    return result.error();
}

std::string sentence_of(const store::Bytes& bytes) { return to_string(error_of(bytes)); }

/// A record with properties in the notation of support/wire.hpp.
store::Bytes record_with_properties(std::string_view notation) {
    const std::vector<Byte> properties = test_support::bytes_of(notation);
    MessageParts parts = golden_parts();
    parts.properties = properties;
    return record_of(*ApplicationMessage::create(parts));
}

bool accepts_properties(std::string_view notation) {
    return decode_message_record(record_with_properties(notation), offset).has_value();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(message_record)

BOOST_AUTO_TEST_CASE(random_messages_come_back_as_they_were) {
    const std::uint64_t seed = test_support::number_from_environment("HOLDFAST_SEED", 1);
    BOOST_TEST_CONTEXT("repeat with HOLDFAST_SEED=" << seed) {
        RandomTopics random{seed};
        for (int i = 0; i < 2000; ++i) {
            const MessagePtr message = test_support::random_message(random, now);
            const store::Bytes bytes = record_of(*message);
            BOOST_REQUIRE_EQUAL(delivery::message_record_size(*message), bytes.size());
            const auto back = decode_message_record(bytes, offset);
            BOOST_REQUIRE_MESSAGE(back.has_value(), to_string(back.error()));
            BOOST_REQUIRE_EQUAL(to_text(**back), to_text(*message));
            BOOST_REQUIRE(record_of(**back) == bytes);
        }
    }
}

BOOST_AUTO_TEST_CASE(every_truncation_is_an_error) {
    RandomTopics random{7};
    const auto decode = [](const store::Bytes& bytes) {
        return decode_message_record(bytes, offset);
    };
    test_support::check_every_truncation(golden("message_record_v1_full.bin"), decode);
    test_support::check_every_truncation(golden("message_record_v1_small.bin"), decode);
    for (int i = 0; i < 20; ++i) {
        test_support::check_every_truncation(record_of(*test_support::random_message(random, now)),
                                             decode);
    }
}

BOOST_AUTO_TEST_CASE(no_changed_byte_does_harm) {
    const store::Bytes bytes = golden("message_record_v1_full.bin");
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        for (unsigned value = 0; value < 256; ++value) {
            store::Bytes changed = bytes;
            changed[at] = static_cast<std::byte>(value);
            const auto result = decode_message_record(changed, offset);
            if (result.has_value()) BOOST_REQUIRE(record_of(**result) == changed);
        }
    }
}

BOOST_AUTO_TEST_CASE(version_1_is_written_and_read_as_ever) {
    const std::vector<Byte> properties = test_support::bytes_of(golden_properties);
    MessageParts parts = golden_parts();
    parts.properties = properties;
    const MessagePtr full = ApplicationMessage::create(parts);
    BOOST_TEST(test_support::hex_of(record_of(*full)) ==
               test_support::hex_of(golden("message_record_v1_full.bin")));
    const auto read = decode_message_record(golden("message_record_v1_full.bin"), offset);
    BOOST_REQUIRE(read.has_value());
    BOOST_TEST(to_text(**read) == to_text(*full));

    MessageParts small;
    small.topic = "t";
    small.accepted_at = now;
    BOOST_TEST(test_support::hex_of(record_of(*ApplicationMessage::create(small))) ==
               test_support::hex_of(golden("message_record_v1_small.bin")));
}

BOOST_AUTO_TEST_CASE(an_unknown_version_is_named) {
    store::Bytes bytes = golden("message_record_v1_small.bin");
    for (const unsigned version : {0U, 2U, 255U}) {
        bytes[0] = static_cast<std::byte>(version);
        const RecordError error = error_of(bytes);
        BOOST_TEST((error.kind == RecordError::Kind::unknown_version));
        BOOST_TEST(to_string(error) == "message record has version " + std::to_string(version) +
                                           ", which this program does not know (it knows up to 1)");
    }
}

BOOST_AUTO_TEST_CASE(an_expiry_survives_a_restart) {
    const MessagePtr message = ApplicationMessage::create(golden_parts());
    const Instant restarted{Milliseconds{3}};
    const WallOffset later{restarted, WallTime{Milliseconds{1'700'000'020'000}}};  // 20 s later
    const auto read = decode_message_record(record_of(*message), later);
    BOOST_REQUIRE(read.has_value());
    BOOST_TEST(seconds_left(restarted, (*read)->expires_at()) == 40U);
    BOOST_TEST(((*read)->accepted_at() == restarted - Seconds{20}));
    const WallOffset much_later{restarted, WallTime{Milliseconds{1'700'000'060'000}}};
    BOOST_TEST((*decode_message_record(record_of(*message), much_later))->is_expired(restarted));
}

BOOST_AUTO_TEST_CASE(a_stamp_outside_of_time_is_clamped_and_still_read) {
    MessageParts parts = golden_parts();
    parts.accepted_at = Instant::min();
    parts.expires_at = never - Milliseconds{1};
    const auto read = decode_message_record(record_of(*ApplicationMessage::create(parts)), offset);
    BOOST_REQUIRE(read.has_value());
    BOOST_TEST((offset.to_wall((*read)->accepted_at()) == wall_time_min));
    BOOST_TEST((offset.to_wall((*read)->expires_at()) == wall_time_max));
}

BOOST_AUTO_TEST_CASE(the_publisher_is_not_kept) {
    MessageParts parts = golden_parts();
    parts.publisher = SessionNumber{5};
    const auto read = decode_message_record(record_of(*ApplicationMessage::create(parts)), offset);
    BOOST_TEST(((*read)->publisher() == SessionNumber::none));
}

BOOST_AUTO_TEST_CASE(impossible_flags_are_refused) {
    store::Bytes bytes = golden("message_record_v1_small.bin");
    for (const unsigned flags : {0x03U, 0x20U, 0x40U, 0x80U}) {
        bytes[1] = static_cast<std::byte>(flags);
        BOOST_TEST(sentence_of(bytes) ==
                   "message record has an impossible value in field 'flags' at byte 1");
    }
}

BOOST_AUTO_TEST_CASE(a_topic_name_must_be_one) {
    for (const char* topic : {"a/+", "#", "a\xFF"}) {
        MessageParts parts = golden_parts();
        parts.topic = topic;
        BOOST_TEST(error_of(record_of(*ApplicationMessage::create(parts))).field == "topic");
    }
    BOOST_TEST(error_of(record_of(*ApplicationMessage::create({}))).field == "topic");
}

BOOST_AUTO_TEST_CASE(properties_must_be_those_that_are_passed_on) {
    BOOST_TEST(accepts_properties(golden_properties));
    BOOST_TEST(accepts_properties("01 00"));
    BOOST_TEST(accepts_properties("09 ()  26 () ()"));
    for (const char* wrong : {
             "01 02",              // not a boolean
             "01 00 01 00",        // twice
             "03 ('a') 03 ('b')",  // twice
             "03 (C080)",          // overlong
             "08 (ED A0 80)",      // a surrogate
             "26 ('k') (00)",      // U+0000
             "26 ('k')",           // without a value
             "09 0005 'abc'",      // longer than the block
             "09 00",              // half a length
             "02 0000003C",        // Message Expiry Interval is not passed on
             "23 0001",            // nor is a Topic Alias
             "0B 01",              // nor a Subscription Identifier
             "00",                 // no property at all
             "A6 01 ('k') ('v')",  // an identifier in two bytes
         }) {
        BOOST_TEST(!accepts_properties(wrong), wrong);
        BOOST_TEST(error_of(record_with_properties(wrong)).field == "properties", wrong);
    }
}

BOOST_AUTO_TEST_CASE(properties_that_are_announced_must_be_there) {
    // The small record with bit 4 and no properties.
    store::Bytes bytes = golden("message_record_v1_small.bin");
    bytes[1] = std::byte{0x10};
    BOOST_TEST(error_of(bytes).field == "properties");
}

BOOST_AUTO_TEST_CASE(lengths_beyond_the_protocol_are_refused) {
    const store::Bytes small = golden("message_record_v1_small.bin");
    store::Bytes bytes(small.begin(), small.end() - 4);
    const store::Bytes length = stored_bytes_of("10000000");  // one more than a packet can have
    bytes.insert(bytes.end(), length.begin(), length.end());
    BOOST_TEST(sentence_of(bytes) ==
               "message record has an impossible value in field 'payload' at byte 13");
}

BOOST_AUTO_TEST_CASE(a_value_writes_the_record_when_it_is_asked) {
    const MessagePtr message = ApplicationMessage::create(golden_parts());
    const store::ValuePtr value = delivery::make_message_value(message, offset);
    store::Bytes bytes = stored_bytes_of("'before'");
    value->write_to(bytes);
    value->write_to(bytes);
    BOOST_TEST(bytes.size() == 6 + 2 * value->size());
    BOOST_TEST(bytes.size() == 6 + 2 * record_of(*message).size());
}

BOOST_AUTO_TEST_SUITE_END()
