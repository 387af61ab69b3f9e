#pragma once
// BroadcastService: what broadcasts need of sessions and subscriptions: who has subscribed to a topic,
// and a message for some of them. The interface is owned here; the composition root implements it.
// Threads: the HTTP side's; enters a turn by itself.

#include "base/ids.hpp"
#include "base/time.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace holdfast::api {

/// The session of a device.
struct BroadcastReceiver {
    SessionNumber session{};
    std::string device_id;
};

class BroadcastService {
public:
    virtual ~BroadcastService() = default;

    /// Of devices whose subscriptions match, each once; `with_waiting`: those without a connection, too.
    [[nodiscard]] virtual std::vector<BroadcastReceiver> receivers_of(std::string_view topic,
                                                                      bool with_waiting) = 0;
    struct Broadcast {
        std::string topic;
        std::string payload;
        /// How long it is kept for who does not take it at once; none: not at all.
        std::optional<Seconds> ttl;
        std::vector<SessionNumber> receivers;  ///< ascending
    };
    /// `done` runs once, on this thread, when what is kept of it is durable.
    virtual void publish(const Broadcast& broadcast, std::function<void(std::error_code)> done) = 0;
};

}  // namespace holdfast::api
