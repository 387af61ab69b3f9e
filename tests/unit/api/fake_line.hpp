#pragma once
// A DirectLine that keeps what was said to devices, a TurnGate, and a sink that keeps the events of the
// platform.

#include "api/platform_event.hpp"
#include "base/turn.hpp"
#include "delivery/device_uplink.hpp"

#include <functional>
#include <set>
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
    [[nodiscard]] bool is_online(std::string_view device_id) const override {
        return is_there && !absent.contains(device_id);
    }

    delivery::DirectSend outcome = delivery::DirectSend::sent;
    bool is_there = false;
    std::set<std::string, std::less<>> absent;  ///< these are not there in any case
    std::function<void()> on_send;  ///< inside the call
    std::vector<Sent> sent;
};

/// Lets in, in the one turn that there is.
class ManualGate final : public TurnGate {
public:
    void enter(const std::function<void(Turn&)>& act) override {
        turn.now = now;
        act(turn);
    }

    Instant now{};
    Counters counters;
    Turn turn{ShardIndex{0}, counters};
};

class RecordedPlatformEvents final : public PlatformEventSink {
public:
    [[nodiscard]] bool wants(PlatformEventKind) const override { return is_interested; }
    void on_platform_event(PlatformEvent event) override { events.push_back(std::move(event)); }

    bool is_interested = true;
    std::vector<PlatformEvent> events;
};

}  // namespace holdfast::api
