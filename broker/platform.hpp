#pragma once
// Platform: the parts that deliver messages to devices, put together: catalogue and its installation, tokens,
// the delivery engine, the log-in of devices, the endpoints. Server owns one and gives it a shard.
// Threads: made, prepared and destroyed on the server's own thread; the rest as each part says.

#include "api/apps.hpp"
#include "api/batch_runner.hpp"
#include "api/device_hooks.hpp"
#include "api/installation.hpp"
#include "api/message_service.hpp"
#include "api/password_worker.hpp"
#include "api/payload_composer.hpp"
#include "api/routes.hpp"
#include "api/token_access.hpp"
#include "api/tokens.hpp"
#include "base/environment.hpp"
#include "broadcasts.hpp"
#include "config.hpp"
#include "delivery/delivery.hpp"
#include "device_login.hpp"
#include "device_policies.hpp"
#include "router/router.hpp"
#include "session/guard.hpp"
#include "session/registry.hpp"
#include "storage.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace holdfast {

/// Devices as the endpoints see them: their connections and messages.
class PlatformDevices final : public api::DeviceStatusSource, public api::DeviceHooks {
public:
    PlatformDevices(session::Registry& registry, delivery::Delivery& delivery, TurnGate& turns)
        : registry_(registry), delivery_(delivery), turns_(turns) {}

    [[nodiscard]] bool is_online(std::string_view device_id) const override;
    void disconnect(std::string_view device_id, api::DisconnectCause why) override;
    void remove_messages(std::uint64_t number, std::string_view device_id,
                         std::function<void(std::error_code)> done) override;

private:
    session::Registry& registry_;
    delivery::Delivery& delivery_;
    TurnGate& turns_;
};

class Platform {
public:
    /// Where requests are answered: a shard.
    struct Site {
        store::Executor& executor;
        TurnGate& turns;
        session::Registry& registry;
        router::Router& router;
        router::RouterListener* router_listener;  ///< null: nothing is remembered
        boost::asio::any_io_executor loop;        ///< of the shard
        const session::Guard* guard = nullptr;    ///< null: memory has no end
    };
    /// Everything outlives the platform. Throws StorageError when the catalogue cannot be prepared.
    Platform(const Config& config, Storage& storage, const Clock& clock, Random& random,
             EventSink& events, Site site);

    [[nodiscard]] delivery::Delivery& delivery() { return delivery_; }
    [[nodiscard]] session::Authenticator& authenticator() { return login_; }
    /// `routes` outlive the platform's work: batch tasks use them.
    void add_routes(api::Routes& routes);
    /// Of the shard; often.
    void on_tick();
    /// Who may use the endpoints, those of others included.
    [[nodiscard]] const api::TokenAccess& access() const { return access_; }

    [[nodiscard]] const std::string& project_id() const { return installation_.project_id; }
    /// The administrator's, made at this start; empty: there was one, or nobody asks for one.
    [[nodiscard]] const std::optional<std::string>& first_password() const {
        return first_password_;
    }
    /// A token of the administrator's, for tests.
    [[nodiscard]] std::string issue_token();

private:
    void add_batch_routes(api::Routes& routes);

    const Config& config_;
    Storage& storage_;
    const Clock& clock_;
    Random& random_;
    const Site site_;
    api::Tokens tokens_;
    const api::Installation installation_;
    const std::optional<std::string> first_password_;
    api::Apps apps_;
    const api::TokenAccess access_;
    api::PasswordWorker passwords_;
    const api::JsonPayloadComposer composer_;
    delivery::Delivery delivery_;
    api::DeliveryService messages_;
    PlatformDevices devices_;
    DevicePolicies policies_;
    Broadcasts broadcasts_;
    DeviceLogin login_;
    std::optional<api::BatchRunner> batch_;  ///< with the routes
};

}  // namespace holdfast
