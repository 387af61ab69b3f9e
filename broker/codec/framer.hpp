#pragma once
// Stream to frames: finds the next whole Control Packet in received bytes. Holds nothing; the
// caller keeps what is incomplete. MQTT 5 section 2.1.

#include "base/bytes.hpp"
#include "codec/packet.hpp"
#include "codec/violation.hpp"

namespace holdfast::codec {

struct Frame {
    Byte first_byte = 0;  ///< packet type and flags
    ByteView body;        ///< variable header and payload
    std::size_t size = 0; ///< whole packet with its fixed header; 0: the packet is not complete
    /// When incomplete and the Remaining Length is known: size of the whole packet, else 0.
    std::size_t expected_size = 0;

    [[nodiscard]] PacketType type() const { return static_cast<PacketType>(first_byte >> 4); }
    [[nodiscard]] Byte flags() const { return first_byte & 0x0F; }
};

/// Violations: Remaining Length longer than four bytes (malformed_packet), or the packet larger than
/// `packet_bytes_max` counting its fixed header (packet_too_large), found as soon as the length is known.
[[nodiscard]] Decoded<Frame> next_frame(ByteView received, std::size_t packet_bytes_max);

}  // namespace holdfast::codec
