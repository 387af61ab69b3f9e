#include "session/queue_record.hpp"

#include "base/error.hpp"
#include "base/limits.hpp"
#include "base/topic.hpp"
#include "delivery/message_record.hpp"

namespace holdfast::session {

namespace {

using delivery::RecordReader;
using delivery::RecordWriter;

constexpr Byte newest_version = 1;

constexpr int qos_shift = 16;
constexpr int retain_shift = 18;
constexpr int released_shift = 19;
constexpr int extra_shift = 20;
constexpr int identifier_shift = 24;
/// Largest Subscription Identifier, MQTT 5 section 3.8.2.1.2.
constexpr std::uint64_t identifier_max = 268'435'455;
constexpr std::uint64_t known_bits = (identifier_max << identifier_shift) | 0x1F'FFFF;

/// One receiver's message with what stands in front of it.
class ExtraValue final : public store::Value {
public:
    ExtraValue(const OutboundMessage& outbound, WallOffset offset)
        : message_(outbound.message),
          more_identifiers_(outbound.extra->more_identifiers),
          shared_filter_(outbound.extra->shared_filter),
          offset_(offset) {}

    void write_to(store::Bytes& out) const override {
        RecordWriter writer{out};
        writer.u8(newest_version);
        writer.u32(static_cast<std::uint32_t>(more_identifiers_.size()));
        for (const std::uint32_t identifier : more_identifiers_) writer.u32(identifier);
        writer.text(filter());
        delivery::encode_message_record(out, *message_, offset_);
    }
    [[nodiscard]] std::size_t size() const override {
        return 1 + 4 + 4 * more_identifiers_.size() + 2 + filter().size() +
               delivery::message_record_size(*message_);
    }

private:
    [[nodiscard]] std::string_view filter() const {
        return shared_filter_ ? std::string_view{*shared_filter_} : std::string_view{};
    }
    const MessagePtr message_;
    const std::vector<std::uint32_t> more_identifiers_;
    const std::shared_ptr<const std::string> shared_filter_;
    const WallOffset offset_;
};

void read_filter(RecordReader& in, OutboundExtra& extra) {
    const std::size_t size = in.u16("shared_filter");
    const std::string_view filter = as_text(in.bytes(size, "shared_filter"));
    if (filter.empty()) return;
    in.require(is_shared_filter(filter) && parse_shared_filter(filter, unlimited).has_value(),
               "shared_filter");
    extra.shared_filter = std::make_shared<const std::string>(filter);
}

}  // namespace

store::Mark encode_queue_mark(const QueueMark& mark) {
    CHECK(mark.qos != QoS::at_most_once && mark.subscription_identifier <= identifier_max);
    std::uint64_t bits = mark.packet_id;
    bits |= std::uint64_t{to_number(mark.qos)} << qos_shift;
    bits |= std::uint64_t{mark.retain} << retain_shift;
    bits |= std::uint64_t{mark.is_released} << released_shift;
    bits |= std::uint64_t{mark.has_extra} << extra_shift;
    bits |= std::uint64_t{mark.subscription_identifier} << identifier_shift;
    return store::Mark{bits};
}

std::optional<QueueMark> decode_queue_mark(store::Mark mark) {
    const auto bits = static_cast<std::uint64_t>(mark);
    const std::uint64_t qos = bits >> qos_shift & 3;
    if ((bits & ~known_bits) != 0 || qos == 0 || qos > 2) return std::nullopt;
    QueueMark known{.packet_id = static_cast<PacketId>(bits & 0xFFFF),
                    .qos = static_cast<QoS>(qos),
                    .retain = (bits >> retain_shift & 1) != 0,
                    .is_released = (bits >> released_shift & 1) != 0,
                    .has_extra = (bits >> extra_shift & 1) != 0,
                    .subscription_identifier =
                        static_cast<std::uint32_t>(bits >> identifier_shift & identifier_max)};
    if (known.is_released && known.qos != QoS::exactly_once) return std::nullopt;
    return known;
}

PacketId packet_id_of(const OutboundMessage& outbound) {
    if (!outbound.is_stored()) return 0;
    const PacketId chosen = outbound.chosen_packet_id();
    return chosen != 0 ? chosen : derived_packet_id(outbound.position);
}

QueueMark queue_mark_of(const OutboundMessage& outbound) {
    return {.packet_id = outbound.chosen_packet_id(),
            .qos = outbound.qos,
            .retain = outbound.retain,
            .is_released = false,
            .has_extra = needs_extra(outbound),
            .subscription_identifier = outbound.subscription_identifier};
}

bool needs_extra(const OutboundMessage& outbound) {
    return outbound.is_shared() || (outbound.extra && !outbound.extra->more_identifiers.empty());
}

store::ValuePtr make_extra_value(const OutboundMessage& outbound, WallOffset offset) {
    return std::make_shared<const ExtraValue>(outbound, offset);
}

delivery::Recovered<OutboundMessage> decode_queue_record(const store::QueuedRecord& record,
                                                         const QueueMark& mark,
                                                         WallOffset offset) {
    OutboundMessage outbound;
    delivery::StoredBytes stored = record.bytes;
    if (mark.has_extra || mark.packet_id != 0) outbound.extra = std::make_unique<OutboundExtra>();
    if (mark.packet_id != 0) outbound.extra->packet_id = mark.packet_id;
    if (mark.has_extra) {
        RecordReader in{stored, "queue record"};
        in.version(newest_version);
        const std::size_t count = in.u32("more_identifiers");
        for (std::size_t i = 0; i < count && !in.failed(); ++i) {
            const std::uint32_t identifier = in.u32("more_identifiers");
            in.require(identifier != 0 && identifier <= identifier_max, "more_identifiers");
            outbound.extra->more_identifiers.push_back(identifier);
        }
        read_filter(in, *outbound.extra);
        if (in.failed()) return in.error();
        stored = stored.last(in.left());
    }
    const auto message = delivery::decode_message_record(stored, offset);
    if (message.has_error()) {
        delivery::RecordError error = message.error();
        error.offset += record.bytes.size() - stored.size();
        return error;
    }
    outbound.message = *message;
    outbound.qos = mark.qos;
    outbound.retain = mark.retain;
    outbound.subscription_identifier = mark.subscription_identifier;
    outbound.position = record.position;
    return outbound;
}

}  // namespace holdfast::session
