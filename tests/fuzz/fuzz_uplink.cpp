// Any payload as each of what devices and gateways publish to the platform: what is understood keeps to its
// limits, what is not has a sentence, and what applications are told and devices answered is JSON.

#include "api/device_events.hpp"
#include "api/message_report.hpp"
#include "api/property_report.hpp"
#include "api/sub_device_schema.hpp"
#include "base/error.hpp"

#include <boost/json/parse.hpp>

#include <cstdint>
#include <string_view>

using namespace holdfast;
using namespace holdfast::api;

namespace {

constexpr WallTime now{Milliseconds{1'700'000'000'000}};

void check_json(std::string_view text) {
    boost::json::parse_options options;
    options.max_depth = 4 * json_depth_max;
    boost::system::error_code error;
    static_cast<void>(boost::json::parse(text, error, {}, options));
    CHECK(!error);
}

void check_event(const DeviceEvent& event) {
    check_json(event_down("gw", time_sync_response(event, now, now), now));
    if (const std::string info = sdk_info_of(event); !info.empty()) check_json(info);
    const auto request = read_sub_device_request(event);
    if (request.has_error()) {
        CHECK(!request.error().text.empty());
    } else if (*request) {
        CHECK((*request)->devices() <= sub_devices_read_max);
        if ((*request)->kind == SubDeviceRequest::Kind::sync) return;  // has another answer
        const SubDeviceFailure failure{"IOTDA.014000", "no such device"};
        const auto answer = sub_device_response(**request, all_failed(**request, failure));
        check_json(event_down("gw", answer, now));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view payload{reinterpret_cast<const char*>(data), size};
    if (const auto report = read_property_report(payload, now)) {
        check_json(property_event_body(*report));
    }
    if (const auto reports = read_gateway_report(payload, now)) {
        for (const DeviceReport& report : *reports) check_json(property_event_body(report));
    }
    if (const auto query = read_shadow_query(payload); !query) CHECK(!query.error().text.empty());
    check_json(message_report_body({.device_number = 1,
                                    .device_id = "d",
                                    .topic = "$oc/devices/d/user/t",
                                    .suffix = "user/t",
                                    .payload = as_bytes(payload)}));
    const auto events = read_device_events(payload);
    if (!events) {
        CHECK(!events.error().text.empty());
        return 0;
    }
    CHECK(events->events.size() <= device_events_max);
    for (const DeviceEvent& event : events->events) check_event(event);
    return 0;
}
