#include "api/http_client.hpp"

#include "api/client_connection.hpp"
#include "base/error.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <deque>
#include <map>
#include <unordered_set>
#include <utility>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

using boost::asio::awaitable;

namespace {

constexpr std::chrono::seconds sweep_interval{1};

/// The connections to one origin, and who waits for one.
struct Origin {
    std::size_t open = 0;  ///< being used, or opened
    std::vector<ClientConnectionPtr> idle;
    std::deque<ClientCallPtr> waiting;
};
using OriginPtr = std::shared_ptr<Origin>;

/// Connections are shared by those who expect the same of the peer.
std::string key_of(const ClientRequest& request) {
    std::string key = request.url.origin();
    if (request.url.is_secure) {
        key += "#" + std::to_string(reinterpret_cast<std::uintptr_t>(request.tls.get()));
    }
    return key;
}

}  // namespace

class ClientPool : public std::enable_shared_from_this<ClientPool> {
public:
    ClientPool(boost::asio::any_io_executor executor, const Clock& clock,
               HttpClient::Settings settings)
        : executor_(std::move(executor)),
          clock_(clock),
          settings_(std::move(settings)),
          sweeper_(executor_) {}

    void admit(ClientRequest request, ClientDone done);
    void stop();

private:
    static awaitable<void> work(std::shared_ptr<ClientPool> pool, OriginPtr origin,
                                ClientCallPtr call, ClientConnectionPtr connection);
    static awaitable<ClientConnectionPtr> answer(std::shared_ptr<ClientPool> pool,
                                                 ClientCallPtr call,
                                                 ClientConnectionPtr connection);
    void begin(const OriginPtr& origin, ClientCallPtr call, ClientConnectionPtr connection);
    [[nodiscard]] ClientCallPtr next_call(Origin& origin) const;
    void release(Origin& origin, ClientConnectionPtr connection);
    void sweep_later();
    void sweep();

    const boost::asio::any_io_executor executor_;
    const Clock& clock_;
    const HttpClient::Settings settings_;
    std::map<std::string, OriginPtr> origins_;
    std::unordered_set<ClientCallPtr> calls_;
    boost::asio::steady_timer sweeper_;  ///< runs while there are origins
    bool is_sweeping_ = false;
    bool is_stopped_ = false;
};

void ClientPool::admit(ClientRequest request, ClientDone done) {
    OriginPtr& origin = origins_[key_of(request)];
    if (!origin) origin = std::make_shared<Origin>();
    sweep_later();
    const auto call = std::make_shared<ClientCall>(executor_, std::move(request), std::move(done));
    call->start();
    if (!origin->idle.empty()) {
        const ClientConnectionPtr connection = std::move(origin->idle.back());
        origin->idle.pop_back();
        return begin(origin, call, connection);
    }
    if (origin->open < settings_.connections_max) return begin(origin, call, nullptr);
    std::erase_if(origin->waiting, [](const ClientCallPtr& each) { return each->is_finished(); });
    if (origin->waiting.size() >= settings_.waiting_max) {
        return call->fail(ClientFailure::too_many_waiting,
                          "too many requests wait for " + call->request().url.origin());
    }
    calls_.insert(call);
    origin->waiting.push_back(call);
}

void ClientPool::begin(const OriginPtr& origin, ClientCallPtr call,
                       ClientConnectionPtr connection) {
    ++origin->open;
    calls_.insert(call);
    boost::asio::co_spawn(executor_,
                          work(shared_from_this(), origin, std::move(call), std::move(connection)),
                          boost::asio::detached);
}

/// One connection's worth of requests: the given one, then those that wait.
awaitable<void> ClientPool::work(std::shared_ptr<ClientPool> pool, OriginPtr origin,
                                 ClientCallPtr call, ClientConnectionPtr connection) {
    while (call) {
        connection = co_await answer(pool, call, std::move(connection));
        pool->calls_.erase(call);
        call = pool->next_call(*origin);
    }
    pool->release(*origin, std::move(connection));
}

