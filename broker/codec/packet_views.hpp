#pragma once
// The parts of a decoded packet that are read one after the other from the bytes they came in:
// User Properties and the Topic Filters of SUBSCRIBE and UNSUBSCRIBE. Lifetime: that of the bytes.
// Included by packet.hpp, which declares the templates.

#include "codec/packet.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace holdfast::codec {

/// Visits User Properties one by one; `next` is false behind the last.
class UserPropertyCursor {
public:
    explicit UserPropertyCursor(const UserProperties& properties);
    [[nodiscard]] bool next(UserProperty& property);

private:
    std::span<const UserProperty> list_;
    ByteView block_;
};

/// Takes the next Topic Filter (two bytes of length, text) off a block that a decoder has checked.
[[nodiscard]] inline std::string_view take_filter(ByteView& block) {
    const std::size_t size = static_cast<std::size_t>(block[0]) << 8 | block[1];
    const std::string_view filter = as_text(block.subspan(2, size));
    block = block.subspan(2 + size);
    return filter;
}

/// Subscription Options as they are on the wire. MQTT 5 section 3.8.3.1; in 3.1.1 only the QoS.
[[nodiscard]] constexpr SubscriptionOptions to_subscription_options(Byte bits) {
    return {.maximum_qos = static_cast<QoS>(bits & 0x03),
            .no_local = (bits & 0x04) != 0,
            .retain_as_published = (bits & 0x08) != 0,
            .retain_handling = static_cast<RetainHandling>(bits >> 4 & 0x03)};
}

template <class Visit>
void UserProperties::for_each(Visit&& visit) const {
    UserPropertyCursor cursor{*this};
    UserProperty property;
    while (cursor.next(property)) visit(property);
}

template <class Visit>
void Subscribe::for_each(Visit&& visit) const {
    ByteView block = filter_block;
    while (!block.empty()) {
        const std::string_view filter = take_filter(block);
        const SubscriptionOptions options = to_subscription_options(block[0]);
        block = block.subspan(1);
        visit(SubscriptionRequest{filter, options});
    }
}

template <class Visit>
void Unsubscribe::for_each(Visit&& visit) const {
    ByteView block = filter_block;
    while (!block.empty()) visit(take_filter(block));
}

}  // namespace holdfast::codec
