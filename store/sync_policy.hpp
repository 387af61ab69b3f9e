#pragma once
// When the commit log syncs what it has written. A value.

#include <cstdint>

namespace holdfast::store {

/// Only `always` keeps everything that was answered.
enum class SyncPolicy : std::uint8_t {
    always,    ///< before it is answered
    interval,  ///< once in sync_interval; a power cut loses what was answered since
    never,     ///< when the system likes to
};

}  // namespace holdfast::store
