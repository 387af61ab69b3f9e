// Any frame is a violation or a packet that means the same after encoding and decoding it again.
// The first byte chooses the sender and the version.

#include "base/error.hpp"
#include "base/limits.hpp"
#include "support/packet_text.hpp"
#include "support/wire.hpp"

#include <string>
#include <variant>
#include <vector>

using namespace holdfast;
using namespace holdfast::codec;
using namespace test_support;

namespace {

constexpr ProtocolVersion versions[] = {ProtocolVersion::v3_1, ProtocolVersion::v3_1_1,
                                        ProtocolVersion::v5};

/// The encoders of requests do not write User Properties.
bool is_request(const Packet& packet) {
    return std::holds_alternative<Subscribe>(packet) || std::holds_alternative<Unsubscribe>(packet);
}

void check_violation(const Violation& violation) {
    CHECK(is_error(violation.reason));
    CHECK(!violation.cause.empty());
}

void check_there_and_back(Sender sender, ProtocolVersion version, const Packet& packet) {
    ByteBuffer out;
    encode_any(out, version, packet);
    const std::vector<Byte> bytes(out.begin(), out.end());
    const Decoded<Frame> frame = next_frame(bytes, unlimited);
    CHECK(frame.has_value() && frame->size == bytes.size());
    const AnyDecoded again = decode_any(sender, version, *frame);
    CHECK(again.packet.has_value());
    CHECK(is_request(packet) || to_text(*again.packet) == to_text(packet));
}

void check_forwarding(const Packet& packet) {
    const auto* publish = std::get_if<Publish>(&packet);
    if (publish == nullptr || publish->topic.empty()) return;
    ByteBuffer properties;
    encode_forwarded_properties(properties, publish->properties);
    MessageParts parts;
    parts.topic = publish->topic;
    parts.payload = publish->payload;
    parts.properties = {properties.data(), properties.size()};
    const MessagePtr message = ApplicationMessage::create(parts);
    ByteBuffer out;
    encode_publish(out, ProtocolVersion::v5, *message, {});
    const std::vector<Byte> bytes(out.begin(), out.end());
    const Decoded<Frame> frame = next_frame(bytes, unlimited);
    CHECK(frame.has_value() && frame->size == bytes.size());
    constexpr DecodeLimits no_limits{unlimited, unlimited, unlimited};
    const Decoded<Publish> forwarded = decode_publish(ProtocolVersion::v5, *frame, no_limits);
    CHECK(forwarded.has_value());
    CHECK(forwarded->topic == publish->topic);
    CHECK(as_text(forwarded->payload) == as_text(publish->payload));
    CHECK(forwarded->properties.has_forwarded == publish->properties.has_forwarded);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const Sender sender = (data[0] & 0x80) != 0 ? Sender::server : Sender::client;
    const ProtocolVersion version = versions[data[0] % 3];
    const std::vector<Byte> exact(data + 1, data + size);
    ByteView rest = exact;
    while (!rest.empty()) {
        const Decoded<Frame> frame = next_frame(rest, unlimited);
        if (frame.has_error()) check_violation(frame.error());
        if (frame.has_error() || frame->size == 0) return 0;
        const AnyDecoded decoded = decode_any(sender, version, *frame);
        if (decoded.packet.has_error()) {
            check_violation(decoded.packet.error());
        } else {
            check_there_and_back(sender, version, *decoded.packet);
            check_forwarding(*decoded.packet);
        }
        rest = rest.subspan(frame->size);
    }
    return 0;
}
