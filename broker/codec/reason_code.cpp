#include "codec/reason_code.hpp"

#include "codec/decode.hpp"

#include <array>
#include <cstddef>

namespace holdfast::codec {

namespace {

using enum ReasonCode;

template <class... Packets>
constexpr std::uint16_t in(Packets... packets) {
    return static_cast<std::uint16_t>(((1U << static_cast<unsigned>(packets)) | ...));
}

constexpr PacketType connack = PacketType::connack;
constexpr PacketType suback = PacketType::suback;
constexpr PacketType unsuback = PacketType::unsuback;
constexpr PacketType disconnect = PacketType::disconnect;
constexpr PacketType auth = PacketType::auth;
constexpr std::uint16_t in_publish_answers = in(PacketType::puback, PacketType::pubrec);
constexpr std::uint16_t in_releases = in(PacketType::pubrel, PacketType::pubcomp);
constexpr std::uint16_t in_closing = in(connack, disconnect);
constexpr std::uint16_t in_refusals = in_closing | in_publish_answers | in(suback, unsuback);

struct Entry {
    ReasonCode code;
    std::string_view name;
    std::uint16_t packets;  ///< bit n: the packet of type n may carry it
};

// MQTT 5, table 2-6 and the tables of chapter 3
constexpr Entry entries[] = {
    {success, "success",
     in_publish_answers | in_releases | in(connack, suback, unsuback, disconnect, auth)},
    {granted_qos_1, "granted_qos_1", in(suback)},
    {granted_qos_2, "granted_qos_2", in(suback)},
    {disconnect_with_will_message, "disconnect_with_will_message", in(disconnect)},
    {no_matching_subscribers, "no_matching_subscribers", in_publish_answers},
    {no_subscription_existed, "no_subscription_existed", in(unsuback)},
    {continue_authentication, "continue_authentication", in(auth)},
    {re_authenticate, "re_authenticate", in(auth)},
    {unspecified_error, "unspecified_error", in_refusals},
    {malformed_packet, "malformed_packet", in_closing},
    {protocol_error, "protocol_error", in_closing},
    {implementation_specific_error, "implementation_specific_error", in_refusals},
    {unsupported_protocol_version, "unsupported_protocol_version", in(connack)},
    {client_identifier_not_valid, "client_identifier_not_valid", in(connack)},
    {bad_user_name_or_password, "bad_user_name_or_password", in(connack)},
    {not_authorized, "not_authorized", in_refusals},
    {server_unavailable, "server_unavailable", in(connack)},
    {server_busy, "server_busy", in_closing},
    {banned, "banned", in(connack)},
    {server_shutting_down, "server_shutting_down", in(disconnect)},
    {bad_authentication_method, "bad_authentication_method", in_closing},
    {keep_alive_timeout, "keep_alive_timeout", in(disconnect)},
    {session_taken_over, "session_taken_over", in(disconnect)},
    {topic_filter_invalid, "topic_filter_invalid", in(suback, unsuback, disconnect)},
    {topic_name_invalid, "topic_name_invalid", in_closing | in_publish_answers},
    {packet_identifier_in_use, "packet_identifier_in_use",
     in_publish_answers | in(suback, unsuback)},
    {packet_identifier_not_found, "packet_identifier_not_found", in_releases},
    {receive_maximum_exceeded, "receive_maximum_exceeded", in(disconnect)},
    {topic_alias_invalid, "topic_alias_invalid", in(disconnect)},
    {packet_too_large, "packet_too_large", in_closing},
    {message_rate_too_high, "message_rate_too_high", in(disconnect)},
    {quota_exceeded, "quota_exceeded", in_closing | in_publish_answers | in(suback)},
    {administrative_action, "administrative_action", in(disconnect)},
    {payload_format_invalid, "payload_format_invalid", in_closing | in_publish_answers},
    {retain_not_supported, "retain_not_supported", in_closing},
    {qos_not_supported, "qos_not_supported", in_closing},
    {use_another_server, "use_another_server", in_closing},
    {server_moved, "server_moved", in_closing},
    {shared_subscriptions_not_supported, "shared_subscriptions_not_supported",
     in(suback, disconnect)},
    {connection_rate_exceeded, "connection_rate_exceeded", in_closing},
    {maximum_connect_time, "maximum_connect_time", in(disconnect)},
    {subscription_identifiers_not_supported, "subscription_identifiers_not_supported",
     in(suback, disconnect)},
    {wildcard_subscriptions_not_supported, "wildcard_subscriptions_not_supported",
     in(suback, disconnect)},
};

constexpr std::array<const Entry*, 256> by_code = [] {
    std::array<const Entry*, 256> table{};
    for (const Entry& entry : entries) table[static_cast<std::size_t>(entry.code)] = &entry;
    return table;
}();

}  // namespace

std::string_view to_string(ReasonCode code) {
    const Entry* entry = by_code[static_cast<std::size_t>(code)];
    return entry == nullptr ? "unknown" : entry->name;
}

bool is_reason_of(PacketType packet, ReasonCode reason) {
    const Entry* entry = by_code[static_cast<std::size_t>(reason)];
    return entry != nullptr && (entry->packets >> static_cast<unsigned>(packet) & 1U) != 0;
}

ConnectReturnCode to_return_code(ReasonCode code) {
    switch (code) {
        case success: return ConnectReturnCode::accepted;
        case unsupported_protocol_version: return ConnectReturnCode::unacceptable_protocol_version;
        case client_identifier_not_valid: return ConnectReturnCode::identifier_rejected;
        case bad_user_name_or_password: return ConnectReturnCode::bad_user_name_or_password;
        case not_authorized:
        case banned:
        case bad_authentication_method: return ConnectReturnCode::not_authorized;
        default: return ConnectReturnCode::server_unavailable;
    }
}

}  // namespace holdfast::codec