/// Null: the connection is of no more use.
awaitable<ClientConnectionPtr> ClientPool::answer(std::shared_ptr<ClientPool> pool,
                                                  ClientCallPtr call,
                                                  ClientConnectionPtr connection) {
    if (call->is_finished()) co_return connection;
    if (connection) {
        const Exchanged exchanged = co_await exchange_on(call, connection);
        if (exchanged == Exchanged::keep) co_return connection;
        connection->close();
        if (exchanged == Exchanged::close || call->is_finished()) co_return nullptr;
    }
    connection = co_await open_connection(call, pool->executor_, pool->settings_.policy);
    if (!connection) co_return nullptr;
    const Exchanged exchanged = co_await exchange_on(call, connection);
    if (exchanged == Exchanged::keep) co_return connection;
    if (exchanged == Exchanged::stale) {
        call->fail(ClientFailure::connection_lost,
                   call->request().url.origin() + " closed the connection without a response");
    }
    connection->close();
    co_return nullptr;
}

ClientCallPtr ClientPool::next_call(Origin& origin) const {
    while (!origin.waiting.empty() && !is_stopped_) {
        ClientCallPtr call = std::move(origin.waiting.front());
        origin.waiting.pop_front();
        if (!call->is_finished()) return call;
    }
    return nullptr;
}

void ClientPool::release(Origin& origin, ClientConnectionPtr connection) {
    --origin.open;
    if (!connection || is_stopped_) return;
    connection->idle_since = clock_.now();
    origin.idle.push_back(std::move(connection));
}

void ClientPool::sweep_later() {
    if (is_sweeping_) return;
    is_sweeping_ = true;
    sweeper_.expires_after(sweep_interval);
    sweeper_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
        const auto pool = weak.lock();
        if (!error && pool) pool->sweep();
    });
}

/// Closes what nobody has used for long, and forgets origins that nobody asks any more.
void ClientPool::sweep() {
    is_sweeping_ = false;
    const Instant oldest = clock_.now() - settings_.idle_max;
    std::erase_if(calls_, [](const ClientCallPtr& call) { return call->is_finished(); });
    std::erase_if(origins_, [&](auto& entry) {
        Origin& origin = *entry.second;
        std::erase_if(origin.idle, [&](const ClientConnectionPtr& connection) {
            return connection->idle_since < oldest;
        });
        return origin.open == 0 && origin.idle.empty() && origin.waiting.empty();
    });
    if (!origins_.empty()) sweep_later();
}

void ClientPool::stop() {
    is_stopped_ = true;
    sweeper_.cancel();
    for (const ClientCallPtr& call : std::exchange(calls_, {})) call->abandon();
    origins_.clear();
}

HttpClient::HttpClient(boost::asio::any_io_executor executor, const Clock& clock, Settings settings)
    : pool_(std::make_shared<ClientPool>(std::move(executor), clock, std::move(settings))) {}

HttpClient::~HttpClient() { pool_->stop(); }

void HttpClient::send(ClientRequest request, ClientDone done) {
    pool_->admit(std::move(request), std::move(done));
}

std::string_view to_string(ClientFailure failure) {
    switch (failure) {
        case ClientFailure::resolve_failed: return "resolve_failed";
        case ClientFailure::address_not_allowed: return "address_not_allowed";
        case ClientFailure::connect_failed: return "connect_failed";
        case ClientFailure::tls_failed: return "tls_failed";
        case ClientFailure::timed_out: return "timed_out";
        case ClientFailure::connection_lost: return "connection_lost";
        case ClientFailure::response_invalid: return "response_invalid";
        case ClientFailure::response_too_large: return "response_too_large";
        case ClientFailure::too_many_waiting: return "too_many_waiting";
        case ClientFailure::count_: break;
    }
    UNREACHABLE();
}

}  // namespace holdfast::api
