#pragma once
// One struct per Control Packet of MQTT 3.1, 3.1.1 and 5.0 (chapters 3). Decoded packets are views:
// strings, payload and property blocks point into the bytes they were decoded from and live as long.
// Fields that a version lacks hold what that version implies (no properties, success).

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/subscription.hpp"
#include "codec/packet_type.hpp"
#include "codec/reason_code.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

namespace holdfast::codec {

struct WillProperties {
    std::uint32_t will_delay_interval = 0;  ///< seconds
    std::optional<bool> payload_format_indicator{};
    std::optional<std::uint32_t> message_expiry_interval{};  ///< seconds
    std::optional<std::string_view> content_type{};
    std::optional<std::string_view> response_topic{};
    std::optional<ByteView> correlation_data{};
    UserProperties user_properties{};
};

struct Will {
    std::string_view topic{};
    ByteView payload{};
    QoS qos = QoS::at_most_once;
    bool retain = false;
    WillProperties properties{};
};

struct ConnectProperties {
    std::optional<std::uint32_t> session_expiry_interval{};  ///< seconds, 0xFFFFFFFF: never
    std::optional<std::uint16_t> receive_maximum{};
    std::optional<std::uint32_t> maximum_packet_size{};
    std::optional<std::uint16_t> topic_alias_maximum{};
    bool request_response_information = false;
    bool request_problem_information = true;
    std::optional<std::string_view> authentication_method{};
    std::optional<ByteView> authentication_data{};
    UserProperties user_properties{};
};

struct Connect {
    ProtocolVersion version = ProtocolVersion::v5;
    bool clean_start = true;  ///< Clean Session in 3.1 and 3.1.1
    std::uint16_t keep_alive = 0;  ///< seconds, 0: none
    std::string_view client_id{};
    std::optional<Will> will{};
    std::optional<std::string_view> user_name{};
    std::optional<ByteView> password{};
    ConnectProperties properties{};
};

struct Connack {
    bool session_present = false;
    ReasonCode reason = ReasonCode::success;
    // Properties, MQTT 5 only
    std::optional<std::uint32_t> session_expiry_interval{};
    std::optional<std::uint16_t> receive_maximum{};
    std::optional<QoS> maximum_qos{};
    std::optional<bool> retain_available{};
    std::optional<std::uint32_t> maximum_packet_size{};
    std::optional<std::string_view> assigned_client_identifier{};
    std::optional<std::uint16_t> topic_alias_maximum{};
    std::optional<std::string_view> reason_string{};
    std::optional<bool> wildcard_subscription_available{};
    std::optional<bool> subscription_identifiers_available{};
    std::optional<bool> shared_subscription_available{};
    std::optional<std::uint16_t> server_keep_alive{};
    std::optional<std::string_view> response_information{};
    std::optional<std::string_view> server_reference{};
    std::optional<std::string_view> authentication_method{};
    std::optional<ByteView> authentication_data{};
    UserProperties user_properties{};
};

struct PublishProperties {
    std::optional<bool> payload_format_indicator{};
    std::optional<std::uint32_t> message_expiry_interval{};  ///< seconds
    std::optional<std::uint16_t> topic_alias{};
    std::optional<std::string_view> response_topic{};
    std::optional<ByteView> correlation_data{};
    std::optional<std::string_view> content_type{};
    UserProperties user_properties{};
    /// Some property besides Topic Alias and Message Expiry Interval is there: it is passed on.
    bool has_forwarded = false;
    /// Subscription Identifiers: never in a packet to a server; the first one when decoding as a client.
    std::uint32_t subscription_identifier = 0;
};

struct Publish {
    bool dup = false;
    QoS qos = QoS::at_most_once;
    bool retain = false;
    std::string_view topic{};  ///< empty: the topic alias names it
    PacketId packet_id = 0;  ///< 0 for QoS 0
    PublishProperties properties{};
    ByteView payload{};
};

/// PUBACK, PUBREC, PUBREL, PUBCOMP have the same fields; the tag keeps them apart.
template <PacketType Type>
struct Acknowledgement {
    static constexpr PacketType type = Type;
    PacketId packet_id = 0;
    ReasonCode reason = ReasonCode::success;
    std::optional<std::string_view> reason_string{};
    UserProperties user_properties{};
};
using Puback = Acknowledgement<PacketType::puback>;
using Pubrec = Acknowledgement<PacketType::pubrec>;
using Pubrel = Acknowledgement<PacketType::pubrel>;
using Pubcomp = Acknowledgement<PacketType::pubcomp>;

struct SubscriptionRequest {
    std::string_view filter{};
    SubscriptionOptions options{};
};

/// The filters are checked for form (UTF-8, options) and read one after the other with for_each.
struct Subscribe {
    PacketId packet_id = 0;
    std::uint32_t subscription_identifier = 0;  ///< 0: none
    UserProperties user_properties{};
    ByteView filter_block{};
    std::size_t filter_count = 0;
    template <class Visit>  ///< visit(SubscriptionRequest)
    void for_each(Visit&& visit) const;
};

struct Suback {
    PacketId packet_id = 0;
    std::optional<std::string_view> reason_string{};
    UserProperties user_properties{};
    std::span<const ReasonCode> reasons{};
};

struct Unsubscribe {
    PacketId packet_id = 0;
    UserProperties user_properties{};
    ByteView filter_block{};
    std::size_t filter_count = 0;
    template <class Visit>  ///< visit(std::string_view)
    void for_each(Visit&& visit) const;
};

struct Unsuback {
    PacketId packet_id = 0;
    std::optional<std::string_view> reason_string{};
    UserProperties user_properties{};
    std::span<const ReasonCode> reasons{};  ///< not sent to 3.1.1
};

struct Pingreq {};
struct Pingresp {};

struct Disconnect {
    ReasonCode reason = ReasonCode::success;
    std::optional<std::uint32_t> session_expiry_interval{};
    std::optional<std::string_view> reason_string{};
    std::optional<std::string_view> server_reference{};
    UserProperties user_properties{};
};

struct Auth {
    ReasonCode reason = ReasonCode::success;
    std::optional<std::string_view> authentication_method{};
    std::optional<ByteView> authentication_data{};
    std::optional<std::string_view> reason_string{};
    UserProperties user_properties{};
};

/// What a server may receive, and what it may send, in one type: tests and fuzzers use it whole.
using Packet = std::variant<Connect, Connack, Publish, Puback, Pubrec, Pubrel, Pubcomp, Subscribe,
                            Suback, Unsubscribe, Unsuback, Pingreq, Pingresp, Disconnect, Auth>;

}  // namespace holdfast::codec

#include "codec/packet_views.hpp"  // the for_each templates
