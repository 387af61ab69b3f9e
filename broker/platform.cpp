#include "platform.hpp"

#include "access/joined_rights.hpp"
#include "api/handlers/apps.hpp"
#include "api/handlers/async_commands.hpp"
#include "api/handlers/auth.hpp"
#include "api/handlers/commands.hpp"
#include "api/handlers/batch_files.hpp"
#include "api/handlers/batch_tasks.hpp"
#include "api/handlers/broadcasts.hpp"
#include "api/handlers/device_groups.hpp"
#include "api/handlers/device_policies.hpp"
#include "api/handlers/device_search.hpp"
#include "api/handlers/keys.hpp"
#include "api/handlers/events.hpp"
#include "api/handlers/messages.hpp"
#include "api/handlers/products.hpp"
#include "api/handlers/shadow.hpp"
#include "api/handlers/tags.hpp"
#include "api/handlers/push_certificates.hpp"
#include "api/handlers/push_policies.hpp"
#include "api/handlers/push_rules.hpp"
#include "api/handlers/subscriptions.hpp"

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
    const std::vector<AddressRange>& allowed = config.push.allowed_networks;
    const bool is_free_test = config.test_mode && allowed.empty();
    return {.allows_all = config.push.allow_private_targets || is_free_test, .allowed = allowed};
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

struct KeySources {
    const Clock& clock;
    Random& random;
    EventSink& events;
};

/// Reads all keys. With them the one of the fixture, made where it is not there from before; else null.
api::AppKeyPtr load_keys(const Config& config, const api::Installation& installation,
                         api::KeyStore& store, const api::AppKeys& keys,
                         const KeySources& sources) {
    const std::size_t unreadable = value_or_fail(store.load(), "the keys cannot be read");
    if (unreadable != 0) {
        Event event;
        event.severity = Severity::warning;
        event.name = "keys_unreadable";
        event.count = unreadable;
        event.detail =
            "keys of applications cannot be decrypted and are refused: put a backup in "
            "the catalogue's place";
        sources.events.on_event(event);
    }
    if (!config.test_mode) return nullptr;
    constexpr std::string_view name = "serve --test";
    for (const api::AppKeyPtr& key : keys.list()) {
        const bool is_it = key->name == name && key->kind == api::KeyKind::access_key;
        if (is_it && key->is_enabled) return key;
    }
    api::AppKeyFacts facts;
    facts.key_id = api::make_access_key(sources.random);
    facts.name = name;
    facts.project_id = installation.project_id;
    facts.secret = api::make_secret_key(sources.random);
    facts.permissions = api::Permissions{{"iotda:*", "holdfast:*"}};
    facts.created_at = sources.clock.wall_now();
    return value_or_fail(store.add_and_wait(std::move(facts)), "no key can be made");
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
      key_store_(storage.catalogue->documents(), site.executor, keys_),
      test_key_(load_keys(config, installation_, key_store_, keys_, {clock, random, events})),
      apps_(value_or_fail(
          api::Apps::load(storage.catalogue->documents(), installation_.default_app_id,
                          store::CatalogueTime{clock.wall_now()}),
          "its resource spaces cannot be read")),
      access_(tokens_, keys_, clock, installation_.project_id,
              [this](const api::AppKey& key, WallTime step) { key_store_.keep_use(key, step); }),
      composer_(config.payload),
      events_({.store = *storage.store,
               .catalogue = *storage.catalogue,
               .home = site.executor,
               .clock = clock,
               .events = events,
               .settings = config.events}),
      times_(*storage.catalogue),
      presence_(times_, events_),
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
                 .recorder = &events_,
                 .presence = &presence_}),
      messages_(delivery_),
      shadows_(storage.catalogue->documents()),
      line_(site.registry),
      async_commands_({.catalogue = *storage.catalogue,
                       .line = line_,
                       .home = site.executor,
                       .turns = site.turns,
                       .clock = clock,
                       .events = events_,
                       .settings = config.async_commands,
                       .requests = config.device_requests,
                       .object_device_id_always = config.payload.object_device_id_always}),
      devices_(site.registry, delivery_, shadows_, times_, async_commands_, sub_device_statuses_,
               site.turns),
      policies_(site.registry, site.turns),
      topics_(site.registry, site.turns,
              config.custom_topics_required ? access::WithoutTopics::none_allowed
                                            : access::WithoutTopics::all_allowed),
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
           .rights =
               [this](const store::Device& device) {
                   return access::join(topics_.rights_of(device.product_id),
                                       policies_.rights_of(device));
               }}),
      notes_(storage.catalogue->documents()),
      requests_(line_, config.device_requests),
      sub_devices_({.devices = {gateway_routes_, installation_.project_id},
                    .views = api::DeviceViews{{.catalogue = *storage.catalogue,
                                               .executor = site.executor,
                                               .status = devices_,
                                               .apps = apps_}},
                    .catalogue = {*storage.catalogue, site.executor},
                    .statuses = sub_device_statuses_,
                    .presence = presence_,
                    .line = line_,
                    .turns = site.turns,
                    .clock = clock,
                    .loop = site.loop}),
      uplink_({.requests = requests_,
               .async_commands = async_commands_,
               .line = line_,
               .notes = notes_,
               .shadows = shadows_,
               .catalogue = *storage.catalogue,
               .sink = events_,
               .clock = clock,
               .events = events,
               .sub_devices = &sub_devices_}) {
    const auto loaded = api::load_policies(storage.catalogue->documents(), policies_);
    if (loaded.has_error()) {
        throw StorageError("catalogue: its device policies cannot be read: " +
                           loaded.error().message());
    }
    const auto read_topics = api::load_custom_topics(*storage.catalogue, topics_);
    if (read_topics.has_error()) {
        throw StorageError("catalogue: its products' topics cannot be read: " +
                           read_topics.error().message());
    }
    if (const auto read = async_commands_.load(); read.has_error()) {
        throw StorageError("catalogue: its commands cannot be read: " + read.error().message());
    }
    // A gateway is answered itself, and need not be told besides.
    add_device_routes(gateway_routes_, device_context(nullptr));
    policies_.start();
    topics_.start();
    events_.start();
    if (!push_client_) return;
    pusher_.start(value_or_fail(api::read_push_book(storage.catalogue->documents()),
                                "its rules of the status push cannot be read"));
}

