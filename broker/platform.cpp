#include "platform.hpp"

#include "api/handlers/auth.hpp"
#include "api/handlers/devices.hpp"
#include "api/handlers/events.hpp"
#include "api/handlers/messages.hpp"
#include "api/handlers/products.hpp"
#include "api/handlers/push_rules.hpp"

#include <utility>

namespace holdfast {

namespace {

api::InstallationContext installation_context(Storage& storage, const Clock& clock,
                                              Random& random) {
    return {.catalogue = *storage.catalogue, .random = random, .clock = clock, .cost = {}};
}

/// How often events that are too old, or too many, are looked for.
constexpr Seconds trim_interval{1};

/// Of all receivers together: a slow one waits for its own.
constexpr std::size_t push_connections_max = 64;

api::AddressPolicy push_policy(const Config& config) {
    return {.allows_all = config.push.allow_private_targets || config.test_mode, .allowed = {}};
}

std::unique_ptr<api::HttpClient> make_push_client(const Config& config, const Clock& clock,
                                                  const Platform::Site& site) {
    if (!site.loop) return nullptr;
    return std::make_unique<api::HttpClient>(
        site.loop, clock,
        api::HttpClient::Settings{.connections_max = push_connections_max,
                                  .policy = push_policy(config)});
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
      access_(tokens_, clock, installation_.project_id),
      composer_(config.payload),
      events_({.store = *storage.store,
               .catalogue = *storage.catalogue,
               .home = site.executor,
               .clock = clock,
               .events = events,
               .settings = config.events}),
      push_client_(make_push_client(config, clock, site)),
      pusher_({.log = events_,
               .documents = storage.catalogue->documents(),
               .home = site.executor,
               .clock = clock,
               .random = random,
               .events = events,
               .settings = config.push,
               .policy = push_policy(config),
               .send = [this](api::ClientRequest request, api::ClientDone done) {
                   push_client_->send(std::move(request), std::move(done));
               }}),
      delivery_({.store = *storage.store,
                 .settings = config.delivery,
                 .clock = clock,
                 .events = events,
                 .composer = composer_,
                 .recorder = &events_}),
      messages_(delivery_),
      devices_(site.registry, delivery_, site.turns),
      login_({.catalogue = *storage.catalogue,
              .clock = clock,
              .feed = [this](delivery::DeviceRef device) { return delivery_.feed(device); },
              .allow_anonymous = true}) {
    events_.start();
    if (push_client_) pusher_.start();
}

api::EventTotals Platform::event_totals() const {
    const api::EventLogTotals log = events_.totals();
    const api::PushTotals pushed = pusher_.totals();
    return {.appended = log.appended,
            .lost = log.failed,
            .forgotten = log.forgotten,
            .kept = log.kept,
            .kept_bytes = log.kept_bytes,
            .pushed = pushed.pushed,
            .push_failures = pushed.failed,
            .push_expired = pushed.expired,
            .push_dropped = pushed.dropped,
            .push_backlog = pusher_.backlog()};
}

void Platform::on_tick(Instant now) {
    pusher_.on_tick();
    if (now < next_trim_) return;
    next_trim_ = now + trim_interval;
    events_.trim();
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
                                .sink = &events_});
    add_device_routes(routes, {.catalogue = *storage_.catalogue,
                               .executor = site_.executor,
                               .access = access_,
                               .status = devices_,
                               .hooks = devices_,
                               .installation = installation_,
                               .clock = clock_,
                               .random = random_,
                               .sink = &events_});
    add_event_routes(routes, {events_, access_});
    add_push_rule_routes(
        routes, {pusher_, storage_.catalogue->documents(), site_.executor, access_});
    add_messages_routes(routes, {.messages = messages_,
                                 .catalogue = *storage_.catalogue,
                                 .executor = site_.executor,
                                 .access = access_,
                                 .turns = site_.turns,
                                 .random = random_,
                                 .store_backlog = [this] { return storage_.store->backlog(); },
                                 .limits = {},
                                 .is_memory_exhausted = [guard = site_.guard] {
                                     return guard != nullptr && guard->is_memory_exhausted();
                                 }});
}

}  // namespace holdfast
