#pragma once
// Devices as the platform's parts see them through sessions and delivery: their connections and messages for
// the endpoints, their coming and going for applications, a way to speak into their sessions.
// Threads: as the interfaces say. Lifetime: everything they are made of outlives them.

#include "api/async_commands.hpp"
#include "api/connection_times.hpp"
#include "api/device_hooks.hpp"
#include "api/event_log.hpp"
#include "api/shadows.hpp"
#include "api/sub_device_statuses.hpp"
#include "base/time.hpp"
#include "base/turn.hpp"
#include "delivery/delivery.hpp"
#include "delivery/device_uplink.hpp"
#include "session/registry.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <system_error>

namespace holdfast {

/// Devices as the endpoints see them: their connections and messages.
class PlatformDevices final : public api::DeviceStatusSource, public api::DeviceHooks {
public:
    PlatformDevices(session::Registry& registry, delivery::Delivery& delivery,
                    api::Shadows& shadows, const api::ConnectionTimes& times,
                    api::AsyncCommands& commands, api::SubDeviceStatuses& sub_devices,
                    TurnGate& turns)
        : registry_(registry),
          delivery_(delivery),
          shadows_(shadows),
          times_(times),
          commands_(commands),
          sub_devices_(sub_devices),
          turns_(turns) {}

    [[nodiscard]] bool is_online(std::string_view device_id) const override;
    [[nodiscard]] std::optional<WallTime> connection_changed_at(
        std::uint64_t device_number) const override {
        return times_.find(device_number);
    }
    void disconnect(std::string_view device_id, api::DisconnectCause why) override;
    void remove_messages(std::uint64_t number, std::string_view device_id,
                         std::function<void(std::error_code)> done) override;

private:
    session::Registry& registry_;
    delivery::Delivery& delivery_;
    api::Shadows& shadows_;
    const api::ConnectionTimes& times_;
    api::AsyncCommands& commands_;
    api::SubDeviceStatuses& sub_devices_;
    TurnGate& turns_;
};

/// Connections of devices as applications are told of them.
class PlatformPresence final : public delivery::PresenceListener {
public:
    PlatformPresence(api::ConnectionTimes& times, api::EventLog& events)
        : times_(times), events_(events) {}
    void on_presence(std::uint64_t device_number, std::string_view device_id, bool is_online,
                     WallTime at) override {
        times_.note(device_number, at);
        events_.on_presence(device_id, is_online, at);
    }

private:
    api::ConnectionTimes& times_;
    api::EventLog& events_;
};

/// Sessions as the platform speaks into them.
class PlatformLine final : public delivery::DirectLine {
public:
    explicit PlatformLine(session::Registry& registry) : registry_(registry) {}
    delivery::DirectSend send(const delivery::DirectMessage& message, Turn& turn) override;
    [[nodiscard]] bool is_online(std::string_view device_id) const override;

private:
    session::Registry& registry_;
};

}  // namespace holdfast
