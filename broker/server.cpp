#include "server.hpp"

#include "access_chain.hpp"
#include "api/handlers/bans.hpp"
#include "api/handlers/explain.hpp"
#include "api/handlers/health.hpp"
#include "api/handlers/metrics.hpp"
#include "api/handlers/openapi.hpp"
#include "api/http_server.hpp"
#include "ban_control.hpp"
#include "device_removals.hpp"
#include "explain.hpp"
#include "http_login_client.hpp"
#include "net/guard.hpp"
#include "net/shard.hpp"
#include "platform.hpp"
#include "process_memory.hpp"
#include "router/router.hpp"
#include "session/journal.hpp"
#include "session/registry.hpp"
#include "server_helpers.hpp"
#include "session/restore.hpp"
#include "status.hpp"
#include "sys_topics.hpp"
#include "tls_files.hpp"

#include <atomic>
#include <functional>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

namespace holdfast {

namespace {

/// Sessions looked at for expired messages at each tick.
constexpr std::size_t swept_per_tick = 2'000;
/// How soon a changed file of TLS is seen.
constexpr Seconds file_check_interval{5};
/// How often freed memory is given back while there is too little: that takes milliseconds.
constexpr Seconds give_back_interval{5};

/// Of what the configuration's files say.
template <class T>
T value_of(access::Loaded<T> loaded) {
    if (loaded) return *std::move(loaded);
    const access::FileError& error = loaded.error();
    throw ConfigError({error.file, error.line, 0}, {}, error.problem, error.remedy);
}

StorageError unreadable(std::error_code error) {
    return StorageError("the store cannot be read: " + error.message());
}

}  // namespace

class Server::Parts {
public:
    Parts(Config config, Storage storage, const Clock& clock, Random& random, EventSink& events);
    ~Parts();

    void start();
    [[nodiscard]] Ports ports() const;
    void wait();
    void reload();
    void stop();
    [[nodiscard]] std::size_t threads() const { return shards_.size(); }
    [[nodiscard]] Platform& platform() { return *platform_; }

private:
    void tick(session::Actions& actions);
    void measure_memory(Instant now);
    void restore_sessions();
    void restore_delivery();
    void finish_removals();
    using Done = std::function<void(std::error_code)>;
    std::error_code run_at_start(const std::function<void(session::Actions&, Done)>& begin);
    void start_http();
    [[nodiscard]] api::MakeHttpTls make_http_tls(const ListenerConfig& listener);
    void read_changed_files(bool is_asked);
    void tell(Severity severity, std::string_view name, std::string_view detail);
    void stop_shard(net::Shard& shard);
    void part_stopped();

