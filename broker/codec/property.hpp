#pragma once
// The properties of MQTT 5 (section 2.2.2): a table of what each is and where it may stand, a
// PropertyReader that walks a property block in the wire order, and `put` for writing. What a value
// means is the packet's matter.

#include "codec/packet.hpp"
#include "codec/wire.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::codec {

enum class PropertyId : std::uint8_t {
    payload_format_indicator = 0x01,
    message_expiry_interval = 0x02,
    content_type = 0x03,
    response_topic = 0x08,
    correlation_data = 0x09,
    subscription_identifier = 0x0B,
    session_expiry_interval = 0x11,
    assigned_client_identifier = 0x12,
    server_keep_alive = 0x13,
    authentication_method = 0x15,
    authentication_data = 0x16,
    request_problem_information = 0x17,
    will_delay_interval = 0x18,
    request_response_information = 0x19,
    response_information = 0x1A,
    server_reference = 0x1C,
    reason_string = 0x1F,
    receive_maximum = 0x21,
    topic_alias_maximum = 0x22,
    topic_alias = 0x23,
    maximum_qos = 0x24,
    retain_available = 0x25,
    user_property = 0x26,
    maximum_packet_size = 0x27,
    wildcard_subscription_available = 0x28,
    subscription_identifiers_available = 0x29,
    shared_subscription_available = 0x2A,
};

enum class PropertyType : std::uint8_t {
    byte,
    two_byte_integer,
    four_byte_integer,
    variable_byte_integer,
    utf8_string,
    binary_data,
    utf8_string_pair,
};

/// The Will Properties inside CONNECT count as a packet of their own in the table.
inline constexpr PacketType will_properties = PacketType::reserved;

struct Property {
    PropertyId id;
    PropertyType type;
    std::string_view name;
    std::uint16_t packets;  ///< bit n: the packet of type n may have it
    bool may_repeat = false;

    [[nodiscard]] constexpr bool belongs_to(PacketType packet) const {
        return (packets >> static_cast<unsigned>(packet) & 1U) != 0;
    }
};

/// Null for a number that is no Property Identifier.
[[nodiscard]] const Property* find_property(std::uint32_t id);

/// Walks one property block of `in`, its Property Length first. For each property but User
/// Property, next() returns true and the caller reads the value from `in`. User Properties are checked,
/// counted and kept as a view. After the last property `in` stands behind the block.
class PropertyReader {
public:
    PropertyReader(Reader& in, PacketType packet, std::size_t user_properties_max);

    [[nodiscard]] bool next();
    [[nodiscard]] PropertyId id() const { return id_; }
    /// For a property that the caller does not know: the packet breaks the table.
    void refuse() { in_.fail(rules::property_misplaced); }
    [[nodiscard]] bool has_user_properties() const { return user_properties_ > 0; }
    /// Complete once next() has returned false.
    [[nodiscard]] UserProperties user_properties() const {
        return user_properties_ == 0 ? UserProperties{} : UserProperties{block_};
    }

private:
    [[nodiscard]] bool accept(std::uint32_t id);
    void read_user_property();

    Reader& in_;
    const Byte* outer_end_;
    ByteView block_;
    std::uint64_t seen_ = 0;  ///< bit n: the property of identifier n
    std::size_t user_properties_ = 0;
    std::size_t user_properties_max_;
    PacketType packet_;
    PropertyId id_{};
};

// Each writes the identifier and the value if there is one. Sink is a SizeCounter or a Writer.

template <class Sink>
void put(Sink& sink, PropertyId id, std::optional<bool> value) {
    if (!value) return;
    sink.u8(static_cast<Byte>(id));
    sink.u8(*value ? 1 : 0);
}
template <class Sink>
void put(Sink& sink, PropertyId id, std::optional<std::uint16_t> value) {
    if (!value) return;
    sink.u8(static_cast<Byte>(id));
    sink.u16(*value);
}
template <class Sink>
void put(Sink& sink, PropertyId id, std::optional<std::uint32_t> value) {
    if (!value) return;
    sink.u8(static_cast<Byte>(id));
    sink.u32(*value);
}
template <class Sink>
void put(Sink& sink, PropertyId id, std::optional<std::string_view> value) {
    if (!value) return;
    sink.u8(static_cast<Byte>(id));
    sink.string(*value);
}
template <class Sink>
void put(Sink& sink, PropertyId id, std::optional<ByteView> value) {
    if (!value) return;
    sink.u8(static_cast<Byte>(id));
    sink.binary(*value);
}
template <class Sink>
void put(Sink& sink, const UserProperties& properties) {
    properties.for_each([&sink](const UserProperty& property) {
        sink.u8(static_cast<Byte>(PropertyId::user_property));
        sink.string(property.name);
        sink.string(property.value);
    });
}
template <class Sink>
void put_subscription_identifier(Sink& sink, std::uint32_t identifier) {
    if (identifier == 0) return;
    sink.u8(static_cast<Byte>(PropertyId::subscription_identifier));
    sink.variable_byte_integer(identifier);
}

}  // namespace holdfast::codec
