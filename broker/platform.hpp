#pragma once
// Platform: the parts that deliver messages to devices, put together: catalogue and its installation, tokens
// and keys, the delivery engine, the log-in of devices, the endpoints. Server owns one and gives it a shard.
// Threads: made, prepared and destroyed on the server's own thread; the rest as each part says.

#include "api/apps.hpp"
#include "api/async_commands.hpp"
#include "api/batch_runner.hpp"
#include "api/connection_times.hpp"
#include "api/device_notes.hpp"
#include "api/device_requests.hpp"
#include "api/event_log.hpp"
#include "api/handlers/devices.hpp"
#include "api/installation.hpp"
#include "api/message_service.hpp"
#include "api/password_worker.hpp"
#include "api/payload_composer.hpp"
#include "api/pusher.hpp"
#include "api/routes.hpp"
#include "api/app_keys.hpp"
#include "api/key_store.hpp"
#include "api/request_access.hpp"
#include "api/shadows.hpp"
#include "api/status_source.hpp"
#include "api/sub_devices.hpp"
#include "api/tokens.hpp"
#include "api/uplink.hpp"
#include "base/environment.hpp"
#include "broadcasts.hpp"
#include "config.hpp"
#include "delivery/delivery.hpp"
#include "device_login.hpp"
#include "device_policies.hpp"
#include "platform_devices.hpp"
#include "product_topics.hpp"
#include "router/router.hpp"
#include "session/guard.hpp"
#include "session/registry.hpp"
#include "storage.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace holdfast {

class Platform {
public:
    /// Where requests are answered: a shard.
    struct Site {
        store::Executor& executor;
        TurnGate& turns;
        session::Registry& registry;
        router::Router& router;
        router::RouterListener* router_listener = nullptr;  ///< null: nothing is remembered
        const session::Guard* guard = nullptr;              ///< null: memory has no end
        boost::asio::any_io_executor loop{};  ///< of that shard; empty: nothing is pushed, no batch runs
    };
    /// Everything outlives the platform. Throws StorageError when the catalogue cannot be prepared.
    Platform(const Config& config, Storage& storage, const Clock& clock, Random& random,
             EventSink& events, Site site);

    [[nodiscard]] delivery::Delivery& delivery() { return delivery_; }
    [[nodiscard]] session::Authenticator& authenticator() { return login_; }
    [[nodiscard]] delivery::DeviceUplink& uplink() { return uplink_; }
    /// What happened to devices and products, for applications.
    [[nodiscard]] api::EventLog& events() { return events_; }
    /// `routes` outlive the platform's work: batch tasks use them.
    void add_routes(api::Routes& routes);
    [[nodiscard]] api::EventTotals event_totals() const;
    /// On the shard where requests are answered: what is due.
    void on_tick(session::Actions& actions);
    /// Nobody waits for devices or events any more.
    void stop();
    /// After the last turn: what is not written yet goes to the catalogue.
    void finish() {
        shadows_.write_all(site_.executor);
        times_.write_all(site_.executor);
    }
    [[nodiscard]] const api::CustomTopics& custom_topics() const { return topics_; }
    /// Who may use the endpoints, those of others included.
    [[nodiscard]] const api::Access& access() const { return access_; }

    [[nodiscard]] const std::string& project_id() const { return installation_.project_id; }
    /// The administrator's, made at this start; empty: there was one, or nobody asks for one.
    [[nodiscard]] const std::optional<std::string>& first_password() const {
        return first_password_;
    }
    /// A token of the administrator's, for tests.
    [[nodiscard]] std::string issue_token();
    /// AK and SK of an access key that may do everything keys can, with test_mode only; else empty.
    [[nodiscard]] std::pair<std::string, std::string> test_key() const;

private:
    /// `listener`: is told of devices behind gateways; may be null.
    [[nodiscard]] api::DevicesContext device_context(api::SubDeviceListener* listener);
    void add_batch_routes(api::Routes& routes);

    const Config& config_;
    Storage& storage_;
    const Clock& clock_;
    Random& random_;
    const Site site_;
    api::Tokens tokens_;
    const api::Installation installation_;
    const std::optional<std::string> first_password_;
    api::AppKeys keys_;
    api::KeyStore key_store_;
    const api::AppKeyPtr test_key_;  ///< null without test_mode
    api::Apps apps_;
    const api::RequestAccess access_;
    api::PasswordWorker passwords_;
    const api::JsonPayloadComposer composer_;
    api::EventLog events_;
    api::ConnectionTimes times_;
    PlatformPresence presence_;
    const std::unique_ptr<api::HttpClient> push_client_;  ///< null: there is no loop
    api::Pusher pusher_;
    delivery::Delivery delivery_;
    api::DeliveryService messages_;
    api::Shadows shadows_;
    PlatformLine line_;
    api::AsyncCommands async_commands_;
    api::SubDeviceStatuses sub_device_statuses_;
    PlatformDevices devices_;
    DevicePolicies policies_;
    ProductTopics topics_;
    Broadcasts broadcasts_;
    DeviceLogin login_;
    api::DeviceNotes notes_;
    api::DeviceRequests requests_;
    api::Routes gateway_routes_;  ///< what gateways may ask for: the endpoints of devices
    api::SubDevices sub_devices_;
    api::Uplink uplink_;
    Instant next_trim_{};
    std::optional<api::BatchRunner> batch_;  ///< with the routes
};

}  // namespace holdfast
