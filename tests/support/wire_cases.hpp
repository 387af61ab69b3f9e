#pragma once
// One table of wire examples of MQTT 3.1, 3.1.1 and 5.0: who sends which bytes, and the packet they
// are or the violation they commit. Decoders, encoders and the seeds of the fuzzers share it.

#include "support/wire.hpp"

#include <span>
#include <string_view>

namespace test_support {

enum class Form {
    canonical,  ///< our encoder writes the same bytes
    accepted,   ///< valid, but our encoder would write it otherwise
    refused,
};

struct WireCase {
    Form form;
    Sender sender;
    holdfast::codec::ProtocolVersion version;
    std::string_view bytes;  ///< in the notation of support/wire.hpp
    std::string_view text;   ///< the packet as to_text() says it, or what is wrong
    holdfast::codec::ReasonCode reason = holdfast::codec::ReasonCode::success;
    std::string_view clause = {};
};

[[nodiscard]] std::span<const WireCase> wire_cases();

}  // namespace test_support
