#pragma once
// Events as applications get them: the envelope of the contract's status push, with body inside notify_data,
// and beside it our own event_id. The same text for GET .../events and for a push. Threads: any.

#include "api/platform_event.hpp"
#include "delivery/status_recorder.hpp"
#include "store/store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::api {

/// An event with its place in the log, which is its identifier: the same after a restart.
struct LoggedEvent {
    store::Position position{};
    PlatformEvent event;
};

/// "1742": as text, since JSON readers lose digits of large numbers.
[[nodiscard]] std::string event_id(store::Position position);
/// Empty: it is none.
[[nodiscard]] std::optional<store::Position> parse_event_id(std::string_view text);

[[nodiscard]] std::string event_json(const LoggedEvent& logged);

/// The body of device.message.status:update.
[[nodiscard]] std::string message_status_body(const delivery::StatusRecord& record);

/// The body of device.status:update.
[[nodiscard]] std::string device_status_body(bool is_online, WallTime at);

[[nodiscard]] std::optional<PlatformEventKind> find_kind(std::string_view resource,
                                                         std::string_view event);
[[nodiscard]] bool is_resource(std::string_view resource);

}  // namespace holdfast::api
