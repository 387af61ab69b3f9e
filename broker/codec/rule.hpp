#pragma once
// What decoders enforce, one named constant per rule: the reason the peer is told, the clause in
// MQTT 5 and in 3.1.1 (also quoted for 3.1; empty where none is numbered) and the cause in words.
// A Rule with a version makes a Violation.

#include "codec/packet.hpp"
#include "codec/violation.hpp"

#include <string_view>

namespace holdfast::codec {

struct Rule {
    ReasonCode reason;
    std::string_view clause_5;
    std::string_view clause_3;
    std::string_view cause;
};

constexpr Violation broken(const Rule& rule, ProtocolVersion version) {
    const bool is_v5 = version == ProtocolVersion::v5;
    return {rule.reason, is_v5 ? rule.clause_5 : rule.clause_3, rule.cause};
}

namespace rules {

using enum ReasonCode;

// Encoding
inline constexpr Rule cut_short{malformed_packet, "", "", "A field ends beyond the packet."};
inline constexpr Rule trailing_bytes{malformed_packet, "", "", "Bytes follow the last field."};
inline constexpr Rule string_not_utf8{malformed_packet, "MQTT5-1.5.4-1", "MQTT3-1.5.3-1",
                                      "A string is not well-formed UTF-8."};
inline constexpr Rule string_has_nul{malformed_packet, "MQTT5-1.5.4-2", "MQTT3-1.5.3-2",
                                     "A string contains U+0000."};
inline constexpr Rule integer_too_long{malformed_packet, "", "",
                                       "A Variable Byte Integer has more than four bytes."};
inline constexpr Rule integer_not_shortest{malformed_packet, "MQTT5-1.5.5-1", "",
                                           "A Variable Byte Integer has more bytes than it needs."};

// Any packet
inline constexpr Rule wrong_flags{
    malformed_packet, "MQTT5-2.1.3-1", "MQTT3-2.2.2-1",
    "Reserved flags of the fixed header have other values than listed."};
inline constexpr Rule reserved_type{malformed_packet, "", "", "Packet type 0 is reserved."};
inline constexpr Rule wrong_role{protocol_error, "", "",
                                 "The peer's role never sends this packet."};
inline constexpr Rule too_large{packet_too_large, "MQTT5-3.2.2-15", "",
                                "The packet is larger than the maximum."};
inline constexpr Rule packet_id_zero{protocol_error, "MQTT5-2.2.1-3", "MQTT3-2.3.1-1",
                                     "The Packet Identifier is 0."};
inline constexpr Rule acknowledged_id_zero{protocol_error, "MQTT5-2.2.1-5", "MQTT3-2.3.1-6",
                                           "The acknowledged Packet Identifier is 0."};

// Properties
inline constexpr Rule property_misplaced{malformed_packet, "", "",
                                         "A property is unknown or not one of this packet's."};
inline constexpr Rule property_repeated{protocol_error, "", "",
                                        "A property that may appear once appears twice."};
inline constexpr Rule property_not_boolean{protocol_error, "", "",
                                           "A property with the values 0 and 1 has another one."};
inline constexpr Rule property_zero{protocol_error, "", "", "A property that must not be 0 is 0."};
inline constexpr Rule too_many_user_properties{quota_exceeded, "", "",
                                               "The packet has more User Properties than allowed."};
inline constexpr Rule authentication_data_alone{
    protocol_error, "", "", "Authentication Data comes without an Authentication Method."};
inline constexpr Rule authentication_method_missing{protocol_error, "", "",
                                                    "AUTH names no Authentication Method."};

// CONNECT
inline constexpr Rule protocol_name{unsupported_protocol_version, "MQTT5-3.1.2-1", "MQTT3-3.1.2-1",
                                    "The protocol name is neither MQTT nor MQIsdp."};
inline constexpr Rule protocol_level{unsupported_protocol_version, "MQTT5-3.1.2-2", "MQTT3-3.1.2-2",
                                     "The protocol version is not supported."};
inline constexpr Rule connect_flag_reserved{malformed_packet, "MQTT5-3.1.2-3", "MQTT3-3.1.2-3",
                                            "The reserved flag of CONNECT is set."};
inline constexpr Rule will_fields_missing{malformed_packet, "MQTT5-3.1.2-9", "MQTT3-3.1.2-9",
                                          "The Will Flag is set and the Will is missing."};
inline constexpr Rule will_qos_without_will{malformed_packet, "MQTT5-3.1.2-11", "MQTT3-3.1.2-13",
                                            "The Will QoS is set without the Will Flag."};
inline constexpr Rule will_qos_3{malformed_packet, "MQTT5-3.1.2-12", "MQTT3-3.1.2-14",
                                 "The Will QoS is 3."};
inline constexpr Rule will_retain_without_will{malformed_packet, "MQTT5-3.1.2-13", "MQTT3-3.1.2-15",
                                               "Will Retain is set without the Will Flag."};
inline constexpr Rule user_name_unannounced{malformed_packet, "MQTT5-3.1.2-16", "MQTT3-3.1.2-18",
                                            "The User Name Flag is 0 and bytes are left over."};
inline constexpr Rule user_name_missing{malformed_packet, "MQTT5-3.1.2-17", "MQTT3-3.1.2-19",
                                        "The User Name Flag is set and the User Name is missing."};
inline constexpr Rule password_unannounced{malformed_packet, "MQTT5-3.1.2-18", "MQTT3-3.1.2-20",
                                           "The Password Flag is 0 and bytes are left over."};
inline constexpr Rule password_missing{malformed_packet, "MQTT5-3.1.2-19", "MQTT3-3.1.2-21",
                                       "The Password Flag is set and the Password is missing."};
inline constexpr Rule password_without_user_name{malformed_packet, "", "MQTT3-3.1.2-22",
                                                 "The Password Flag is set without a User Name."};
inline constexpr Rule client_id_missing{malformed_packet, "MQTT5-3.1.3-3", "MQTT3-3.1.3-3",
                                        "The Client Identifier is missing."};

// Topics
inline constexpr Rule topic_empty{topic_name_invalid, "MQTT5-4.7.3-1", "MQTT3-4.7.3-1",
                                  "The Topic Name is empty."};
inline constexpr Rule topic_wildcard{topic_name_invalid, "MQTT5-3.3.2-2", "MQTT3-3.3.2-2",
                                     "The Topic Name contains a wildcard."};
inline constexpr Rule will_topic_wildcard{topic_name_invalid, "MQTT5-4.7.0-1", "MQTT3-4.7.1-1",
                                          "The Will Topic contains a wildcard."};
inline constexpr Rule topic_too_deep{topic_name_invalid, "", "",
                                     "The Topic Name has more levels than allowed."};
inline constexpr Rule response_topic_wildcard{protocol_error, "MQTT5-3.3.2-14", "",
                                              "The Response Topic contains a wildcard."};

// PUBLISH
inline constexpr Rule publish_qos_3{malformed_packet, "MQTT5-3.3.1-4", "MQTT3-3.3.1-4",
                                    "PUBLISH has QoS 3."};
inline constexpr Rule publish_dup_qos_0{malformed_packet, "MQTT5-3.3.1-2", "MQTT3-3.3.1-2",
                                        "PUBLISH with QoS 0 has DUP set."};
inline constexpr Rule topic_and_alias_missing{
    protocol_error, "MQTT5-4.7.3-1", "MQTT3-4.7.3-1",
    "The Topic Name is empty and no Topic Alias names it."};
inline constexpr Rule topic_alias_zero{topic_alias_invalid, "MQTT5-3.3.2-8", "",
                                       "The Topic Alias is 0."};
inline constexpr Rule subscription_identifier_from_client{
    protocol_error, "MQTT5-3.3.4-6", "", "PUBLISH from a client has a Subscription Identifier."};

// SUBSCRIBE and UNSUBSCRIBE
inline constexpr Rule subscribe_flags{malformed_packet, "MQTT5-3.8.1-1", "MQTT3-3.8.1-1",
                                      "The fixed header flags of SUBSCRIBE are not 0010."};
inline constexpr Rule subscribe_empty{protocol_error, "MQTT5-3.8.3-2", "MQTT3-3.8.3-3",
                                      "SUBSCRIBE holds no Topic Filter."};
inline constexpr Rule options_reserved{malformed_packet, "MQTT5-3.8.3-5", "MQTT3-3.8.3-4",
                                       "Reserved bits of the Subscription Options are set."};
inline constexpr Rule options_qos_3{protocol_error, "", "MQTT3-3.8.3-4", "The requested QoS is 3."};
inline constexpr Rule options_retain_handling_3{protocol_error, "", "", "Retain Handling is 3."};
inline constexpr Rule no_local_shared{protocol_error, "MQTT5-3.8.3-4", "",
                                      "No Local is set on a Shared Subscription."};
inline constexpr Rule unsubscribe_flags{malformed_packet, "MQTT5-3.10.1-1", "MQTT3-3.10.1-1",
                                        "The fixed header flags of UNSUBSCRIBE are not 0010."};
inline constexpr Rule unsubscribe_empty{protocol_error, "MQTT5-3.10.3-2", "MQTT3-3.10.3-2",
                                        "UNSUBSCRIBE holds no Topic Filter."};
inline constexpr Rule too_many_filters{quota_exceeded, "", "",
                                       "The packet has more Topic Filters than allowed."};

// Acknowledgements, DISCONNECT, AUTH
inline constexpr Rule puback_reason{protocol_error, "MQTT5-3.4.2-1", "",
                                    "The reason code is none of PUBACK's."};
inline constexpr Rule pubrec_reason{protocol_error, "MQTT5-3.5.2-1", "",
                                    "The reason code is none of PUBREC's."};
inline constexpr Rule pubrel_flags{malformed_packet, "MQTT5-3.6.1-1", "MQTT3-3.6.1-1",
                                   "The fixed header flags of PUBREL are not 0010."};
inline constexpr Rule pubrel_reason{protocol_error, "MQTT5-3.6.2-1", "",
                                    "The reason code is none of PUBREL's."};
inline constexpr Rule pubcomp_reason{protocol_error, "MQTT5-3.7.2-1", "",
                                     "The reason code is none of PUBCOMP's."};
inline constexpr Rule disconnect_flags{malformed_packet, "MQTT5-3.14.1-1", "MQTT3-3.14.1-1",
                                       "The fixed header flags of DISCONNECT are not 0."};
inline constexpr Rule disconnect_reason{protocol_error, "MQTT5-3.14.2-1", "",
                                        "The reason code is none of DISCONNECT's."};
inline constexpr Rule session_expiry_from_server{
    protocol_error, "MQTT5-3.14.2-2", "", "DISCONNECT of a server has a Session Expiry Interval."};
inline constexpr Rule auth_before_v5{malformed_packet, "", "MQTT3-2.2.2-1",
                                     "Packet type 15 is reserved before MQTT 5."};
inline constexpr Rule auth_flags{malformed_packet, "MQTT5-3.15.1-1", "",
                                 "The fixed header flags of AUTH are not 0."};
inline constexpr Rule auth_reason{protocol_error, "MQTT5-3.15.2-1", "",
                                  "The reason code is none of AUTH's."};

// What only a client receives
inline constexpr Rule connack_flags{malformed_packet, "MQTT5-3.2.2-1", "",
                                    "Reserved acknowledge flags of CONNACK are set."};
inline constexpr Rule connack_reason{protocol_error, "MQTT5-3.2.2-8", "MQTT3-3.2.2-6",
                                     "The reason code is none of CONNACK's."};
inline constexpr Rule session_present_refused{protocol_error, "MQTT5-3.2.2-6", "MQTT3-3.2.2-4",
                                              "CONNACK refuses and has Session Present."};
inline constexpr Rule suback_reason{protocol_error, "MQTT5-3.9.3-2", "MQTT3-3.9.3-2",
                                    "A reason code is none of SUBACK's."};
inline constexpr Rule unsuback_reason{protocol_error, "MQTT5-3.11.3-2", "",
                                      "A reason code is none of UNSUBACK's."};
inline constexpr Rule reasons_missing{protocol_error, "", "", "The packet has no reason code."};

}  // namespace rules
}  // namespace holdfast::codec
