#pragma once
// The body of a message for a device, as the contract's tables state its fields, to a DeviceMessage.
// Everything that can be judged from the body alone is judged here; the device, its product's topics
// and its queue are the handler's. What a message looks like when it is shown is message_json.hpp's.
// Threads: any.

#include "api/json_fields.hpp"
#include "delivery/device_message.hpp"

#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace holdfast::api {

/// Of `message`: a text in UTF-8, the compact text of another value, or the bytes that Base64 stands for.
inline constexpr std::size_t content_bytes_max = 256 * 1024;
inline constexpr std::size_t user_properties_max = 20;

/// Device and message identifiers.
[[nodiscard]] const TextRule& identifier_rule();

/// `text` is the JSON text that `body` was read from: content that is not a text is taken from it as it
/// is, without its spaces. Without a message_id in the body it is empty; the caller makes one.
[[nodiscard]] boost::system::result<delivery::DeviceMessage, FieldError> read_message(
    std::string_view text, const boost::json::value& body, std::string_view device_id);

/// $oc/devices/{device_id}/user/, before the suffixes that a product's topics list.
[[nodiscard]] std::string user_topic_prefix(std::string_view device_id);

}  // namespace holdfast::api
