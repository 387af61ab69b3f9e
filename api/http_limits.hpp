#pragma once
// The maxima of the HTTP side, with their defaults; the configuration's [http] section sets them.
// Each is met by one test and exceeded by another, like those of base/limits.hpp.

#include "base/time.hpp"

#include <cstddef>

namespace holdfast::api {

/// The request target alone; longer ones are answered with 414.
inline constexpr std::size_t target_bytes_max = 8 * 1024;

struct HttpLimits {
    std::size_t connections_max = 1024;        ///< at once; one more is answered with 503
    std::size_t header_bytes_max = 32 * 1024;  ///< request line and header fields; 431
    /// After decoding of chunks; 413. A message's content fits in, whatever escapes it is written with.
    std::size_t body_bytes_max = 2 * 1024 * 1024;
    std::size_t bodies_bytes_max = 256 * 1024 * 1024;  ///< of all connections together; 503
    Seconds request_deadline{30};   ///< from a request's first byte to its last; 408
    Seconds response_deadline{30};  ///< for the peer to take the answer; then closed
    Seconds idle_deadline{60};      ///< a kept-alive connection without a request is closed
};

}  // namespace holdfast::api
