#pragma once
// What devices report of their properties, checked: {"services": [{"service_id", "properties",
// "event_time"}]}, and of the devices behind a gateway {"devices": [{"device_id", "services"}]}. Values are
// kept as they were written. Source: the contract, section 5.4. Threads: any.
// A time that is missing or not in the contract's form is the server's: clocks of devices are not trusted to
// be there.

#include "api/json_body.hpp"
#include "base/time.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::api {

inline constexpr std::size_t reported_services_max =
    500;  ///< of one device, as many as its product has
inline constexpr std::size_t reported_devices_max = 1'000;

struct ReportedService {
    std::string service_id;
    std::string properties;  ///< a JSON object
    std::string event_time;  ///< 20151212T121212Z
};
struct DeviceReport {
    std::string device_id;  ///< empty: of who reports
    std::vector<ReportedService> services;
};

[[nodiscard]] boost::system::result<DeviceReport, JsonProblem> read_property_report(
    std::string_view payload, WallTime now);
[[nodiscard]] boost::system::result<std::vector<DeviceReport>, JsonProblem> read_gateway_report(
    std::string_view payload, WallTime now);

/// The body of the event: {"services": [...]}.
[[nodiscard]] std::string property_event_body(const DeviceReport& report);

}  // namespace holdfast::api
