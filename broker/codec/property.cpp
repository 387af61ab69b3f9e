#include "codec/property.hpp"

#include <array>

namespace holdfast::codec {

namespace {

using enum PropertyId;
using enum PropertyType;

template <class... Packets>
constexpr std::uint16_t in(Packets... packets) {
    return static_cast<std::uint16_t>(((1U << static_cast<unsigned>(packets)) | ...));
}

constexpr PacketType connect = PacketType::connect;
constexpr PacketType connack = PacketType::connack;
constexpr PacketType publish = PacketType::publish;
constexpr PacketType subscribe = PacketType::subscribe;
constexpr PacketType disconnect = PacketType::disconnect;
constexpr PacketType auth = PacketType::auth;
constexpr PacketType will = will_properties;

constexpr std::uint16_t in_answers =
    in(connack, PacketType::puback, PacketType::pubrec, PacketType::pubrel, PacketType::pubcomp,
       PacketType::suback, PacketType::unsuback, disconnect, auth);
constexpr std::uint16_t in_all =
    in_answers | in(connect, publish, will, subscribe, PacketType::unsubscribe);

// MQTT 5, table 2-4
constexpr Property property_table[] = {
    {payload_format_indicator, byte, "Payload Format Indicator", in(publish, will)},
    {message_expiry_interval, four_byte_integer, "Message Expiry Interval", in(publish, will)},
    {content_type, utf8_string, "Content Type", in(publish, will)},
    {response_topic, utf8_string, "Response Topic", in(publish, will)},
    {correlation_data, binary_data, "Correlation Data", in(publish, will)},
    {subscription_identifier, variable_byte_integer, "Subscription Identifier",
     in(publish, subscribe)},
    {session_expiry_interval, four_byte_integer, "Session Expiry Interval",
     in(connect, connack, disconnect)},
    {assigned_client_identifier, utf8_string, "Assigned Client Identifier", in(connack)},
    {server_keep_alive, two_byte_integer, "Server Keep Alive", in(connack)},
    {authentication_method, utf8_string, "Authentication Method", in(connect, connack, auth)},
    {authentication_data, binary_data, "Authentication Data", in(connect, connack, auth)},
    {request_problem_information, byte, "Request Problem Information", in(connect)},
    {will_delay_interval, four_byte_integer, "Will Delay Interval", in(will)},
    {request_response_information, byte, "Request Response Information", in(connect)},
    {response_information, utf8_string, "Response Information", in(connack)},
    {server_reference, utf8_string, "Server Reference", in(connack, disconnect)},
    {reason_string, utf8_string, "Reason String", in_answers},
    {receive_maximum, two_byte_integer, "Receive Maximum", in(connect, connack)},
    {topic_alias_maximum, two_byte_integer, "Topic Alias Maximum", in(connect, connack)},
    {topic_alias, two_byte_integer, "Topic Alias", in(publish)},
    {maximum_qos, byte, "Maximum QoS", in(connack)},
    {retain_available, byte, "Retain Available", in(connack)},
    {user_property, utf8_string_pair, "User Property", in_all, true},
    {maximum_packet_size, four_byte_integer, "Maximum Packet Size", in(connect, connack)},
    {wildcard_subscription_available, byte, "Wildcard Subscription Available", in(connack)},
    {subscription_identifiers_available, byte, "Subscription Identifiers Available", in(connack)},
    {shared_subscription_available, byte, "Shared Subscription Available", in(connack)},
};

constexpr std::size_t ids_end = 64;  // one bit each in PropertyReader::seen_

constexpr std::array<const Property*, ids_end> by_id = [] {
    std::array<const Property*, ids_end> table{};
    for (const Property& property : property_table) {
        table[static_cast<std::size_t>(property.id)] = &property;
    }
    return table;
}();

void skip_value(Reader& in, PropertyType type) {
    switch (type) {
        case byte: (void)in.u8(); return;
        case two_byte_integer: (void)in.u16(); return;
        case four_byte_integer: (void)in.u32(); return;
        case variable_byte_integer: (void)in.variable_byte_integer(); return;
        case utf8_string:
        case binary_data: (void)in.binary(); return;
        case utf8_string_pair:
            (void)in.binary();
            (void)in.binary();
            return;
    }
}

}  // namespace

const Property* find_property(std::uint32_t id) { return id < ids_end ? by_id[id] : nullptr; }

PropertyReader::PropertyReader(Reader& in, PacketType packet, std::size_t user_properties_max)
    : in_(in), user_properties_max_(user_properties_max), packet_(packet) {
    outer_end_ = in_.narrow(in_.variable_byte_integer());
    block_ = in_.ahead();
}

bool PropertyReader::next() {
    while (!in_.at_end()) {
        const std::uint32_t id = in_.variable_byte_integer();
        if (!accept(id)) return false;
        id_ = static_cast<PropertyId>(id);
        if (id_ != user_property) return true;
        read_user_property();
    }
    in_.widen(outer_end_);
    return false;
}

bool PropertyReader::accept(std::uint32_t id) {
    if (in_.failed()) return false;
    const Property* property = find_property(id);
    if (property == nullptr || !property->belongs_to(packet_)) {
        in_.fail(rules::property_misplaced);
        return false;
    }
    const std::uint64_t bit = std::uint64_t{1} << id;
    // Several subscriptions may match one message: PUBLISH alone repeats their identifiers.
    const bool may_repeat =
        property->may_repeat || (property->id == subscription_identifier && packet_ == publish);
    in_.require(may_repeat || (seen_ & bit) == 0, rules::property_repeated);
    seen_ |= bit;
    return !in_.failed();
}

void PropertyReader::read_user_property() {
    (void)in_.string();  // [MQTT5-1.5.7-1]
    (void)in_.string();
    ++user_properties_;
    in_.require(user_properties_ <= user_properties_max_, rules::too_many_user_properties);
}

UserPropertyCursor::UserPropertyCursor(const UserProperties& properties)
    : list_(properties.list_), block_(properties.block_) {}

bool UserPropertyCursor::next(UserProperty& property) {
    if (!list_.empty()) {
        property = list_.front();
        list_ = list_.subspan(1);
        return true;
    }
    Reader in{block_, ProtocolVersion::v5};
    while (!in.at_end()) {
        const Property* found = find_property(in.variable_byte_integer());
        if (found == nullptr) break;  // not a checked block: nothing can be read from it
        if (found->id != user_property) {
            skip_value(in, found->type);
            continue;
        }
        property.name = in.unchecked_string();
        property.value = in.unchecked_string();
        block_ = in.ahead();
        return !in.failed();
    }
    block_ = {};
    return false;
}

bool UserProperties::empty() const {
    if (list_.empty() && block_.empty()) return true;
    UserPropertyCursor cursor{*this};
    UserProperty property;
    return !cursor.next(property);
}

std::size_t UserProperties::size() const {
    std::size_t count = 0;
    for_each([&count](const UserProperty&) { ++count; });
    return count;
}

}  // namespace holdfast::codec
