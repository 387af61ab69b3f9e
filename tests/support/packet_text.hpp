#pragma once
// A Control Packet as one line of text, fields in the order of the specification, absent ones left
// out: what tests compare, and what a failure prints. Text stands in quotes, other bytes in hex.

#include "codec/packet.hpp"

#include <string>

namespace test_support {

[[nodiscard]] std::string to_text(const holdfast::codec::Packet& packet);

}  // namespace test_support
