#pragma once
// Bytes as tests write them, and any packet from and to them.
//
// The notation: pairs of hex digits, 'text', [ ... ] with its length in front as a Variable Byte
// Integer, ( ... ) with its length in front as two bytes. "30 [ ('a/b') 'hi' ]" is a PUBLISH.

#include "codec/codec.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace test_support {

enum class Sender { client, server };

[[nodiscard]] std::vector<holdfast::Byte> bytes_of(std::string_view notation);
[[nodiscard]] std::string hex_of(holdfast::ByteView bytes);

/// Appends the packet as its sender writes it. Reason codes that 3.1.1 lacks are left out.
void encode_any(holdfast::ByteBuffer& out, holdfast::codec::ProtocolVersion version,
                const holdfast::codec::Packet& packet);

/// A decoded packet and what keeps it alive besides the bytes.
struct AnyDecoded {
    std::vector<holdfast::codec::ReasonCode> reasons;
    holdfast::codec::Decoded<holdfast::codec::Packet> packet;
};

[[nodiscard]] AnyDecoded decode_any(Sender sender, holdfast::codec::ProtocolVersion version,
                                    const holdfast::codec::Frame& frame);

}  // namespace test_support
