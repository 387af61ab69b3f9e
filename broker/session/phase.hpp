#pragma once
// Where a connection stands, and how far the judging of its CONNECT has come.

#include <cstdint>

namespace holdfast::session {

enum class Phase : std::uint8_t {
    awaiting_connect,
    connected,
    closing,  ///< takes no more input; what is in the outbox is still written
};

enum class Judging : std::uint8_t {
    not_asked,
    asking,  ///< inside the call
    asked,   ///< the verdict will come
    judged,
};

}  // namespace holdfast::session
