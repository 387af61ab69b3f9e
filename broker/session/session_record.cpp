#include "session/session_record.hpp"

#include "base/error.hpp"
#include "base/limits.hpp"
#include "base/topic.hpp"
#include "base/utf8.hpp"
#include "delivery/message_record.hpp"

#include <algorithm>

namespace holdfast::session {

namespace {

using delivery::RecordError;
using delivery::RecordReader;
using delivery::RecordWriter;
using delivery::StoredBytes;

constexpr Byte newest_session_version = 2;
constexpr Byte version_without_owner = 1;
constexpr Byte newest_subscription_version = 1;

// Flags of a session
constexpr Byte expires_bit = 0x01;
constexpr Byte will_bit = 0x02;
constexpr Byte will_expiry_bit = 0x04;
constexpr Byte will_due_bit = 0x08;
constexpr Byte connected_bit = 0x10;
constexpr Byte known_bits =
    expires_bit | will_bit | will_expiry_bit | will_due_bit | connected_bit;

/// A Packet Identifier and no more than all of them.
constexpr std::size_t identifiers_max = 65'535;

Byte flags_of(const SessionRecord& record) {
    Byte flags = 0;
    if (record.expires_at != never) flags |= expires_bit;
    if (record.is_connected) flags |= connected_bit;
    if (!record.will) return flags;
    flags |= will_bit;
    if (record.will->message_expiry) flags |= will_expiry_bit;
    if (record.will_due_at != never) flags |= will_due_bit;
    return flags;
}

bool are_flags_possible(Byte flags) {
    const bool speaks_of_a_will = (flags & (will_expiry_bit | will_due_bit)) != 0;
    return (flags & ~known_bits) == 0 && (!speaks_of_a_will || (flags & will_bit) != 0);
}

void write_will(RecordWriter& writer, store::Bytes& out, const SessionRecord& record,
                WallOffset offset) {
    const Will& will = *record.will;
    writer.seconds(will.delay);
    if (will.message_expiry) writer.seconds(*will.message_expiry);
    if (record.will_due_at != never) writer.wall_time(offset.to_wall(record.will_due_at));
    writer.u32(static_cast<std::uint32_t>(delivery::message_record_size(*will.message)));
    delivery::encode_message_record(out, *will.message, offset);
}

void read_will(RecordReader& in, Byte flags, WallOffset offset, SessionRecord& record) {
    if ((flags & will_bit) == 0) return;
    Will will;
    will.delay = in.seconds("will_delay");
    if ((flags & will_expiry_bit) != 0) will.message_expiry = in.seconds("will_message_expiry");
    if ((flags & will_due_bit) != 0) {
        record.will_due_at = offset.to_instant(in.wall_time("will_due_at"));
    }
    const std::uint32_t size = in.u32("will_message");
    const ByteView bytes = in.bytes(size, "will_message");
    if (in.failed()) return;
    const auto message = delivery::decode_message_record(std::as_bytes(bytes), offset);
    if (!message) return in.fail(message.error());
    will.message = *message;
    record.will = std::move(will);
}

void read_inbound(RecordReader& in, std::vector<PacketId>& inbound) {
    const std::size_t count = in.u16("inbound_qos2_count");
    if (count * 2 <= in.left()) inbound.reserve(count);
    PacketId last = 0;
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        const PacketId packet_id = in.packet_id("inbound_qos2");
        in.require(packet_id > last, "inbound_qos2");
        inbound.push_back(packet_id);
        last = packet_id;
    }
}

void read_inflight(RecordReader& in, std::vector<InflightRecord>& inflight) {
    const std::size_t count = in.u16("inflight_count");
    if (count * 11 <= in.left()) inflight.reserve(count);
    std::vector<bool> seen(count == 0 ? 0 : identifiers_max + 1);
    for (std::size_t i = 0; i < count && !in.failed(); ++i) {
        InflightRecord entry;
        entry.packet_id = in.packet_id("inflight_packet_id");
        in.require(!seen[entry.packet_id], "inflight_packet_id");
        seen[entry.packet_id] = true;
        const Byte state = in.u8("inflight_state");
        in.require(state <= static_cast<Byte>(InflightState::released), "inflight_state");
        entry.state = static_cast<InflightState>(state);
        entry.position = store::Position{in.u64("inflight_position")};
        in.require(entry.position > store::before_first, "inflight_position");
        inflight.push_back(entry);
    }
}

/// Subscription Options as they are in SUBSCRIBE, MQTT 5 section 3.8.3.1.
Byte bits_of(const SubscriptionOptions& options) {
    return static_cast<Byte>(to_number(options.maximum_qos) | (options.no_local ? 0x04 : 0) |
                             (options.retain_as_published ? 0x08 : 0) |
                             static_cast<Byte>(options.retain_handling) << 4);
}

/// Largest Subscription Identifier, MQTT 5 section 3.8.2.1.2.
constexpr std::uint32_t subscription_identifier_max = 268'435'455;

bool is_valid_filter(std::string_view filter) {
    return is_valid_utf8_string(filter) &&
           (is_shared_filter(filter) ? parse_shared_filter(filter, unlimited).has_value()
                                     : is_valid_topic_filter(filter, unlimited));
}

RecordError key_error(std::string_view field, std::size_t offset) {
    return {.kind = RecordError::Kind::inconsistent,
            .record = "subscription key",
            .field = field,
            .offset = offset};
}

}  // namespace

