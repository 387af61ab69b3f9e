#include "delivery/message_record.hpp"

#include "base/topic.hpp"
#include "base/utf8.hpp"

namespace holdfast::delivery {

namespace {

constexpr Byte newest_version = 1;

// Flags
constexpr Byte qos_bits = 0x03;
constexpr Byte retain_bit = 0x04;
constexpr Byte expiry_bit = 0x08;
constexpr Byte properties_bit = 0x10;
constexpr Byte known_bits = qos_bits | retain_bit | expiry_bit | properties_bit;

Byte flags_of(const ApplicationMessage& message) {
    Byte flags = to_number(message.qos());
    if (message.retain()) flags |= retain_bit;
    if (message.expires_at() != never) flags |= expiry_bit;
    if (!message.properties().empty()) flags |= properties_bit;
    return flags;
}

/// Walks a block of MQTT 5 properties in wire form, which is sent to clients as it is.
class PropertiesCheck {
public:
    explicit PropertiesCheck(ByteView block) : rest_(block) {}

    [[nodiscard]] bool passes() {
        while (is_valid_ && !rest_.empty()) {
            const Byte id = take(1)[0];
            is_valid_ = id < 32 ? is_first(id) && has_value_of(id) : id == 0x26 && has_user_pair();
        }
        return is_valid_;
    }

private:
    [[nodiscard]] bool is_first(Byte id) {
        const std::uint32_t bit = std::uint32_t{1} << id;
        const bool is_repeated = (seen_ & bit) != 0;
        seen_ |= bit;
        return !is_repeated;
    }
    [[nodiscard]] bool has_value_of(Byte id) {
        switch (id) {
            case 0x01: {  // Payload Format Indicator
                const ByteView value = take(1);
                return is_valid_ && value[0] <= 1;
            }
            case 0x03:    // Content Type
            case 0x08: {  // Response Topic
                const ByteView text = take_with_length();
                return is_valid_ && is_valid_utf8_string(as_text(text));
            }
            case 0x09:  // Correlation Data
                (void)take_with_length();
                return is_valid_;
            default: return false;
        }
    }
    [[nodiscard]] bool has_user_pair() {
        const ByteView name = take_with_length();
        const ByteView value = take_with_length();
        return is_valid_ && is_valid_utf8_string(as_text(name)) &&
               is_valid_utf8_string(as_text(value));
    }
    [[nodiscard]] ByteView take_with_length() {
        const ByteView length = take(2);
        return is_valid_ ? take(static_cast<std::size_t>(length[0]) << 8 | length[1]) : ByteView{};
    }
    [[nodiscard]] ByteView take(std::size_t count) {
        is_valid_ = is_valid_ && rest_.size() >= count;
        if (!is_valid_) return {};
        const ByteView taken = rest_.first(count);
        rest_ = rest_.subspan(count);
        return taken;
    }

    ByteView rest_;
    std::uint32_t seen_ = 0;  ///< bit n: property n
    bool is_valid_ = true;
};

ByteView read_properties(RecordReader& in) {
    const std::uint32_t count = in.u32("properties");
    in.require(count > 0 && count <= remaining_length_max, "properties");
    const ByteView properties = in.bytes(count, "properties");
    if (!in.failed()) in.require(PropertiesCheck{properties}.passes(), "properties");
    return properties;
}

ByteView read_payload(RecordReader& in) {
    const std::uint32_t count = in.u32("payload");
    in.require(count <= remaining_length_max, "payload");
    return in.bytes(count, "payload");
}

}  // namespace

std::size_t message_record_size(const ApplicationMessage& message) {
    constexpr std::size_t fixed = 1 + 1 + 8 + 2 + 4;
    const std::size_t properties = message.properties().size();
    return fixed + (message.expires_at() == never ? 0 : 8) + message.topic().size() +
           (properties == 0 ? 0 : 4 + properties) + message.payload().size();
}

void encode_message_record(store::Bytes& out, const ApplicationMessage& message,
                           WallOffset offset) {
    const Byte flags = flags_of(message);
    RecordWriter writer{out};
    writer.u8(newest_version);
    writer.u8(flags);
    writer.wall_time(offset.to_wall(message.accepted_at()));
    if ((flags & expiry_bit) != 0) writer.wall_time(offset.to_wall(message.expires_at()));
    writer.text(message.topic());
    if ((flags & properties_bit) != 0) {
        writer.u32(static_cast<std::uint32_t>(message.properties().size()));
        writer.bytes(message.properties());
    }
    writer.u32(static_cast<std::uint32_t>(message.payload().size()));
    writer.bytes(message.payload());
}

Recovered<MessagePtr> decode_message_record(StoredBytes stored, WallOffset offset) {
    RecordReader in{stored, "message record"};
    in.version(newest_version);
    const Byte flags = in.u8("flags");
    in.require((flags & qos_bits) <= to_number(QoS::exactly_once), "flags");
    in.require((flags & ~known_bits) == 0, "flags");
    MessageParts parts;
    parts.qos = static_cast<QoS>(flags & qos_bits);
    parts.retain = (flags & retain_bit) != 0;
    parts.accepted_at = offset.to_instant(in.wall_time("accepted_at"));
    if ((flags & expiry_bit) != 0) parts.expires_at = offset.to_instant(in.wall_time("expires_at"));
    parts.topic = in.text("topic");
    in.require(is_valid_topic_name(parts.topic, unlimited), "topic");
    if ((flags & properties_bit) != 0) parts.properties = read_properties(in);
    parts.payload = read_payload(in);
    if (!in.finish()) return in.error();
    return ApplicationMessage::create(parts);
}

}  // namespace holdfast::delivery