api::EventTotals Platform::event_totals() const {
    const api::EventLogTotals log = events_.totals();
    return {.appended = log.appended,
            .lost = log.failed,
            .forgotten = log.forgotten,
            .kept = log.kept,
            .kept_bytes = log.kept_bytes,
            .push = pusher_.totals(),
            .push_backlog = pusher_.backlog(),
            .push_actions = pusher_.states()};
}

void Platform::stop() {
    requests_.stop();
    async_commands_.stop();
    sub_devices_.stop();
    events_.end_waiting();
}

void Platform::on_tick(session::Actions& actions) {
    delivery_.on_deadline(actions);
    requests_.on_deadline(actions);
    async_commands_.on_tick(actions.now);
    shadows_.on_deadline(actions);
    times_.on_deadline(actions);
    pusher_.on_tick();
    if (batch_) batch_->on_tick();
    if (actions.now < next_trim_) return;
    next_trim_ = actions.now + trim_interval;
    events_.trim();
}

std::string Platform::issue_token() {
    return tokens_.issue(api::administrator_name, clock_.wall_now());
}

std::pair<std::string, std::string> Platform::test_key() const {
    if (test_key_ == nullptr) return {};
    return {test_key_->key_id, test_key_->secret};
}

api::DevicesContext Platform::device_context(api::SubDeviceListener* listener) {
    return {.catalogue = *storage_.catalogue,
            .executor = site_.executor,
            .status = devices_,
            .hooks = devices_,
            .installation = installation_,
            .clock = clock_,
            .random = random_,
            .apps = apps_,
            .policies = policies_,
            .messages = &messages_,
            .turns = &site_.turns,
            .sink = &events_,
            .sub_devices = listener};
}

void Platform::add_routes(api::Routes& routes) {
    add_auth_routes(routes, {.catalogue = *storage_.catalogue,
                             .executor = site_.executor,
                             .tokens = tokens_,
                             .passwords = passwords_,
                             .installation = installation_,
                             .clock = clock_,
                             .random = random_,
                             .cost = {}});
    add_key_routes(routes,
                   {.store = key_store_, .keys = keys_, .clock = clock_, .random = random_});
    add_product_routes(routes, {.catalogue = *storage_.catalogue,
                                .executor = site_.executor,
                                .installation = installation_,
                                .clock = clock_,
                                .random = random_,
                                .apps = apps_,
                                .policies = policies_,
                                .topics = &topics_,
                                .sink = &events_});
    add_device_routes(routes, device_context(&sub_devices_));
    add_device_search_routes(routes, {.catalogue = *storage_.catalogue,
                                      .executor = site_.executor,
                                      .status = devices_,
                                      .apps = apps_});
    add_command_routes(routes,
                       {.requests = requests_,
                        .catalogue = *storage_.catalogue,
                        .executor = site_.executor,
                        .turns = site_.turns,
                        .random = random_,
                        .object_device_id_always = config_.payload.object_device_id_always});
    add_async_command_routes(routes, {.commands = async_commands_,
                                      .catalogue = *storage_.catalogue,
                                      .executor = site_.executor});
    add_shadow_routes(routes, {.shadows = shadows_,
                               .catalogue = *storage_.catalogue,
                               .executor = site_.executor,
                               .clock = clock_});
    add_event_routes(routes, {events_});
    const api::PushRoutesContext push{pusher_, storage_.catalogue->documents(), site_.executor,
                                      clock_};
    add_push_rule_routes(routes, push);
    add_push_policy_routes(routes, push);
    add_push_certificate_routes(routes, push);
    add_subscription_routes(routes, push);
    add_app_routes(routes, {.catalogue = *storage_.catalogue,
                            .executor = site_.executor,
                            .apps = apps_,
                            .policies = policies_,
                            .clock = clock_});
    add_device_group_routes(routes, {.catalogue = *storage_.catalogue,
                                     .executor = site_.executor,
                                     .apps = apps_,
                                     .clock = clock_});
    add_device_policy_routes(routes, {.catalogue = *storage_.catalogue,
                                      .executor = site_.executor,
                                      .apps = apps_,
                                      .policies = policies_,
                                      .clock = clock_});
    add_tag_routes(routes, {.catalogue = *storage_.catalogue, .executor = site_.executor});
    add_messages_routes(routes, {.messages = messages_,
                                 .catalogue = *storage_.catalogue,
                                 .executor = site_.executor,
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
                                             .events = &events_,
                                             .project_id = installation_.project_id});
    const api::BatchTasksContext context{.catalogue = *storage_.catalogue,
                                         .executor = site_.executor,
                                                .apps = apps_,
                                         .runner = *batch_,
                                         .clock = clock_};
    add_batch_task_routes(routes, context);
    add_batch_file_routes(routes, {.catalogue = *storage_.catalogue,
                                   .executor = site_.executor,
                                    .clock = clock_});
    batch_->start();
}

}  // namespace holdfast