store::Bytes encode_session_record(const SessionRecord& record, WallOffset offset) {
    CHECK(!record.client_id.empty() && record.client_id.size() <= string_bytes_max);
    CHECK(!record.owner || record.owner->size() <= string_bytes_max);
    CHECK(record.inbound_qos2.size() <= identifiers_max);
    CHECK(record.inflight.size() <= identifiers_max);
    const Byte flags = flags_of(record);
    store::Bytes out;
    RecordWriter writer{out};
    writer.u8(record.owner ? newest_session_version : version_without_owner);
    writer.u8(flags);
    writer.u64(static_cast<std::uint64_t>(record.queue));
    writer.text(record.client_id);
    if (record.owner) writer.text(*record.owner);
    writer.seconds(record.expiry_interval);
    if ((flags & expires_bit) != 0) writer.wall_time(offset.to_wall(record.expires_at));
    if (record.will) write_will(writer, out, record, offset);
    writer.u16(static_cast<std::uint16_t>(record.inbound_qos2.size()));
    for (const PacketId packet_id : record.inbound_qos2) writer.u16(packet_id);
    writer.u16(static_cast<std::uint16_t>(record.inflight.size()));
    for (const InflightRecord& entry : record.inflight) {
        writer.u16(entry.packet_id);
        writer.u8(static_cast<Byte>(entry.state));
        writer.u64(static_cast<std::uint64_t>(entry.position));
    }
    return out;
}

Recovered<SessionRecord> decode_session_record(StoredBytes stored, WallOffset offset) {
    RecordReader in{stored, "session record"};
    const Byte version = in.version(version_without_owner, newest_session_version);
    const Byte flags = in.u8("flags");
    in.require(are_flags_possible(flags), "flags");
    SessionRecord record;
    record.is_connected = (flags & connected_bit) != 0;
    record.queue = store::QueueId{in.u64("queue")};
    record.client_id = in.text("client_id");
    if (version != version_without_owner) record.owner = in.optional_text("owner");
    record.expiry_interval = in.seconds("expiry_interval");
    if ((flags & expires_bit) != 0) {
        record.expires_at = offset.to_instant(in.wall_time("expires_at"));
    }
    read_will(in, flags, offset, record);
    read_inbound(in, record.inbound_qos2);
    read_inflight(in, record.inflight);
    if (!in.finish()) return in.error();
    return record;
}

store::Bytes encode_subscription_record(const SubscriptionRecord& record) {
    store::Bytes out;
    RecordWriter writer{out};
    writer.u8(newest_subscription_version);
    writer.u8(bits_of(record.options));
    writer.u32(record.identifier);
    return out;
}

Recovered<SubscriptionRecord> decode_subscription_record(StoredBytes stored) {
    RecordReader in{stored, "subscription record"};
    in.version(newest_subscription_version);
    const Byte bits = in.u8("options");
    const Byte qos = bits & 0x03;
    const Byte retain_handling = bits >> 4 & 0x03;
    in.require((bits & 0xC0) == 0 && qos <= 2 && retain_handling <= 2, "options");
    const std::uint32_t identifier = in.u32("identifier");
    in.require(identifier <= subscription_identifier_max, "identifier");
    if (!in.finish()) return in.error();
    return SubscriptionRecord{
        .options = {.maximum_qos = static_cast<QoS>(qos),
                    .no_local = (bits & 0x04) != 0,
                    .retain_as_published = (bits & 0x08) != 0,
                    .retain_handling = static_cast<RetainHandling>(retain_handling)},
        .identifier = identifier};
}

std::string make_subscription_key(const SubscriptionKey& parts) {
    std::string key;
    key.reserve(parts.client_id.size() + 1 + parts.filter.size());
    key.append(parts.client_id).push_back('\0');  // no Client Identifier contains it
    key.append(parts.filter);
    return key;
}

Recovered<SubscriptionKey> split_subscription_key(std::string_view key) {
    const std::size_t end = key.find('\0');
    if (end == std::string_view::npos) return key_error("filter", key.size());
    const SubscriptionKey parts{key.substr(0, end), key.substr(end + 1)};
    const bool has_client_id = !parts.client_id.empty() &&
                               parts.client_id.size() <= string_bytes_max &&
                               is_valid_utf8_string(parts.client_id);
    if (!has_client_id) return key_error("client_id", 0);
    if (!is_valid_filter(parts.filter)) return key_error("filter", end + 1);
    return parts;
}

}  // namespace holdfast::session
