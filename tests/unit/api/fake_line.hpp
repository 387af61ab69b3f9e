#pragma once
// A DirectLine that keeps what was said to devices, and a sink that keeps the events of the platform.

#include "api/platform_event.hpp"
#include "delivery/device_uplink.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::api {

class FakeLine final : public delivery::DirectLine {
public:
    struct Sent {
        std::string device_id;
        std::string topic;
        std::string payload;
        Instant expires_at;
    };
    delivery::DirectSend send(const delivery::DirectMessage& message, Turn&) override {
        sent.push_back({std::string{message.device_id}, std::string{message.topic},
                        std::string{as_text(message.payload)}, message.expires_at});
        if (on_send) on_send();
        return outcome;
    }
    [[nodiscard]] bool is_online(std::string_view) const override { return is_there; }

    delivery::DirectSend outcome = delivery::DirectSend::sent;
    bool is_there = false;
    std::function<void()> on_send;  ///< inside the call
    std::vector<Sent> sent;
};

class RecordedPlatformEvents final : public PlatformEventSink {
public:
    [[nodiscard]] bool wants(PlatformEventKind) const override { return is_interested; }
    void on_platform_event(PlatformEvent event) override { events.push_back(std::move(event)); }

    bool is_interested = true;
    std::vector<PlatformEvent> events;
};

}  // namespace holdfast::api
