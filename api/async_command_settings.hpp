#pragma once
// AsyncCommandSettings: how long devices have to answer commands that waited for them, and what is kept of
// those that are over: part of the configuration's [delivery]. A value.

#include "base/time.hpp"

#include <cstddef>

namespace holdfast::api {

struct AsyncCommandSettings {
    Seconds answer_timeout{180};           ///< a device has so long to answer once it was sent
    std::size_t finished_max = 100;        ///< of one device; the oldest go
    Seconds finished_age_max{7 * 86'400};  ///< since they were made; older ones go
};

}  // namespace holdfast::api
