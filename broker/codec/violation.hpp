#pragma once
// A peer's fault as a value: what it is told, and what the log says.

#include "codec/reason_code.hpp"

#include <boost/system/result.hpp>

#include <string_view>

namespace holdfast::codec {

struct Violation {
    ReasonCode reason;
    std::string_view clause;  ///< "MQTT5-3.1.2-3" (static storage), empty where none is numbered
    std::string_view cause;   ///< one sentence in words (static storage)
};

template <class T>
using Decoded = boost::system::result<T, Violation>;

/// Lets boost::system::result<T, Violation>::value() throw; only tests call it.
[[noreturn]] void throw_exception_from_error(const Violation& violation,
                                             const boost::source_location& place);

}  // namespace holdfast::codec
