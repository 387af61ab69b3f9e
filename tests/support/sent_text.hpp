#pragma once
// A packet of the server's as one short line, for expectations:
//
//   CONNACK success                       what CONNACK says of the server's limits is left out
//   CONNACK session_present success expiry=60 client_id=auto-1 keep_alive=30 response_information=r/
//   PUBLISH q1 dup retain id=3 topic=a/b payload=hi expiry=7 alias=2 sub=[1,2] format=1
//           content_type=c response_topic=r correlation=x name:value     (in this order, one line)
//   PUBACK id=3   PUBREC id=3 quota_exceeded   PUBREL id=3   PUBCOMP id=3
//   SUBACK id=1 [0,1,2,topic_filter_invalid]   UNSUBACK id=1 [success]   UNSUBACK id=1 (before 5.0)
//   PINGRESP   DISCONNECT session_taken_over
//
// Reason Strings are prose and left out; packet_text.hpp shows everything. A payload or topic of more
// than 40 bytes is shown as <123 bytes>, one with other characters than ASCII's visible ones in hex
// between quotes, a topic left out for its alias as "topic=".

#include "codec/codec.hpp"

#include <string>

namespace test_support {

[[nodiscard]] std::string sent_text(holdfast::codec::ProtocolVersion version,
                                    const holdfast::codec::Frame& frame);

/// The same packet with every field, as packet_text.hpp says it.
[[nodiscard]] std::string full_text(holdfast::codec::ProtocolVersion version,
                                    const holdfast::codec::Frame& frame);

}  // namespace test_support
