#pragma once
// What devices say on events/up and shadow/get, taken apart, and what the platform says on events/down:
// {"object_device_id", "services": [{"service_id", "event_type", "event_time", "event_id", "paras"}]}.
// Source: the contract, section 5.4. Threads: any.

#include "api/json_body.hpp"
#include "base/time.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::api {

inline constexpr std::size_t device_events_max = 100;  ///< of one publication

struct DeviceEvent {
    std::string service_id;  ///< "$time_sync"
    std::string event_type;  ///< "time_sync_request"
    std::string event_id;    ///< empty: none
    std::string paras;       ///< a JSON object
};
struct DeviceEvents {
    std::string object_device_id;  ///< empty: of who publishes
    std::vector<DeviceEvent> events;
};

[[nodiscard]] boost::system::result<DeviceEvents, JsonProblem> read_device_events(
    std::string_view payload);

/// What a device asks of shadows: {"object_device_id", "service_id"}, both optional, or nothing at all.
struct ShadowQuery {
    std::string object_device_id;  ///< empty: of who asks
    std::string service_id;        ///< empty: of all services
};
[[nodiscard]] boost::system::result<ShadowQuery, JsonProblem> read_shadow_query(
    std::string_view payload);

/// Where events for the device go.
[[nodiscard]] std::string events_down_topic(std::string_view device_id);

/// One event for events/down.
[[nodiscard]] std::string event_down(std::string_view object_device_id, const DeviceEvent& event,
                                     WallTime now);

/// The answer to a time_sync_request that came at `received`.
[[nodiscard]] DeviceEvent time_sync_response(const DeviceEvent& request, WallTime received,
                                             WallTime sent);

/// What an sdk_info_report tells, as it is kept: {"device_sdk_version", "sw_version", "fw_version"}, those
/// that are there. Empty: nothing of it.
[[nodiscard]] std::string sdk_info_of(const DeviceEvent& report);

}  // namespace holdfast::api
