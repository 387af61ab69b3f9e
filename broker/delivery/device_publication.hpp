#pragma once
// A message for a device as the ApplicationMessage that its session sends: payload by the
// PayloadComposer, MQTT 5 properties in wire form (MQTT 5 section 2.2.2.2): Response Topic, Correlation
// Data, User Properties in order. A device that speaks MQTT 3.1.1 gets it without properties.
// Free of state; may be called by any thread.

#include "base/message.hpp"
#include "base/time.hpp"
#include "delivery/device_message.hpp"

namespace holdfast::delivery {

/// `expires_at` may be `never`: then the device is told no Message Expiry Interval.
[[nodiscard]] MessagePtr make_publication(const DeviceMessage& message,
                                          const PayloadComposer& composer, Instant accepted_at,
                                          Instant expires_at);

/// The properties alone, appended to `out`.
void encode_properties(const MessageProperties& properties, ByteBuffer& out);

}  // namespace holdfast::delivery
