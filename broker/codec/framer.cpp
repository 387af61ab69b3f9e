#include "codec/framer.hpp"

#include "base/limits.hpp"
#include "codec/rule.hpp"

#include <algorithm>

namespace holdfast::codec {

Decoded<Frame> next_frame(ByteView received, std::size_t packet_bytes_max) {
    Frame frame;
    if (!received.empty()) frame.first_byte = received[0];
    std::size_t remaining_length = 0;
    const std::size_t header_end = std::min(received.size(), fixed_header_bytes_max);
    for (std::size_t i = 1; i < header_end; ++i) {
        const Byte byte = received[i];
        remaining_length |= static_cast<std::size_t>(byte & 0x7F) << 7 * (i - 1);
        if ((byte & 0x80) != 0) continue;
        if (byte == 0 && i > 1) {  // [MQTT5-1.5.5-1]
            return broken(rules::integer_not_shortest, ProtocolVersion::v5);
        }
        const std::size_t size = 1 + i + remaining_length;
        if (size > packet_bytes_max) {  // [MQTT5-3.2.2-15]
            return broken(rules::too_large, ProtocolVersion::v5);
        }
        if (received.size() < size) {
            frame.expected_size = size;
            return frame;
        }
        frame.body = received.subspan(1 + i, remaining_length);
        frame.size = size;
        return frame;
    }
    if (header_end == fixed_header_bytes_max) {
        return broken(rules::integer_too_long, ProtocolVersion::v5);
    }
    return frame;
}

}  // namespace holdfast::codec
