#pragma once
// EventSettings: which events are kept, and how many: the configuration's [events]. A value.

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>

namespace holdfast::api {

struct EventSettings {
    bool keep_all = false;  ///< also those that no active rule wants
    std::size_t events_max = 1'000'000;
    std::size_t bytes_max = 1024UL * 1024 * 1024;
    Seconds age_max{24 * 3600};
};

}  // namespace holdfast::api
