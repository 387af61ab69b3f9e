#pragma once
// Topic rights: which topics of the platform, those below `$oc/`, a connection may use. A device has its own,
// `$oc/devices/{its id}/...`, and the broadcasts; what comes to devices from the platform, nobody may
// publish. Decided on parsed levels, never on patterns made of strings. Other topics are free.
// Source: the contract, section 5.3 (iotda: topics); codes 0x87 and, in 3.1.1, SUBACK 0x80.

#include <string_view>

namespace holdfast::session {

/// `device_id` is empty for a connection that is no device's.
[[nodiscard]] bool may_publish(std::string_view device_id, std::string_view topic);
[[nodiscard]] bool may_subscribe(std::string_view device_id, std::string_view filter);

}  // namespace holdfast::session
