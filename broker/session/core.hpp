#pragma once
// Core: what every connection of the process shares. Made by server.cpp (or a test), outlives all
// connections and sessions. Owns nothing.

#include "base/environment.hpp"
#include "base/limits.hpp"
#include "base/telemetry.hpp"
#include "delivery/device_uplink.hpp"
#include "session/authenticator.hpp"

#include <memory>
#include <optional>
#include <string>

namespace holdfast::router {
class Router;
}

namespace holdfast::session {

class Authenticator;
class EnhancedAuthentication;
class Guard;
class Journal;
class Registry;

struct Core {
    const Limits& limits;
    router::Router& router;
    Registry& registry;
    Random& random;
    EventSink& events;
    /// Response Information for clients that ask for it: this prefix and the client identifier.
    std::string response_information_prefix;
    Journal* journal = nullptr;  ///< null: nothing outlives the process
    Guard* guard = nullptr;      ///< null: nobody is banned, and memory has no end
    delivery::DeviceUplink* uplink = nullptr;  ///< null: nobody asks what devices publish
    Authenticator* authenticator = nullptr;  ///< null: everybody is let in, and nobody is a device
};

/// What CONNACK will say, gathered while CONNECT is handled.
struct ConnectAnswer {
    std::string assigned_client_id;
    std::optional<Seconds> session_expiry;       ///< when it differs from what was asked
    std::optional<std::uint16_t> server_keep_alive;
    std::string response_information;
    std::string authentication_data;  ///< the last word of an exchange
    std::optional<Verdict> verdict;   ///< empty: it is not there yet
};

/// What a connection needs only while it says who it is; most have none afterwards.
struct Login {
    std::unique_ptr<ConnectAnswer> answer;  ///< only while CONNECT is handled
    std::unique_ptr<EnhancedAuthentication> exchange;  ///< null: CONNECT named no method
};

}  // namespace holdfast::session
