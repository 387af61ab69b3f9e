#pragma once
// A message for a device as the ApplicationMessage that its session sends: payload by the
// PayloadComposer, MQTT 5 properties in wire form (MQTT 5 section 2.2.2.2): Response Topic, Correlation
// Data, User Properties in order. A device that speaks MQTT 3.1.1 gets it without properties.
// And the other way: the properties of what a device has published, out of their wire form.
// Free of state; may be called by any thread.

#include "base/message.hpp"
#include "base/time.hpp"
#include "delivery/device_message.hpp"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::delivery {

/// `expires_at` may be `never`: then the device is told no Message Expiry Interval.
[[nodiscard]] MessagePtr make_publication(const DeviceMessage& message,
                                          const PayloadComposer& composer, Instant accepted_at,
                                          Instant expires_at);

/// The properties alone, appended to `out`.
void encode_properties(const MessageProperties& properties, ByteBuffer& out);

/// What a device said beside topic and payload; views of the bytes that were read.
struct PublicationProperties {
    std::optional<std::string_view> content_type;
    std::optional<std::string_view> response_topic;
    std::optional<std::string_view> correlation_data;  ///< any bytes
    std::vector<std::pair<std::string_view, std::string_view>> user_properties;  ///< in their order

    [[nodiscard]] bool is_empty() const {
        return !content_type && !response_topic && !correlation_data && user_properties.empty();
    }
    /// Of DevicePublication::properties, which a decoder has checked.
    [[nodiscard]] static PublicationProperties read(ByteView encoded);
};

}  // namespace holdfast::delivery
