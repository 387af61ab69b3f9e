#pragma once
// PlatformEvent: something that happened to a device, a product or a task, which applications may want to
// be told: the pairs of resource and event of the contract's status push. Who notices it makes the event,
// and a PlatformEventSink keeps it and sends it on. A message's own status is not told here but kept
// together with the change itself. Values.

#include "base/time.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::api {

/// Closed list.
enum class PlatformEventKind : std::uint8_t {
    device_created,
    device_updated,
    device_deleted,
    device_status_updated,
    device_message_reported,
    device_message_status_updated,
    device_property_reported,
    device_command_status_updated,
    batch_task_updated,
    product_created,
    product_updated,
    product_deleted,
    count_,
};

struct PlatformEventName {
    std::string_view resource;
    std::string_view event;
};
/// As the contract has them, in the order of PlatformEventKind.
inline constexpr std::array<PlatformEventName, static_cast<std::size_t>(PlatformEventKind::count_)>
    platform_event_names{{
        {"device", "create"},
        {"device", "update"},
        {"device", "delete"},
        {"device.status", "update"},
        {"device.message", "report"},
        {"device.message.status", "update"},
        {"device.property", "report"},
        {"device.command.status", "update"},
        {"batchtask", "update"},
        {"product", "create"},
        {"product", "update"},
        {"product", "delete"},
    }};
[[nodiscard]] constexpr PlatformEventName name_of(PlatformEventKind kind) {
    return platform_event_names.at(static_cast<std::size_t>(kind));
}

/// Whom it is about, as far as who noticed it knows; the rest is empty.
struct PlatformEventSubject {
    std::string app_id;
    std::string product_id;
    std::string device_id;
    std::string node_id;
    std::string gateway_id;
};

struct PlatformEvent {
    PlatformEventKind kind = PlatformEventKind::device_updated;
    PlatformEventSubject subject;
    WallTime at{};     ///< when it happened, by this server's clock
    std::string body;  ///< notify_data.body as JSON text; empty: there is none
};

/// Threads: any. Must not block; called without locks held.
class PlatformEventSink {
public:
    virtual ~PlatformEventSink() = default;
    /// False: nobody wants such events now, and they need not be made.
    [[nodiscard]] virtual bool wants(PlatformEventKind kind) const = 0;
    virtual void on_platform_event(PlatformEvent event) = 0;
};

}  // namespace holdfast::api
