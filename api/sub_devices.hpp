#pragma once
// SubDevices: does what gateways want of the devices behind them, and tells them what applications did: adds,
// deletes, says who is online, lists. A device is registered and deleted by the endpoints of devices, so
// that everything is judged, limited and told to applications as if one of them had asked; besides, it must
// be behind the gateway that asks.
// The requests of one gateway are done one after the other, the end of its connection among them, which
// makes the devices OFFLINE that it had said to be ONLINE; unless it has another connection by then.
// Everything goes by the direct line: who is not there, or takes nothing for long, learns it by asking.
// Limits: those below; a request beyond them fails as a whole.
// Source: the contract, section 5.4 (`$sub_device_manager`), and the device SDKs.
// Threads: what is so marked any shard; the rest, and all work, the HTTP side's. Lifetime: everything of the
// context outlives it; it outlives the loop's last turn.

#include "api/awaited_catalogue.hpp"
#include "api/device_views.hpp"
#include "api/inner_request.hpp"
#include "api/sub_device_listener.hpp"
#include "api/sub_device_schema.hpp"
#include "api/sub_device_statuses.hpp"
#include "base/environment.hpp"
#include "base/turn.hpp"
#include "delivery/device_uplink.hpp"
#include "delivery/status_recorder.hpp"
#include "store/catalogue.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace holdfast::api {

/// Requests of gateways that wait to be done.
inline constexpr std::size_t gateway_requests_max = 10'000;
inline constexpr std::size_t requests_per_gateway_max = 20;
/// Registrations and deletions that gateways are still to be told of; beyond it they are not.
inline constexpr std::size_t sub_device_notices_max = 10'000;

class SubDevices final : public SubDeviceListener {
public:
    struct Context {
        InnerRequests devices;  ///< the endpoints of devices
        DeviceViews views;
        AwaitedCatalogue catalogue;
        SubDeviceStatuses& statuses;
        delivery::PresenceListener& presence;
        delivery::DirectLine& line;
        TurnGate& turns;  ///< of the loop's shard
        const Clock& clock;
        boost::asio::any_io_executor loop;  ///< the HTTP side's; empty: nothing is done
        Milliseconds pause =
            Milliseconds{200};  ///< before a gateway that took nothing is tried again
    };
    explicit SubDevices(Context context) : context_(std::move(context)) {}
    SubDevices(const SubDevices&) = delete;
    SubDevices& operator=(const SubDevices&) = delete;

    // --- Any shard

    void on_request(std::string_view gateway_id, SubDeviceRequest request);
    void on_connection_begun(std::string_view device_id);
    void on_connection_ended(std::string_view device_id);

    // --- Home

    void on_sub_device_added(const boost::json::object& shown) override;
    void on_sub_device_removed(const store::Device& device) override;
    /// Nothing more is sent.
    void stop() { is_stopped_ = true; }

private:
    using Failure = std::optional<SubDeviceFailure>;  ///< empty: none
    /// Empty: the gateway's connection has ended.
    using Job = std::optional<SubDeviceRequest>;
    struct Notice {
        SubDeviceNotice what = SubDeviceNotice::added;
        std::string gateway_id;
        boost::json::object info;
    };
    template <class T>
    using Awaitable = boost::asio::awaitable<T>;

    void enter(std::string gateway_id, Job job);
    [[nodiscard]] Awaitable<void> work_for(std::string gateway_id);
    [[nodiscard]] Awaitable<void> carry_out(std::string gateway_id, SubDeviceRequest request);
    [[nodiscard]] Awaitable<SubDeviceResults> add(std::string gateway_id, SubDeviceRequest request);
    [[nodiscard]] Awaitable<SubDeviceResults> remove(std::string gateway_id,
                                                     SubDeviceRequest request);
    [[nodiscard]] Awaitable<SubDeviceResults> update(std::string gateway_id,
                                                     SubDeviceRequest request);
    [[nodiscard]] Awaitable<Failure> update_one(std::string gateway_id, SubDeviceStatus wanted);
    [[nodiscard]] Awaitable<std::error_code> note_activation(std::string device_id);
    [[nodiscard]] Awaitable<void> list(std::string gateway_id, SubDeviceRequest request);
    [[nodiscard]] Awaitable<void> end_connection(std::string gateway_id);
    [[nodiscard]] Awaitable<Failure> refuse_stranger(std::string gateway_id, std::string device_id);

    void notify(Notice notice);
    [[nodiscard]] Awaitable<void> work_off_notices();
    [[nodiscard]] Awaitable<std::string> find_connected(std::string device_id);

    [[nodiscard]] delivery::DirectSend send(std::string_view gateway_id, const DeviceEvent& event);
    [[nodiscard]] Awaitable<bool> send_patiently(std::string gateway_id, DeviceEvent event);
    [[nodiscard]] std::int64_t next_version(std::int64_t known);
    void tell(const SubDevice& device, bool is_online);

    const Context context_;
    std::atomic<std::size_t> unfinished_{0};  ///< jobs entered, or on their way to home
    bool is_stopped_ = false;
    std::map<std::string, std::deque<Job>, std::less<>>
        lines_;  ///< of gateways that are worked for
    std::deque<Notice> notices_;
    bool is_notifying_ = false;
    std::int64_t last_version_ = 0;
};

}  // namespace holdfast::api
