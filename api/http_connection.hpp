#pragma once
// HttpConnection: one accepted connection and the loop that answers its requests one by one: read a
// header, judge it, read the body, run the handler, write the answer, keep alive.
// Every wait has a deadline; what a request may be is bounded before it is believed (HttpLimits).
// Lifetime: shared by its coroutine and the server's list.
// Threads: all on the connection's executor.
// Limitations: a handler runs as long as it likes; the next request of the connection waits for it.

#include "api/http_limits.hpp"
#include "api/routes.hpp"
#include "base/environment.hpp"
#include "base/telemetry.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace holdfast::api {

/// What the connections of a server share; outlives them.
struct HttpContext {
    const Routes& routes;
    const HttpLimits limits;
    const Clock& clock;
    Random& random;
    EventSink& events;
    bool is_stopping = false;  ///< answer what has come, and keep nothing alive
};

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
public:
    HttpConnection(boost::asio::ip::tcp::socket socket, std::shared_ptr<const HttpContext> context);

    /// Ends the waiting for a request, and nothing else.
    void close_if_idle();
    /// Ends whatever it waits for.
    void close();

    // For the coroutines of http_connection.cpp.

    [[nodiscard]] const HttpContext& context() const { return *context_; }
    [[nodiscard]] boost::asio::ip::tcp::socket& socket() { return socket_; }
    [[nodiscard]] boost::beast::flat_buffer& buffer() { return buffer_; }
    [[nodiscard]] const std::string& peer() const { return peer_; }
    void set_idle(bool is_idle) { is_idle_ = is_idle; }

    /// Ends what is waited for after `limit`, until disarmed or armed again.
    void arm(Seconds limit);
    void disarm();
    [[nodiscard]] bool has_timed_out() const { return has_timed_out_; }

private:
    boost::asio::ip::tcp::socket socket_;
    boost::asio::steady_timer timer_;
    boost::beast::flat_buffer buffer_;
    const std::shared_ptr<const HttpContext> context_;
    std::string peer_;
    std::uint64_t wait_number_ = 0;  ///< of the timer's wait that counts
    bool has_timed_out_ = false;
    bool is_idle_ = false;
};

using HttpConnectionPtr = std::shared_ptr<HttpConnection>;

/// Answers the connection's requests until it ends.
[[nodiscard]] boost::asio::awaitable<void> serve(HttpConnectionPtr connection);

/// Answers that there are too many connections, and ends it.
[[nodiscard]] boost::asio::awaitable<void> refuse(HttpConnectionPtr connection);

}  // namespace holdfast::api
