#pragma once
// Uplink: what the platform makes of the publications of devices below `$oc/devices/{id}/`: events for
// applications, answers to what DeviceRequests and AsyncCommands asked, the device's shadow and notes,
// answers on events/down. What is not what its topic asks for is taken all the same, counted, told in the
// log at debug level, and ignored: a device is never cut off for its JSON; nor for what is not known here.
// Source: the contract, sections 2.3, 5.3 and 5.4 (topics and payloads).
// Threads: any shard, in its turn. Lifetime: everything it is made of outlives it.

#include "api/async_commands.hpp"
#include "api/device_events.hpp"
#include "api/device_notes.hpp"
#include "api/device_requests.hpp"
#include "api/platform_event.hpp"
#include "api/property_report.hpp"
#include "api/shadows.hpp"
#include "api/sub_devices.hpp"
#include "base/environment.hpp"
#include "delivery/device_uplink.hpp"
#include "store/catalogue.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace holdfast::api {

class Uplink final : public delivery::DeviceUplink {
public:
    struct Context {
        DeviceRequests& requests;
        AsyncCommands& async_commands;
        delivery::DirectLine& line;
        DeviceNotes& notes;
        Shadows& shadows;
        store::Catalogue& catalogue;
        PlatformEventSink& sink;
        const Clock& clock;
        EventSink& events;
        SubDevices* sub_devices = nullptr;  ///< null: gateways' requests are ignored
    };
    explicit Uplink(const Context& context) : context_(context) {}

    void on_publication(const delivery::DevicePublication& publication, Turn& turn) override;
    void on_connection_begun(std::string_view device_id, Turn& turn) override;
    void on_direct_acknowledged(std::string_view device_id, std::string_view topic, bool is_refused,
                                Turn& turn) override;
    void on_connection_ended(std::string_view device_id, Turn& turn) override;

private:
    using Publication = delivery::DevicePublication;
    using DeviceAction = std::function<void(const store::Device&)>;

    [[nodiscard]] bool take_answer(const Publication& publication, Turn& turn);
    void report_message(const Publication& publication, Turn& turn);
    void report_properties(const Publication& publication, Turn& turn);
    void report_gateway(const Publication& publication, Turn& turn);
    void report_of(DeviceReport report, std::string_view gateway_id, Turn& turn);
    void tell_shadow(const Publication& publication, std::string_view request_id, Turn& turn);
    void take_events(const Publication& publication, Turn& turn);
    void take_event(const Publication& publication, const DeviceEvents& all,
                    const DeviceEvent& event, WallTime received, Turn& turn);
    void take_sub_device_request(const Publication& publication, const DeviceEvent& event,
                                 Turn& turn);
    void tell_ignored(const Publication& publication, std::string_view why) const;
    void with_device(std::string device_id, Turn& turn, DeviceAction act);
    void make_event(PlatformEventKind kind, const store::Device& device, std::string body);

    const Context context_;
};

}  // namespace holdfast::api
