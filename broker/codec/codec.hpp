#pragma once
// Control Packets from and to bytes. Decoders take the flags and the body of one frame and read
// straight down; the first violation is returned with the clause it breaks. Encoders append one
// whole packet to a buffer. No state: topic aliases, identifiers and order of packets belong to session.
//
// Decoders check everything that the packet alone can show: reserved flags and bits, lengths, UTF-8,
// property identifiers that are unknown, twice there or in the wrong packet, values out of range,
// Packet Identifier 0, trailing bytes. Topic Names and Filters are checked for UTF-8 and, in
// PUBLISH and Will, for wildcards and emptiness; a filter's form is judged by session, which must
// answer it in the SUBACK. `user_properties_max` bounds the number of User Properties.

#include "base/bytes.hpp"
#include "base/limits.hpp"
#include "base/message.hpp"
#include "codec/framer.hpp"
#include "codec/packet.hpp"
#include "codec/violation.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace holdfast::codec {

/// The bounds a decoder enforces; filled from Limits.
struct DecodeLimits {
    std::size_t user_properties_max = 128;
    std::size_t topic_levels_max = 128;
    std::size_t subscriptions_per_packet_max = 1'000;
};

// What a server receives.
[[nodiscard]] Decoded<Connect> decode_connect(const Frame& frame, const DecodeLimits& limits);
[[nodiscard]] Decoded<Publish> decode_publish(ProtocolVersion version, const Frame& frame,
                                              const DecodeLimits& limits);
[[nodiscard]] Decoded<Puback> decode_puback(ProtocolVersion version, const Frame& frame,
                                            const DecodeLimits& limits);
[[nodiscard]] Decoded<Pubrec> decode_pubrec(ProtocolVersion version, const Frame& frame,
                                            const DecodeLimits& limits);
[[nodiscard]] Decoded<Pubrel> decode_pubrel(ProtocolVersion version, const Frame& frame,
                                            const DecodeLimits& limits);
[[nodiscard]] Decoded<Pubcomp> decode_pubcomp(ProtocolVersion version, const Frame& frame,
                                              const DecodeLimits& limits);
[[nodiscard]] Decoded<Subscribe> decode_subscribe(ProtocolVersion version, const Frame& frame,
                                                  const DecodeLimits& limits);
[[nodiscard]] Decoded<Unsubscribe> decode_unsubscribe(ProtocolVersion version, const Frame& frame,
                                                      const DecodeLimits& limits);
[[nodiscard]] Decoded<Pingreq> decode_pingreq(const Frame& frame);
[[nodiscard]] Decoded<Disconnect> decode_disconnect(ProtocolVersion version, const Frame& frame,
                                                    const DecodeLimits& limits);
[[nodiscard]] Decoded<Auth> decode_auth(ProtocolVersion version, const Frame& frame,
                                        const DecodeLimits& limits);

/// Any packet as a server sees it: packets that only a server may send are a protocol_error, the
/// reserved type 0 and AUTH before 5.0 are malformed. CONNECT ignores `version`.
[[nodiscard]] Decoded<Packet> decode_from_client(ProtocolVersion version, const Frame& frame,
                                                 const DecodeLimits& limits);
/// Any packet as a client sees it: for tests and tools. `reasons` keeps SUBACK/UNSUBACK codes alive.
[[nodiscard]] Decoded<Packet> decode_from_server(ProtocolVersion version, const Frame& frame,
                                                 std::vector<ReasonCode>& reasons);

// What a server sends. Where the packet would exceed `packet_bytes_max`, the reason string and then
// the user properties are left out [MQTT5-3.2.2-19] [MQTT5-3.4.2-2]; what still exceeds it is not
// written and false is returned.
bool encode(ByteBuffer& out, ProtocolVersion version, const Connack& packet,
            std::size_t packet_bytes_max = unlimited);
template <PacketType Type>
bool encode(ByteBuffer& out, ProtocolVersion version, const Acknowledgement<Type>& packet,
            std::size_t packet_bytes_max = unlimited);
bool encode(ByteBuffer& out, ProtocolVersion version, const Suback& packet,
            std::size_t packet_bytes_max = unlimited);
bool encode(ByteBuffer& out, ProtocolVersion version, const Unsuback& packet,
            std::size_t packet_bytes_max = unlimited);
bool encode(ByteBuffer& out, ProtocolVersion version, const Disconnect& packet,
            std::size_t packet_bytes_max = unlimited);
bool encode(ByteBuffer& out, ProtocolVersion version, const Auth& packet,
            std::size_t packet_bytes_max = unlimited);
void encode(ByteBuffer& out, const Pingresp& packet);

/// How one subscriber gets a message.
struct PublishOptions {
    QoS qos = QoS::at_most_once;
    bool dup = false;
    bool retain = false;
    PacketId packet_id = 0;                               ///< for QoS 1 and 2
    std::optional<std::uint32_t> message_expiry_interval{}; ///< seconds that remain
    std::uint16_t topic_alias = 0;                        ///< 0: none
    bool omit_topic = false;                              ///< the peer knows the alias
    std::span<const std::uint32_t> subscription_identifiers{};
};

/// Size of the whole packet, to compare with the peer's Maximum Packet Size before anything is written.
[[nodiscard]] std::size_t publish_size(ProtocolVersion version, const ApplicationMessage& message,
                                       const PublishOptions& options);
/// Appends the packet. `encode_publish_header` leaves the payload out, for a gathered write.
void encode_publish(ByteBuffer& out, ProtocolVersion version, const ApplicationMessage& message,
                    const PublishOptions& options);
void encode_publish_header(ByteBuffer& out, ProtocolVersion version,
                           const ApplicationMessage& message, const PublishOptions& options);

/// The properties of an inbound PUBLISH or Will that are passed on, in wire form, appended to `out`.
void encode_forwarded_properties(ByteBuffer& out, const PublishProperties& properties);
void encode_forwarded_properties(ByteBuffer& out, const WillProperties& properties);

// What a client sends: for tests, scripts and load tools; the server never calls these.
void encode(ByteBuffer& out, const Connect& packet);
void encode(ByteBuffer& out, ProtocolVersion version, const Publish& packet);
void encode_subscribe(ByteBuffer& out, ProtocolVersion version, PacketId packet_id,
                      std::span<const SubscriptionRequest> requests,
                      std::uint32_t subscription_identifier = 0);
void encode_unsubscribe(ByteBuffer& out, ProtocolVersion version, PacketId packet_id,
                        std::span<const std::string_view> filters);
void encode(ByteBuffer& out, const Pingreq& packet);

}  // namespace holdfast::codec
