#include "platform.hpp"

#include "api/handlers/apps.hpp"
#include "api/handlers/auth.hpp"
#include "api/handlers/batch_files.hpp"
#include "api/handlers/batch_tasks.hpp"
#include "api/handlers/broadcasts.hpp"
#include "api/handlers/device_groups.hpp"
#include "api/handlers/device_policies.hpp"
#include "api/handlers/devices.hpp"
#include "api/handlers/messages.hpp"
#include "api/handlers/products.hpp"
#include "api/handlers/tags.hpp"

#include <utility>

namespace holdfast {

namespace {

api::InstallationContext installation_context(Storage& storage, const Clock& clock,
                                              Random& random) {
    return {.catalogue = *storage.catalogue, .random = random, .clock = clock, .cost = {}};
}

template <class T>
T value_or_fail(Result<T> result, std::string_view what) {
    if (result.has_error()) {
        throw StorageError("catalogue: " + std::string{what} + ": " + result.error().message());
    }
    return *std::move(result);
}

/// The fixture of tests gets a token with its ready line, and hashing a password takes its time.
std::optional<std::string> make_administrator(const Config& config,
                                              const api::InstallationContext& context) {
    if (config.test_mode) return std::nullopt;
    return value_or_fail(api::ensure_administrator(context), "no administrator can be made");
}

}  // namespace

Platform::Platform(const Config& config, Storage& storage, const Clock& clock, Random& random,
                   EventSink& events, Site site)
    : config_(config),
      storage_(storage),
      clock_(clock),
      random_(random),
      site_(site),
      tokens_(random),
      installation_(value_or_fail(
          api::prepare_installation(installation_context(storage, clock, random), tokens_),
          "it cannot be prepared")),
      first_password_(make_administrator(config, installation_context(storage, clock, random))),
      apps_(value_or_fail(
          api::Apps::load(storage.catalogue->documents(), installation_.default_app_id,
                          store::CatalogueTime{clock.wall_now()}),
          "its resource spaces cannot be read")),
      access_(tokens_, clock, installation_.project_id),
      composer_(config.payload),
      delivery_({.store = *storage.store,
                 .settings = config.delivery,
                 .clock = clock,
                 .events = events,
                 .composer = composer_}),
      messages_(delivery_),
      devices_(site.registry, delivery_, site.turns),
      policies_(site.registry, site.turns),
      broadcasts_({.router = site.router,
                   .listener = site.router_listener,
                   .turns = site.turns,
                   .store = *storage.store,
                   .executor = site.executor}),
      login_(
          {.catalogue = *storage.catalogue,
           .clock = clock,
           .feed = [this](delivery::DeviceRef device) { return delivery_.feed(device); },
           .allow_anonymous = true,
           .rights = [this](const store::Device& device) { return policies_.rights_of(device); }}) {
    const auto loaded = api::load_policies(storage.catalogue->documents(), policies_);
    if (loaded.has_error()) {
        throw StorageError("catalogue: its device policies cannot be read: " +
                           loaded.error().message());
    }
    policies_.start();
}

bool PlatformDevices::is_online(std::string_view device_id) const {
    const session::SessionPtr session = registry_.find(device_session_key(device_id));
    return session && session->is_connected();
}

void PlatformDevices::disconnect(std::string_view device_id, api::DisconnectCause why) {
    const std::string key = device_session_key(device_id);
    turns_.enter([&](Turn& turn) {
        auto& actions = static_cast<session::Actions&>(turn);
        // Another device of that name would find its session, whose messages were never its own.
        if (why == api::DisconnectCause::deleted) {
            registry_.end(key, CloseReason::administrative_action, actions);
        } else {
            registry_.end_connection(key, CloseReason::administrative_action, actions);
        }
    });
}

void PlatformDevices::remove_messages(std::uint64_t number, std::string_view device_id,
                                      std::function<void(std::error_code)> done) {
    turns_.enter([&](Turn& turn) {
        delivery_.remove_device({number, device_id}, turn, std::move(done));
    });
}

std::string Platform::issue_token() {
    return tokens_.issue(api::administrator_name, clock_.wall_now());
}

void Platform::add_routes(api::Routes& routes) {
    add_auth_routes(routes, {.catalogue = *storage_.catalogue,
                             .executor = site_.executor,
                             .tokens = tokens_,
                             .passwords = passwords_,
                             .access = access_,
                             .installation = installation_,
                             .clock = clock_,
                             .cost = {}});
    add_product_routes(routes, {.catalogue = *storage_.catalogue,
                                .executor = site_.executor,
                                .access = access_,
                                .installation = installation_,
                                .clock = clock_,
                                .random = random_,
                                .apps = apps_,
                                .policies = policies_});
    add_device_routes(routes, {.catalogue = *storage_.catalogue,
                               .executor = site_.executor,
                               .access = access_,
                               .status = devices_,
                               .hooks = devices_,
                               .installation = installation_,
                               .clock = clock_,
                               .random = random_,
                               .apps = apps_,
                               .policies = policies_});
    add_app_routes(routes, {.catalogue = *storage_.catalogue,
                            .executor = site_.executor,
                            .access = access_,
                            .apps = apps_,
                            .policies = policies_,
                            .clock = clock_});
    add_device_group_routes(routes, {.catalogue = *storage_.catalogue,
                                     .executor = site_.executor,
                                     .access = access_,
                                     .apps = apps_,
                                     .clock = clock_});
    add_device_policy_routes(routes, {.catalogue = *storage_.catalogue,
                                      .executor = site_.executor,
                                      .access = access_,
                                      .apps = apps_,
                                      .policies = policies_,
                                      .clock = clock_});
    add_tag_routes(
        routes, {.catalogue = *storage_.catalogue, .executor = site_.executor, .access = access_});
    add_messages_routes(routes, {.messages = messages_,
                                 .catalogue = *storage_.catalogue,
                                 .executor = site_.executor,
                                 .access = access_,
                                 .turns = site_.turns,
                                 .random = random_,
                                 .store_backlog = [this] { return storage_.store->backlog(); },
                                 .limits = {},
                                 .is_memory_exhausted =
                                     [guard = site_.guard] {
                                         return guard != nullptr && guard->is_memory_exhausted();
                                     }});
    add_broadcast_routes(routes, {.catalogue = *storage_.catalogue,
                                  .executor = site_.executor,
                                  .access = access_,
                                  .apps = apps_,
                                  .broadcasts = broadcasts_,
                                  .clock = clock_,
                                  .random = random_});
    add_batch_routes(routes);
}

void Platform::add_batch_routes(api::Routes& routes) {
    batch_.emplace(api::BatchRunner::Context{.routes = routes,
                                             .catalogue = *storage_.catalogue,
                                             .executor = site_.executor,
                                             .loop = site_.loop,
                                             .clock = clock_,
                                             .random = random_,
                                             .project_id = installation_.project_id});
    const api::BatchTasksContext context{.catalogue = *storage_.catalogue,
                                         .executor = site_.executor,
                                         .access = access_,
                                         .apps = apps_,
                                         .runner = *batch_,
                                         .clock = clock_};
    add_batch_task_routes(routes, context);
    add_batch_file_routes(routes, {.catalogue = *storage_.catalogue,
                                   .executor = site_.executor,
                                   .access = access_,
                                   .clock = clock_});
    batch_->start();
}

void Platform::on_tick() {
    if (batch_) batch_->on_tick();
}

}  // namespace holdfast
