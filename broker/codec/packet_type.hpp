#pragma once
// What all Control Packets have in common: protocol versions, packet types, User Properties.
// MQTT 5 sections 2.1.2, 2.2.2.

#include "base/bytes.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace holdfast::codec {

enum class ProtocolVersion : std::uint8_t { v3_1 = 3, v3_1_1 = 4, v5 = 5 };

enum class PacketType : std::uint8_t {
    reserved = 0,
    connect = 1,
    connack = 2,
    publish = 3,
    puback = 4,
    pubrec = 5,
    pubrel = 6,
    pubcomp = 7,
    subscribe = 8,
    suback = 9,
    unsubscribe = 10,
    unsuback = 11,
    pingreq = 12,
    pingresp = 13,
    disconnect = 14,
    auth = 15,
};

[[nodiscard]] std::string_view to_string(PacketType type);

struct UserProperty {
    std::string_view name{};
    std::string_view value{};
};

/// User Properties of a packet, in order, as a view of its whole (already checked) property block.
/// When encoding, either the block of a decoded packet or `list` is used (list first).
class UserProperties {
public:
    UserProperties() = default;
    explicit UserProperties(ByteView checked_block) : block_(checked_block) {}
    explicit UserProperties(std::span<const UserProperty> list) : list_(list) {}

    /// Calls visit(UserProperty) for each, in order.
    template <class Visit>
    void for_each(Visit&& visit) const;
    [[nodiscard]] bool empty() const;
    [[nodiscard]] std::size_t size() const;

private:
    friend class UserPropertyCursor;
    ByteView block_;
    std::span<const UserProperty> list_;
};

}  // namespace holdfast::codec
