#pragma once
// HttpServer: accepts HTTP connections on an executor of its owner's, keeps the list of them within
// connections_max, and ends them in good order. Routes says what is answered, HttpConnection how.
// Lifetime: the owner's event loop must not run any more when this is destroyed.
// Threads: the executor must run one handler at a time; listen() and start() before it runs,
// stop() on any thread.

#include "api/http_connection.hpp"
#include "base/error.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace holdfast::api {

class HttpServer {
public:
    HttpServer(boost::asio::any_io_executor executor, const HttpContext& context);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Binds and listens; port 0 chooses a free one.
    [[nodiscard]] Result<void> listen(const std::string& address, std::uint16_t port);
    [[nodiscard]] std::uint16_t port() const;

    /// Begins to accept.
    void start();

    /// Accepts no more, lets requests that have begun be answered, and calls `done` once on the
    /// executor when no connection is left, at the latest after `grace`.
    void stop(Seconds grace, std::function<void()> done);

private:
    class State;
    std::shared_ptr<State> state_;
};

}  // namespace holdfast::api
