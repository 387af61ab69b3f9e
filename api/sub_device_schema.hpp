#pragma once
// What a gateway says about the devices behind it, as events of the service `$sub_device_manager`, and what
// it is answered and told: {"devices"}, {"device_statuses"}, {"version"} to values and back.
// Source: the contract, section 5.4, and the device SDKs. Threads: any.

#include "api/device_events.hpp"
#include "api/exchange.hpp"
#include "api/json_body.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::api {

/// Of one request; those of a longer one fail.
inline constexpr std::size_t sub_devices_per_request_max = 50;
/// Of one request that is read at all.
inline constexpr std::size_t sub_devices_read_max = 1'000;
/// Of one notification: an SDK in the field takes no more.
inline constexpr std::size_t sub_devices_per_notice = 10;

/// Some SDKs leave out the `$`.
[[nodiscard]] bool is_sub_device_manager(std::string_view service_id);

struct NewSubDevice {
    std::string parent_device_id;  ///< empty: the gateway itself
    std::string node_id;           ///< as far as it is a text, for who is told of a failure
    std::string product_id;
    boost::json::object device;  ///< as a POST of devices has it, unchecked, without gateway_id
};
struct SubDeviceStatus {
    std::string device_id;
    std::string status;  ///< ONLINE, OFFLINE; perhaps another word
};

struct SubDeviceRequest {
    enum class Kind : std::uint8_t { add, remove, update_status, sync };
    Kind kind = Kind::sync;
    std::string event_id;  ///< empty: none
    std::vector<NewSubDevice> added;
    std::vector<std::string> removed;
    std::vector<SubDeviceStatus> statuses;
    std::int64_t version = 0;  ///< of sync: what the gateway knows

    [[nodiscard]] std::size_t devices() const {
        return added.size() + removed.size() + statuses.size();
    }
};

/// Empty: an event that the platform does nothing with.
[[nodiscard]] boost::system::result<std::optional<SubDeviceRequest>, JsonProblem>
read_sub_device_request(const DeviceEvent& event);

/// Why something was not done, as an application would be told.
struct SubDeviceFailure {
    std::string error_code;
    std::string error_msg;
};
[[nodiscard]] SubDeviceFailure failure_of(const Response& response);

/// What became of a request, device by device.
struct SubDeviceResults {
    boost::json::array successful;
    boost::json::array failed;

    void fail(const NewSubDevice& device, const SubDeviceFailure& failure);
    void fail(std::string_view device_id, const SubDeviceFailure& failure);
};
/// All devices of the request failed.
[[nodiscard]] SubDeviceResults all_failed(const SubDeviceRequest& request,
                                          const SubDeviceFailure& failure);

/// {"parent_device_id", "node_id", "device_id", "name", ...} of a device as applications see it.
[[nodiscard]] boost::json::object sub_device_info(const boost::json::object& shown);

/// The answer to add, remove or update_status.
[[nodiscard]] DeviceEvent sub_device_response(const SubDeviceRequest& request,
                                              SubDeviceResults results);

enum class SubDeviceNotice : bool { added, removed };
/// `devices`: each as sub_device_info() has it.
[[nodiscard]] DeviceEvent sub_device_notice(SubDeviceNotice what, boost::json::array devices,
                                            std::int64_t version);

}  // namespace holdfast::api
