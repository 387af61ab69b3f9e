#pragma once
// PushSettings: how events are pushed to applications: the configuration's [push]. A value.

#include "base/peer_address.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <vector>

namespace holdfast::api {

struct PushSettings {
    bool allow_private_targets = false;          ///< whoever may make rules may name any address
    std::vector<AddressRange> allowed_networks;  ///< that they may name besides public addresses
    Milliseconds timeout{15'000};                ///< for the receiver to answer
    bool retry = true;             ///< false: what fails once is discarded, as the contract says
    Seconds retry_for{24 * 3600};  ///< since the event happened
    Seconds probe_interval{180};   ///< of a host that failed ten times in a row
    std::size_t events_per_second = 800;  ///< of one action
};

}  // namespace holdfast::api
