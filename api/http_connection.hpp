#pragma once
// HttpConnection: one accepted connection and the loop that answers its requests one by one: read a
// header, judge it, read the body, run the handler, write the answer, keep alive.
// Every wait has a deadline, which the server's tick looks after; what a request may be is bounded before
// it is believed (HttpLimits). Lifetime: shared by its coroutine and the server's list.
// Threads: all on the connection's executor.
// Limitations: a handler runs as long as it likes; the next request of the connection waits for it.

#include "api/http_limits.hpp"
#include "api/http_stream.hpp"
#include "api/routes.hpp"
#include "base/environment.hpp"
#include "base/telemetry.hpp"

#include <boost/beast/core/flat_buffer.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace holdfast::api {

/// What the connections of a server share; outlives them.
struct HttpContext {
    const Routes& routes;
    const Access& access;
    const HttpLimits limits;
    const Clock& clock;
    Random& random;
    EventSink& events;
    const MakeHttpTls make_tls{};  ///< empty: HTTP, not HTTPS
    bool is_stopping = false;      ///< answer what has come, and keep nothing alive
    HttpDate date{};
    std::size_t bodies_bytes = 0;  ///< of the requests that are being read or answered
};

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
public:
    HttpConnection(boost::asio::ip::tcp::socket socket, std::shared_ptr<HttpContext> context);

    /// Ends the waiting for a request, and nothing else.
    void close_if_idle();
    /// Ends whatever it waits for.
    void close();
    /// Ends what is waited for if its deadline has passed, now and at every later tick.
    void on_tick(Instant now);

    // For the coroutines of http_connection.cpp.

    [[nodiscard]] HttpContext& context() const { return *context_; }
    [[nodiscard]] HttpStream& stream() { return stream_; }
    [[nodiscard]] boost::beast::flat_buffer& buffer() { return buffer_; }
    [[nodiscard]] const std::string& peer() const { return peer_; }
    void set_idle(bool is_idle) { is_idle_ = is_idle; }

    /// What is waited for has to come within `limit`, until disarmed or armed again.
    void arm(Seconds limit);
    /// The same for all of a request, from the first time on that something of it has to be waited for.
    void arm_for_request();
    void disarm() { deadline_ = never; }
    [[nodiscard]] bool has_timed_out() const { return has_timed_out_; }

private:
    HttpStream stream_;
    boost::beast::flat_buffer buffer_;
    const std::shared_ptr<HttpContext> context_;
    std::string peer_;
    Instant deadline_ = never;
    bool has_timed_out_ = false;
    bool is_idle_ = false;
};

using HttpConnectionPtr = std::shared_ptr<HttpConnection>;

/// Answers the connection's requests until it ends.
[[nodiscard]] boost::asio::awaitable<void> serve(HttpConnectionPtr connection);

/// Answers that there are too many connections, and ends it.
[[nodiscard]] boost::asio::awaitable<void> refuse(HttpConnectionPtr connection);

}  // namespace holdfast::api
