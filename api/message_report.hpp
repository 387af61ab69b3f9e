#pragma once
// What a device said as applications are told it: the body of device.message:report,
// {"topic", "content", "properties"}. `content` is JSON as it came, other UTF-8 as a text, the rest as the
// text of its Base64; so is the Correlation Data. `properties` are those of MQTT 5 in the form of the
// messages that applications post, with the Content Type beside; without any it is left out.
// Source: the contract, sections 1.2 (PropertiesDTO), 5.6 and 6.2. Threads: any.

#include "delivery/device_uplink.hpp"

#include <string>
#include <string_view>

namespace holdfast::api {

[[nodiscard]] std::string message_report_body(const delivery::DevicePublication& publication);

}  // namespace holdfast::api
