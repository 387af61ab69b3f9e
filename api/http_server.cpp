#include "api/http_server.hpp"

#include "api/buffered_random.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <unordered_set>
#include <utility>

namespace holdfast::api {

namespace {

using boost::asio::awaitable;
using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr auto as_result = boost::asio::as_tuple(boost::asio::use_awaitable);
/// Connections beyond the maximum that are told so at once; further ones are just closed.
constexpr std::size_t refusals_max = 64;
constexpr std::chrono::milliseconds pause_without_descriptors{100};
/// How late a deadline of a connection may be noticed. One timer for all: none is set per request.
constexpr std::chrono::milliseconds deadline_tick{250};

}  // namespace

class HttpServer::State : public std::enable_shared_from_this<State> {
public:
    State(const boost::asio::any_io_executor& executor, const HttpContext& context)
        : executor_(executor),
          acceptor_(executor),
          timer_(executor),
          tick_timer_(executor),
          random_(context.random),
          context_(std::make_shared<HttpContext>(HttpContext{
              context.routes, context.access, context.limits, context.clock, random_, context.events,
              context.make_tls})) {}

    Result<void> listen(const std::string& address, std::uint16_t port);
    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] const boost::asio::any_io_executor& executor() const { return executor_; }
    void start();
    void stop(Seconds grace, std::function<void()> done);
    void close();

private:
    static awaitable<void> accept_connections(std::shared_ptr<State> state);
    void admit(tcp::socket socket);
    void forget(const HttpConnectionPtr& connection, const std::exception_ptr& thrown);
    void tell(std::string_view name, const std::string& detail);
    void finish_if_drained();
    void look_after_deadlines();

    boost::asio::any_io_executor executor_;
    tcp::acceptor acceptor_;
    boost::asio::steady_timer timer_;       ///< pause of accepting; later the grace of stop()
    boost::asio::steady_timer tick_timer_;  ///< runs while there are connections
    BufferedRandom random_;                 ///< for the identifiers of requests
    std::shared_ptr<HttpContext> context_;
    std::uint16_t port_ = 0;
    std::unordered_set<HttpConnectionPtr> connections_;
    std::function<void()> done_;
};

Result<void> HttpServer::State::listen(const std::string& address, std::uint16_t port) {
    error_code error;
    const auto parsed = boost::asio::ip::make_address(address, error);
    if (error) return error;
    const tcp::endpoint endpoint{parsed, port};
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && parsed.is_v6()) acceptor_.set_option(boost::asio::ip::v6_only(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
    if (error) return error;
    const auto local = acceptor_.local_endpoint(error);
    if (error) return error;
    port_ = local.port();
    return {};
}

void HttpServer::State::start() {
    // Named before use: no temporary of a coroutine's frame within the call.
    awaitable<void> loop = accept_connections(shared_from_this());
    boost::asio::co_spawn(executor_, std::move(loop),
                          [state = shared_from_this()](const std::exception_ptr& thrown) {
                              if (thrown) state->forget(nullptr, thrown);
                          });
}

awaitable<void> HttpServer::State::accept_connections(std::shared_ptr<State> state) {
    while (state->acceptor_.is_open()) {
        auto [error, socket] = co_await state->acceptor_.async_accept(as_result);
        if (!state->acceptor_.is_open()) break;
        if (!error) {
            state->admit(std::move(socket));
            continue;
        }
        // Out of descriptors or memory: what waits in the backlog waits a little longer.
        state->tell("http_accept_failed", error.message());
        state->timer_.expires_after(pause_without_descriptors);
        const auto [timer_error] = co_await state->timer_.async_wait(as_result);
        if (timer_error) break;
    }
}

void HttpServer::State::admit(tcp::socket socket) {
    const std::size_t count = connections_.size();
    const std::size_t connections_max = context_->limits.connections_max;
    error_code ignored;
    if (count >= connections_max + refusals_max) return;  // closed by the destructor
    socket.set_option(tcp::no_delay(true), ignored);
    socket.non_blocking(true, ignored);
    auto connection = std::make_shared<HttpConnection>(std::move(socket), context_);
    connections_.insert(connection);
    if (count == 0) look_after_deadlines();
    awaitable<void> loop = count < connections_max ? serve(connection) : refuse(connection);
    boost::asio::co_spawn(
        executor_, std::move(loop),
        [state = shared_from_this(), connection](const std::exception_ptr& thrown) {
            state->forget(connection, thrown);
        });
}

void HttpServer::State::forget(const HttpConnectionPtr& connection,
                               const std::exception_ptr& thrown) {
    if (thrown) {
        try {
            std::rethrow_exception(thrown);
        } catch (const std::exception& error) {
            tell("http_connection_failed", error.what());
        }
    }
    connections_.erase(connection);
    if (connections_.empty()) tick_timer_.cancel();
    finish_if_drained();
}

void HttpServer::State::tell(std::string_view name, const std::string& detail) {
    Event event;
    event.severity = Severity::warning;
    event.name = name;
    event.detail = detail;
    context_->events.on_event(event);
}

void HttpServer::State::look_after_deadlines() {
    tick_timer_.expires_after(deadline_tick);
    tick_timer_.async_wait([self = weak_from_this()](const error_code& error) {
        const auto state = self.lock();
        if (error || !state) return;
        const Instant now = state->context_->clock.now();
        for (const HttpConnectionPtr& connection : state->connections_) connection->on_tick(now);
        if (!state->connections_.empty()) state->look_after_deadlines();
    });
}

void HttpServer::State::finish_if_drained() {
    if (!done_ || !connections_.empty()) return;
    timer_.cancel();
    std::exchange(done_, nullptr)();
}

void HttpServer::State::stop(Seconds grace, std::function<void()> done) {
    context_->is_stopping = true;
    done_ = std::move(done);
    error_code ignored;
    acceptor_.close(ignored);
    timer_.expires_after(grace);
    timer_.async_wait([state = shared_from_this()](const error_code& error) {
        if (error) return;
        state->close();
        // A handler that still waits for something else does not hold up the end.
        if (state->done_) std::exchange(state->done_, nullptr)();
    });
    for (const HttpConnectionPtr& connection : connections_) connection->close_if_idle();
    finish_if_drained();
}

void HttpServer::State::close() {
    error_code ignored;
    acceptor_.close(ignored);
    for (const HttpConnectionPtr& connection : connections_) connection->close();
}

HttpServer::HttpServer(boost::asio::any_io_executor executor, const HttpContext& context)
    : state_(std::make_shared<State>(executor, context)) {}

HttpServer::~HttpServer() { state_->close(); }

Result<void> HttpServer::listen(const std::string& address, std::uint16_t port) {
    return state_->listen(address, port);
}

std::uint16_t HttpServer::port() const { return state_->port(); }

void HttpServer::start() { state_->start(); }

void HttpServer::stop(Seconds grace, std::function<void()> done) {
    boost::asio::post(state_->executor(), [state = state_, grace, done = std::move(done)] {
        state->stop(grace, done);
    });
}

}  // namespace holdfast::api
