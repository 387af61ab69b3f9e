#include "session/session_record.hpp"

#include "support/stored_bytes.hpp"
#include "support/wire.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

using namespace holdfast;
using namespace holdfast::session;
using delivery::RecordError;
using test_support::golden;
using test_support::RandomTopics;

namespace {

constexpr Instant now{Milliseconds{50'000}};
/// 2023-11-14T22:13:20Z at `now`.
const WallOffset offset{now, WallTime{Milliseconds{1'700'000'000'000}}};

std::string to_text(Instant instant) {
    return instant == never ? "never" : std::to_string(instant.time_since_epoch().count());
}

std::string to_text(const SessionRecord& record) {
    std::string text = record.client_id + " queue " +
                       std::to_string(static_cast<std::uint64_t>(record.queue)) + " expiry " +
                       std::to_string(record.expiry_interval.count()) + " expires " +
                       to_text(record.expires_at);
    if (record.owner) text += " of '" + *record.owner + "'";
    if (record.will) {
        text += " will " + test_support::to_text(*record.will->message) + " delay " +
                std::to_string(record.will->delay.count()) + " due " + to_text(record.will_due_at);
        if (record.will->message_expiry) {
            text += " expiry " + std::to_string(record.will->message_expiry->count());
        }
    }
    for (const PacketId packet_id : record.inbound_qos2) text += " in " + std::to_string(packet_id);
    for (const InflightRecord& entry : record.inflight) {
        text += " out " + std::to_string(entry.packet_id) +
                (entry.state == InflightState::released ? " released " : " published ") +
                std::to_string(static_cast<std::uint64_t>(entry.position));
    }
    return text;
}

SessionRecord random_session(RandomTopics& random) {
    const auto moment = [&] {
        return now + Seconds{static_cast<std::int64_t>(random.below(1000))};
    };
    const auto duration = [&] {
        return random.chance(10) ? Seconds::max()
                                 : Seconds{static_cast<std::int64_t>(random.below(1U << 31))};
    };
    SessionRecord record;
    record.client_id = "c" + test_support::random_text(random, 20);
    if (random.chance(60)) {
        record.owner = random.chance(50) ? "" : "u" + test_support::random_text(random, 20);
    }
    record.queue = store::QueueId{random.below(1'000'000)};
    record.expiry_interval = duration();
    if (random.chance(50)) record.expires_at = moment();
    if (random.chance(50)) {
        Will will{.message = test_support::random_message(random, now),
                  .delay = duration(),
                  .message_expiry = {}};
        if (random.chance(50)) will.message_expiry = duration();
        if (random.chance(50)) record.will_due_at = moment();
        record.will = std::move(will);
    }
    std::set<PacketId> identifiers;
    for (std::size_t count = random.below(20); count > 0; --count) {
        identifiers.insert(static_cast<PacketId>(1 + random.below(65'535)));
    }
    record.inbound_qos2.assign(identifiers.begin(), identifiers.end());
    for (const PacketId packet_id : identifiers) {
        const store::Position position{1 + random.below(1'000'000)};
        const auto state = random.chance(50) ? InflightState::published : InflightState::released;
        record.inflight.insert(record.inflight.begin() + static_cast<std::ptrdiff_t>(random.below(
                                                             record.inflight.size() + 1)),
                               {packet_id, state, position});
    }
    return record;
}

SessionRecord golden_session() {
    MessageParts will;
    will.topic = "devices/pump-7/status";
    will.payload = as_bytes("gone");
    will.qos = QoS::at_least_once;
    will.retain = true;
    will.accepted_at = now - Seconds{5};
    SessionRecord record;
    record.client_id = "pump-7";
    record.queue = store::QueueId{71};
    record.expiry_interval = Seconds{3600};
    record.expires_at = now + Seconds{3600};
    record.will = Will{.message = ApplicationMessage::create(will),
                       .delay = Seconds{30},
                       .message_expiry = Seconds{600}};
    record.will_due_at = now + Seconds{30};
    record.inbound_qos2 = {3, 4, 65'535};
    record.inflight = {{9, InflightState::released, store::Position{40}},
                       {2, InflightState::published, store::Position{41}},
                       {65'535, InflightState::published, store::Position{0x0102030405060708}}};
    return record;
}

Recovered<SessionRecord> decode(const store::Bytes& bytes) {
    return decode_session_record(bytes, offset);
}

RecordError error_of(const store::Bytes& bytes) {
    const auto result = decode(bytes);
    BOOST_REQUIRE(result.has_error());
    return result.error();
}

/// The error of a record that was encoded although it should not have been.
std::string refused_field(const SessionRecord& record) {
    const RecordError error = error_of(encode_session_record(record, offset));
    BOOST_TEST((error.kind == RecordError::Kind::inconsistent));
    return std::string(error.field);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(session_record)

BOOST_AUTO_TEST_CASE(random_sessions_come_back_as_they_were) {
    const std::uint64_t seed = test_support::number_from_environment("HOLDFAST_SEED", 1);
    BOOST_TEST_CONTEXT("repeat with HOLDFAST_SEED=" << seed) {
        RandomTopics random{seed};
        for (int i = 0; i < 1000; ++i) {
            const SessionRecord record = random_session(random);
            const store::Bytes bytes = encode_session_record(record, offset);
            const auto back = decode(bytes);
            BOOST_REQUIRE_MESSAGE(back.has_value(), to_string(back.error()));
            BOOST_REQUIRE_EQUAL(to_text(*back), to_text(record));
            BOOST_REQUIRE(encode_session_record(*back, offset) == bytes);
        }
    }
}

BOOST_AUTO_TEST_CASE(every_truncation_of_a_session_is_an_error) {
    test_support::check_every_truncation(golden("session_record_v1_full.bin"), decode);
    test_support::check_every_truncation(golden("session_record_v1_small.bin"), decode);
    RandomTopics random{7};
    for (int i = 0; i < 20; ++i) {
        test_support::check_every_truncation(encode_session_record(random_session(random), offset),
                                             decode);
    }
}

BOOST_AUTO_TEST_CASE(no_changed_byte_of_a_session_does_harm) {
    const store::Bytes bytes = golden("session_record_v1_full.bin");
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        for (unsigned value = 0; value < 256; ++value) {
            store::Bytes changed = bytes;
            changed[at] = static_cast<std::byte>(value);
            const auto result = decode(changed);
            if (result) BOOST_REQUIRE(encode_session_record(*result, offset) == changed);
        }
    }
}

BOOST_AUTO_TEST_CASE(version_1_of_a_session_is_written_and_read_as_ever) {
    const SessionRecord full = golden_session();
    BOOST_TEST(test_support::hex_of(encode_session_record(full, offset)) ==
               test_support::hex_of(golden("session_record_v1_full.bin")));
    BOOST_TEST(to_text(decode(golden("session_record_v1_full.bin")).value()) == to_text(full));
    SessionRecord small;
    small.client_id = "a";
    small.queue = store::QueueId{1};
    small.expiry_interval = Seconds::max();
    BOOST_TEST(test_support::hex_of(encode_session_record(small, offset)) ==
               test_support::hex_of(golden("session_record_v1_small.bin")));
    BOOST_TEST(to_text(decode(golden("session_record_v1_small.bin")).value()) == to_text(small));
}

BOOST_AUTO_TEST_CASE(version_2_of_a_session_names_its_owner) {
    SessionRecord full = golden_session();
    full.owner = "operator-3";
    BOOST_TEST(test_support::hex_of(encode_session_record(full, offset)) ==
               test_support::hex_of(golden("session_record_v2_full.bin")));
    BOOST_TEST(to_text(decode(golden("session_record_v2_full.bin")).value()) == to_text(full));
    SessionRecord small;
    small.client_id = "a";
    small.owner = "";  // a client without a name
    small.queue = store::QueueId{1};
    small.expiry_interval = Seconds::max();
    BOOST_TEST(test_support::hex_of(encode_session_record(small, offset)) ==
               test_support::hex_of(golden("session_record_v2_small.bin")));
    BOOST_TEST(to_text(decode(golden("session_record_v2_small.bin")).value()) == to_text(small));
    test_support::check_every_truncation(golden("session_record_v2_full.bin"), decode);
    test_support::check_every_truncation(golden("session_record_v2_small.bin"), decode);
}

BOOST_AUTO_TEST_CASE(an_unknown_version_of_a_session_is_named) {
    store::Bytes bytes = golden("session_record_v1_small.bin");
    bytes[0] = std::byte{3};
    BOOST_TEST(to_string(error_of(bytes)) ==
               "session record has version 3, which this program does not know (it knows up to 2)");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_will_is_said_of_its_message) {
    SessionRecord record = golden_session();
    const store::Bytes bytes = encode_session_record(record, offset);
    const store::Bytes topic = test_support::stored_bytes_of("'devices/pump-7/status'");
    const auto place = std::search(bytes.begin(), bytes.end(), topic.begin(), topic.end());
    BOOST_REQUIRE(place != bytes.end());
    store::Bytes changed = bytes;
    changed[static_cast<std::size_t>(place - bytes.begin())] = std::byte{'#'};
    BOOST_TEST(to_string(error_of(changed)) ==
               "message record has an impossible value in field 'topic' at byte 10");
}

BOOST_AUTO_TEST_CASE(deadlines_survive_a_restart) {
    const Instant restarted{Milliseconds{3}};
    const WallOffset later{restarted, WallTime{Milliseconds{1'700'000'020'000}}};  // 20 s later
    const auto record = decode_session_record(golden("session_record_v1_full.bin"), later);
    BOOST_REQUIRE(record.has_value());
    BOOST_TEST((record->will_due_at == restarted + Seconds{10}));
    BOOST_TEST((record->expires_at == restarted + Seconds{3580}));
}

BOOST_AUTO_TEST_CASE(impossible_flags_of_a_session_are_refused) {
    store::Bytes bytes = golden("session_record_v1_small.bin");
    for (const unsigned flags : {0x04U, 0x08U, 0x0CU, 0x20U, 0x80U}) {
        bytes[1] = static_cast<std::byte>(flags);
        BOOST_TEST(error_of(bytes).field == "flags");
    }
}

BOOST_AUTO_TEST_CASE(inbound_identifiers_ascend) {
    SessionRecord record = golden_session();
    record.inbound_qos2 = {4, 3};
    BOOST_TEST(refused_field(record) == "inbound_qos2");
    record.inbound_qos2 = {3, 3};
    BOOST_TEST(refused_field(record) == "inbound_qos2");
    record.inbound_qos2 = {0};
    BOOST_TEST(refused_field(record) == "inbound_qos2");
}

BOOST_AUTO_TEST_CASE(what_is_in_flight_has_an_identifier_of_its_own_and_a_place) {
    const auto refused_entry = [](const InflightRecord& entry) {
        SessionRecord record = golden_session();
        record.inflight.push_back(entry);
        return refused_field(record);
    };
    BOOST_TEST(refused_entry({0, InflightState::published, store::Position{50}}) ==
               "inflight_packet_id");
    BOOST_TEST(refused_entry({9, InflightState::published, store::Position{50}}) ==
               "inflight_packet_id");
    BOOST_TEST(refused_entry({10, static_cast<InflightState>(2), store::Position{50}}) ==
               "inflight_state");
    BOOST_TEST(refused_entry({10, InflightState::published, store::Position{0}}) ==
               "inflight_position");
}

BOOST_AUTO_TEST_CASE(all_identifiers_may_be_in_use) {
    SessionRecord record = golden_session();
    record.inbound_qos2.clear();
    record.inflight.clear();
    for (std::uint32_t id = 1; id <= 65'535; ++id) {
        const auto packet_id = static_cast<PacketId>(id);
        record.inbound_qos2.push_back(packet_id);
        record.inflight.push_back({packet_id, InflightState::published, store::Position{id}});
    }
    const auto back = decode(encode_session_record(record, offset));
    BOOST_REQUIRE(back.has_value());
    BOOST_TEST((back->inbound_qos2 == record.inbound_qos2));
    BOOST_TEST((back->inflight == record.inflight));
}

// --- Subscriptions

BOOST_AUTO_TEST_CASE(subscriptions_come_back_as_they_were) {
    for (unsigned bits = 0; bits < 64; ++bits) {
        const SubscriptionRecord record{
            .options = {.maximum_qos = static_cast<QoS>(bits & 3),
                        .no_local = (bits & 4) != 0,
                        .retain_as_published = (bits & 8) != 0,
                        .retain_handling = static_cast<RetainHandling>(bits >> 4)},
            .identifier = bits};
        const bool is_possible = (bits & 3) < 3 && bits >> 4 < 3;
        const auto back = decode_subscription_record(encode_subscription_record(record));
        BOOST_REQUIRE_EQUAL(back.has_value(), is_possible);
        if (back) BOOST_TEST((*back == record));
        if (!back) BOOST_TEST(back.error().field == "options");
    }
}

BOOST_AUTO_TEST_CASE(version_1_of_a_subscription_is_written_and_read_as_ever) {
    const SubscriptionRecord record{.options = {.maximum_qos = QoS::exactly_once,
                                                .no_local = true,
                                                .retain_as_published = true,
                                                .retain_handling = RetainHandling::do_not_send},
                                    .identifier = 268'435'455};
    const store::Bytes bytes = golden("subscription_record_v1.bin");
    BOOST_TEST(test_support::hex_of(encode_subscription_record(record)) ==
               test_support::hex_of(bytes));
    BOOST_TEST((decode_subscription_record(bytes).value() == record));
    test_support::check_every_truncation(
        bytes, [](const store::Bytes& cut) { return decode_subscription_record(cut); });
}

BOOST_AUTO_TEST_CASE(a_subscription_that_cannot_be_is_refused) {
    const auto error = [](std::string_view notation) {
        const auto result = decode_subscription_record(test_support::stored_bytes_of(notation));
        return result ? "" : to_string(result.error());
    };
    BOOST_TEST(error("01 00 0FFFFFFF").empty());
    BOOST_TEST(error("01 00 10000000") ==
               "subscription record has an impossible value in field 'identifier' at byte 2");
    BOOST_TEST(error("01 40 00000000") ==
               "subscription record has an impossible value in field 'options' at byte 1");
    BOOST_TEST(error("07 00 00000000") ==
               "subscription record has version 7, which this program does not know (it knows up "
               "to 1)");
}

BOOST_AUTO_TEST_CASE(subscription_keys_have_a_client_and_a_filter) {
    const std::string key = make_subscription_key({"pump-7", "$share/group/a/+/#"});
    BOOST_TEST(key == std::string("pump-7\0$share/group/a/+/#", 25));
    const auto parts = split_subscription_key(key);
    BOOST_REQUIRE(parts.has_value());
    BOOST_TEST(parts->client_id == "pump-7");
    BOOST_TEST(parts->filter == "$share/group/a/+/#");
    for (const std::string& wrong :
         {std::string("pump-7"), std::string("pump-7\0", 7), std::string("\0a", 2),
          std::string("\xFF\0a", 3), std::string("pump-7\0a#", 9), std::string("pump-7\0a\0b", 10),
          std::string("pump-7\0$share/a", 15), std::string{}}) {
        BOOST_TEST(split_subscription_key(wrong).has_error(), wrong);
    }
}

BOOST_AUTO_TEST_CASE(the_keys_of_one_client_stand_together) {
    std::vector<std::string> keys{
        make_subscription_key({"a", "z"}), make_subscription_key({"a b", "a"}),
        make_subscription_key({"a", "a"}), make_subscription_key({"ab", "a"})};
    std::ranges::sort(keys);
    BOOST_TEST(split_subscription_key(keys[0])->client_id == "a");
    BOOST_TEST(split_subscription_key(keys[1])->client_id == "a");
}

BOOST_AUTO_TEST_SUITE_END()
