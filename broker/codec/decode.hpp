#pragma once
// What the decode_*.cpp files share with each other and with nobody else: decoders that depend on
// who receives, the packets that only a client receives, and which packet may carry which reason.

#include "base/topic.hpp"
#include "codec/codec.hpp"
#include "codec/property.hpp"
#include "codec/rule.hpp"
#include "codec/wire.hpp"

#include <string_view>
#include <vector>

namespace holdfast::codec {

enum class Receiver : bool { server, client };

/// Becomes a default packet inside the result that is made from it. Moving one in copies it, and
/// in_place_value zeroes every byte before it initialises: either costs more than reading a PUBLISH.
template <class Packet>
struct MadeInPlace {
    operator Packet() const { return {}; }
};

/// Whether the packet may carry the code: the tables of reason codes in MQTT 5, chapter 3.
[[nodiscard]] bool is_reason_of(PacketType packet, ReasonCode reason);

/// Reads a reason code and breaks `rule` unless the packet may carry it.
[[nodiscard]] inline ReasonCode read_reason(Reader& in, PacketType packet, const Rule& rule) {
    const auto reason = static_cast<ReasonCode>(in.u8());
    in.require(is_reason_of(packet, reason), rule);
    return reason;
}

/// The property block of packets that have a Reason String and User Properties, nothing else.
template <class Packet>
void read_explanation(Reader& in, PacketType type, const DecodeLimits& limits, Packet& packet) {
    PropertyReader properties{in, type, limits.user_properties_max};
    while (properties.next()) {
        switch (properties.id()) {
            case PropertyId::reason_string: packet.reason_string = in.string(); break;
            default: properties.refuse();
        }
    }
    packet.user_properties = properties.user_properties();
}

/// The Response Topic of a PUBLISH or a Will.
[[nodiscard]] inline std::string_view read_response_topic(Reader& in) {
    const std::string_view topic = in.string();                        // [MQTT5-3.3.2-13]
    in.require(!has_wildcard(topic), rules::response_topic_wildcard);  // [MQTT5-3.3.2-14]
    return topic;
}

[[nodiscard]] Decoded<Publish> decode_publish_for(Receiver receiver, ProtocolVersion version,
                                                  const Frame& frame, const DecodeLimits& limits);
[[nodiscard]] Decoded<Disconnect> decode_disconnect_for(Receiver receiver, ProtocolVersion version,
                                                        const Frame& frame,
                                                        const DecodeLimits& limits);

[[nodiscard]] Decoded<Connack> decode_connack(ProtocolVersion version, const Frame& frame,
                                              const DecodeLimits& limits);
[[nodiscard]] Decoded<Suback> decode_suback(ProtocolVersion version, const Frame& frame,
                                            const DecodeLimits& limits,
                                            std::vector<ReasonCode>& reasons);
[[nodiscard]] Decoded<Unsuback> decode_unsuback(ProtocolVersion version, const Frame& frame,
                                                const DecodeLimits& limits,
                                                std::vector<ReasonCode>& reasons);
[[nodiscard]] Decoded<Pingresp> decode_pingresp(const Frame& frame);

}  // namespace holdfast::codec