    const Config config_;
    const Clock& clock_;
    Storage storage_;
    const std::unique_ptr<session::Journal> journal_;
    router::Router router_;
    session::Registry registry_;
    net::Guard guard_;
    session::Core core_;
    net::Admission admission_;
    BanControl ban_control_{guard_, clock_};
    Instant give_back_at_{};  ///< on the first shard's thread
    std::vector<std::unique_ptr<net::Shard>> shards_;
    Errands errands_;  ///< of the start; the store may answer until it is gone
    std::optional<ShardGate> gate_;  ///< of the first shard, where HTTP lives
    std::optional<Platform> platform_;
    access::Access access_;
    std::unique_ptr<LoginService> login_service_;
    std::optional<AccessChain> chain_;
    std::optional<LiveExplain> explain_;
    std::optional<Status> status_;
    std::optional<SysTopics> sys_topics_;
    std::vector<std::unique_ptr<net::Listener>> listeners_;
    TlsFiles tls_files_;
    api::Routes routes_;
    std::optional<net::TlsSource> http_tls_;
    std::optional<api::HttpServer> http_;
    std::vector<std::jthread> threads_;
    Instant next_file_check_{};
    int parts_of_first_shard_ = 2;  ///< its MQTT connections and HTTP; on its thread
    std::atomic<bool> is_stopping_{false};
};

Server::Parts::Parts(Config config, Storage storage, const Clock& clock, Random& random,
                     EventSink& events)
    : config_(with_threads(std::move(config))),
      clock_(clock),
      storage_(std::move(storage)),
      // In memory nothing is gained by keeping sessions a second time.
      journal_(storage_.is_durable() ? std::make_unique<session::Journal>(*storage_.store, clock)
                                     : nullptr),
      router_(config_.limits, config_.threads, journal_.get(), random_number(random)),
      registry_(config_.limits, router_, journal_.get()),
      guard_(config_.limits, memory_budget(config_.limits, available_bytes()), events, clock.now()),
      core_{.limits = config_.limits,
            .router = router_,
            .registry = registry_,
            .random = random,
            .events = events,
            .response_information_prefix = config_.response_information_prefix,
            .journal = journal_.get(),
            .guard = &guard_},
      admission_(config_.limits, descriptors_max()),
      access_(config_.access, clock_, random) {
    value_of(access_.load());
    for (std::size_t i = 0; i < config_.threads; ++i) {
        const auto index = static_cast<ShardIndex>(i);
        shards_.push_back(std::make_unique<net::Shard>(index, core_, admission_, guard_, clock_));
    }
    for (const auto& shard : shards_) shard->set_group(shards_);
    gate_.emplace(*shards_.front());
    platform_.emplace(config_, storage_, clock_, random, events,
                      Platform::Site{.executor = shards_.front()->executor(),
                                     .turns = *gate_,
                                     .registry = registry_,
                                     .router = router_,
                                     .router_listener = journal_.get(),
                                     .guard = &guard_,
                                     .loop = shards_.front()->context().get_executor()});
    login_service_ = value_of(make_http_login(
        config_.http_login, {.loop = shards_.front()->context().get_executor(),
                             .home = shards_.front()->executor(),
                             .clock = clock_,
                             .random = random}));
    chain_.emplace(platform_->authenticator(), access_, config_, login_service_.get());
    core_.authenticator = &*chain_;
    core_.uplink = &platform_->uplink();
    status_.emplace(shards_, router_, admission_, guard_, clock_, storage_, platform_->delivery());
    status_->set_event_totals([this] { return platform_->event_totals(); });
    if (config_.sys_topics_interval) {
        sys_topics_.emplace(*status_, router_, *config_.sys_topics_interval, clock_.now());
    }
    shards_.front()->on_tick([this](session::Actions& actions) { tick(actions); });
}

Server::Parts::~Parts() {
    stop();
    wait();
    login_service_.reset();
    for (const auto& shard : shards_) shard->release();
    http_.reset();
    listeners_.clear();
    platform_->finish();
    // What waits is written, and answered to shards that do not run any more, but still exist.
    storage_.catalogue.reset();
    storage_.store.reset();
}

void Server::Parts::start() {
    if (journal_) restore_sessions();
    restore_delivery();
    finish_removals();
    storage_.catalogue->start();
    for (const ListenerConfig& listener : config_.mqtt_listeners) {
        const auto index = static_cast<std::uint16_t>(listeners_.size());
        listeners_.push_back(
            std::make_unique<net::Listener>(shards_, index, listener, config_.tls_keylog));
        net::TlsSource* const tls = listeners_.back()->site().tls();
        if (tls != nullptr) tls_files_.add(net::place_of(listener), *tls);
    }
    if (config_.http_listener) start_http();
    for (const auto& listener : listeners_) listener->start();
    if (http_) http_->start();
    status_->set_ready(true);
    for (const auto& shard : shards_) {
        threads_.emplace_back([&shard = *shard] { shard.run(); });
    }
}

/// Nobody is let in before everything is back.
void Server::Parts::restore_sessions() {
    Errands errands;
    session::Restore restore{*storage_.store, errands, clock_,
                             {.router = router_,
                              .registry = registry_,
                              .events = core_.events,
                              .turn = shards_.front()->enter()}};
    restore.start([&](std::error_code error) { errands.finish(error); });
    if (const std::error_code error = errands.run()) throw unreadable(error);
}

void Server::Parts::restore_delivery() {
    const std::error_code error = run_at_start([this](session::Actions& actions, Done done) {
        platform_->delivery().restore(actions, std::move(done));
    });
    if (error) throw unreadable(error);
}

/// What cannot be finished now either, on a full disk for example, keeps nobody out.
void Server::Parts::finish_removals() {
    const std::error_code error = run_at_start([this](session::Actions& actions, Done done) {
        const DeviceRemovals::Context context{*storage_.catalogue, platform_->delivery(),
                                              registry_, actions};
        std::make_shared<DeviceRemovals>(context, std::move(done))->start();
    });
    if (!error) return;
    tell(Severity::warning, "device_removal_unfinished", error.message());
}

/// Answers come to the thread of the start: the shards do not run yet.
std::error_code Server::Parts::run_at_start(
    const std::function<void(session::Actions&, Done)>& begin) {
    session::Actions& actions = shards_.front()->enter();
    store::Executor* const executor = std::exchange(actions.executor, &errands_);
    begin(actions, [this](std::error_code error) { errands_.finish(error); });
    const std::error_code error = errands_.run();
    // Commits that were begun on the way count with this shard's.
    while (actions.commits_done != actions.commits_begun) errands_.run_one();
    actions.executor = executor;
    return error;
}

void Server::Parts::start_http() {
    api::add_health_routes(routes_, *status_);
    api::add_metrics_routes(routes_, *status_);
    api::add_openapi_routes(routes_);
    platform_->add_routes(routes_);
    api::add_ban_routes(routes_, {ban_control_, clock_});
    explain_.emplace(config_, ports().all_mqtt, access_);
    api::add_explain_routes(routes_, {*explain_, *storage_.catalogue, shards_.front()->executor(),
                                      platform_->custom_topics()});
    const ListenerConfig& listener = *config_.http_listener;
    http_.emplace(shards_.front()->context().get_executor(),
                  api::HttpContext{.routes = routes_,
                                   .access = platform_->access(),
                                   .limits = config_.http_limits,
                                   .clock = clock_,
                                   .random = core_.random,
                                   .events = core_.events,
                                   .make_tls = make_http_tls(listener)});
    const auto listening = http_->listen(listener.address, listener.port);
    if (listening.has_error()) {
        throw ListenError(net::place_of(listener), listening.error().message());
    }
}

/// Empty: no TLS.
api::MakeHttpTls Server::Parts::make_http_tls(const ListenerConfig& listener) {
    if (!listener.tls) return {};
    http_tls_.emplace(*listener.tls, "http/1.1", config_.tls_keylog);
    const auto read = http_tls_->read();
    if (read.has_error()) throw ListenError(net::place_of(listener), read.error().message);
    tls_files_.add(net::place_of(listener), *http_tls_);
    return [this] {
        const net::TlsContextPtr context = http_tls_->newest();
        return api::HttpTls{context->make_session().release(), context};
    };
}

Server::Ports Server::Parts::ports() const {
    Ports ports;
    for (const auto& listener : listeners_) ports.all_mqtt.push_back(listener->port());
    ports.mqtt = ports.all_mqtt.front();
    if (http_) ports.http = http_->port();
    return ports;
}

void Server::Parts::measure_memory(Instant now) {
    guard_.on_memory_measured(resident_bytes());
    if (!guard_.is_memory_exhausted() || now < give_back_at_) return;
    give_back_at_ = now + give_back_interval;
    give_back_freed_memory();
}

void Server::Parts::tick(session::Actions& actions) {
    measure_memory(actions.now);
    registry_.on_deadline(actions);
    registry_.sweep(swept_per_tick, actions);
    platform_->on_tick(actions);
    router_.retained().remove_expired(actions.now, swept_per_tick);
    if (sys_topics_) sys_topics_->on_tick(actions);
    if (actions.now < next_file_check_) return;
    next_file_check_ = actions.now + file_check_interval;
    read_changed_files(false);
}

/// On the first shard.
void Server::Parts::read_changed_files(bool is_asked) {
    if (!tls_files_.read_changed(is_asked, core_.events)) return;
    for (const auto& shard : shards_) {
        boost::asio::post(shard->context(), [&shard = *shard] { shard.check_certificates(); });
    }
}

void Server::Parts::tell(Severity severity, std::string_view name, std::string_view detail) {
    Event event;
    event.severity = severity;
    event.name = name;
    event.detail = detail;
    core_.events.on_event(event);
}

void Server::Parts::reload() {
    boost::asio::post(shards_.front()->context(), [this] { read_changed_files(true); });
    const auto changes = access_.load();
    if (!changes) {
        return tell(Severity::error, "reload_refused",
                    changes.error().message() + "; everything goes on as it was");
    }
    tell(Severity::info, "reloaded",
         std::to_string(changes->users) + " users, " + std::to_string(changes->rules) + " rules");
    net::Shard& shard = *shards_.front();
    boost::asio::post(shard.context(), [this, &shard, gone = changes->gone_users] {
        session::Actions& actions = shard.enter();
        registry_.end_connections_of(gone, CloseReason::administrative_action, actions);
        registry_.review_subscriptions(actions);
        shard.leave();
    });
}

void Server::Parts::stop() {
    if (is_stopping_.exchange(true)) return;
    status_->set_ready(false);
    for (const auto& shard : shards_) {
        boost::asio::post(shard->context(), [this, &shard = *shard] { stop_shard(shard); });
    }
}

void Server::Parts::stop_shard(net::Shard& shard) {
    for (const auto& listener : listeners_) listener->stop(shard.index());
    const bool is_first = &shard == shards_.front().get();
    const auto done = [this, &shard, is_first] { is_first ? part_stopped() : shard.stop(); };
    shard.begin_shutdown(clock_.now() + config_.shutdown_grace, done);
    if (!is_first) return;
    platform_->stop();
    if (http_) {
        http_->stop(config_.shutdown_grace, [this] { part_stopped(); });
    } else {
        part_stopped();
    }
}

void Server::Parts::part_stopped() {
    if (--parts_of_first_shard_ == 0) shards_.front()->stop();
}

void Server::Parts::wait() {
    for (std::jthread& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

Server::Server(Config config, Storage storage, const Clock& clock, Random& random,
               EventSink& events)
    : parts_(std::make_unique<Parts>(std::move(config), std::move(storage), clock, random,
                                     events)) {}

Server::~Server() = default;
void Server::start() { parts_->start(); }
Server::Ports Server::ports() const { return parts_->ports(); }
std::size_t Server::threads() const { return parts_->threads(); }
const std::string& Server::project_id() const { return parts_->platform().project_id(); }
const std::optional<std::string>& Server::first_password() const {
    return parts_->platform().first_password();
}
std::string Server::issue_token() { return parts_->platform().issue_token(); }
std::pair<std::string, std::string> Server::test_key() const {
    return parts_->platform().test_key();
}
void Server::wait() { parts_->wait(); }
void Server::stop() { parts_->stop(); }
void Server::reload() { parts_->reload(); }

}  // namespace holdfast
