#pragma once
// What the endpoints of devices need of the rest of the server: whether a device is there now, and what
// happens to its connection and its messages when it is frozen or deleted. Implemented by the composition
// root, which knows sessions and delivery. Threads: that of HTTP, of is_online() any; hooks enter a turn by
// themselves.

#include "base/time.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <system_error>

namespace holdfast::api {

class DeviceStatusSource {
public:
    virtual ~DeviceStatusSource() = default;
    /// It has a connection. Must not block for long.
    [[nodiscard]] virtual bool is_online(std::string_view device_id) const = 0;
    /// When its connection began or ended, where that is newer than what the catalogue may say.
    [[nodiscard]] virtual std::optional<WallTime> connection_changed_at(
        std::uint64_t /*device_number*/) const {
        return std::nullopt;
    }
};

/// Why a device's connection is ended from outside.
enum class DisconnectCause : std::uint8_t { frozen, deleted, secret_reset, fingerprint_reset };

class DeviceHooks {
public:
    virtual ~DeviceHooks() = default;
    /// Ends its connection, if it has one; may return before that has happened.
    virtual void disconnect(std::string_view device_id, DisconnectCause why) = 0;
    /// Delivery::remove_device. `done` runs once, on the HTTP side's thread.
    virtual void remove_messages(std::uint64_t number, std::string_view device_id,
                                 std::function<void(std::error_code)> done) = 0;
};

}  // namespace holdfast::api
