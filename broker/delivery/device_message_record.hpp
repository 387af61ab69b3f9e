#pragma once
// A message for a device as bytes that outlive the process, and back. Version 1, numbers big-endian; a
// text is two bytes of length, then its bytes:
//
//   1  version = 1
//   1  flags: bit 0 content is JSON, 1 has name, 2 has encoding, 3 encoding is base64, 4 has format,
//      5 format is raw, 6 has properties, 7 is 0
//   1  topic kind: 0 system, 1 user, 2 full
//   8  accepted at, milliseconds since 1970 UTC
//   8  expires at, likewise
//   8  ttl in seconds
//   texts: device id, message id, topic, then the name (bit 1)
//   properties (bit 6): 1 flags: bit 0 has correlation data, 1 has response topic; those texts;
//      2 number of user properties, then key and value of each as texts
//   4  length of the content, then the content
//
// What became of the message is not here but in the record's mark (device_mark.hpp).

#include "base/time.hpp"
#include "delivery/device_message.hpp"
#include "delivery/record_io.hpp"
#include "store/store.hpp"

#include <string>

namespace holdfast::delivery {

struct DeviceMessageRecord {
    std::string device_id;
    DeviceMessage message;
    WallTime accepted_at{};
    WallTime expires_at{};
    friend bool operator==(const DeviceMessageRecord&, const DeviceMessageRecord&) = default;
};

/// Precondition: no text but the content is longer than 65,535 bytes; the topic is a Topic Name.
[[nodiscard]] store::Bytes encode_device_message_record(std::string_view device_id,
                                                        const DeviceMessage& message,
                                                        WallTime accepted_at, WallTime expires_at);
[[nodiscard]] Recovered<DeviceMessageRecord> decode_device_message_record(StoredBytes stored);

}  // namespace holdfast::delivery
