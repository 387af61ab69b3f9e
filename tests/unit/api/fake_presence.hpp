#pragma once
// Which devices are there, as the test says.

#include "api/device_hooks.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace holdfast::api {

class FakePresence final : public DeviceStatusSource {
public:
    std::set<std::string, std::less<>> devices;
    std::optional<WallTime> changed_at;  ///< of every device

    [[nodiscard]] bool is_online(std::string_view device_id) const override {
        return devices.contains(device_id);
    }
    [[nodiscard]] std::optional<WallTime> connection_changed_at(std::uint64_t) const override {
        return changed_at;
    }
};

}  // namespace holdfast::api
