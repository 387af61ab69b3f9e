#pragma once
// The parts of HttpClient below its line of requests: ClientCall, one request until it is answered, with its
// deadline; ClientConnection, one connection to an origin; and what is done with the two.
// Threads: all on the executor's. Errors: ClientError, told to the call, which takes the first.

#include "api/http_client.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace holdfast::api {

struct ClientConnection {
    using Socket = boost::asio::ip::tcp::socket;

    explicit ClientConnection(const boost::asio::any_io_executor& executor) : socket(executor) {}
    void close();

    Socket socket;
    ClientTlsPtr tls;  ///< outlives the stream
    std::optional<boost::asio::ssl::stream<Socket&>> secure;
    Instant idle_since;
};
using ClientConnectionPtr = std::shared_ptr<ClientConnection>;

class ClientCall : public std::enable_shared_from_this<ClientCall> {
public:
    ClientCall(const boost::asio::any_io_executor& executor, ClientRequest request,
               ClientDone done);

    /// The request's whole time begins.
    void start();
    /// Within which a connection has to be there; then the whole time counts again.
    void begin_connecting();
    void end_connecting();
    void finish(ClientResult result);
    void fail(ClientFailure failure, std::string detail);
    /// Without an answer.
    void abandon();

    [[nodiscard]] bool is_finished() const { return !done_; }
    [[nodiscard]] const ClientRequest& request() const { return request_; }
    /// What is closed when the time is over; null: nothing.
    void set_connection(ClientConnectionPtr connection) { connection_ = std::move(connection); }

private:
    void wait();
    void on_timeout();

    const ClientRequest request_;
    ClientDone done_;
    boost::asio::steady_timer timer_;
    std::chrono::steady_clock::time_point deadline_;
    bool is_connecting_ = false;
    ClientConnectionPtr connection_;
};
using ClientCallPtr = std::shared_ptr<ClientCall>;

/// Null: the call has been told why.
[[nodiscard]] boost::asio::awaitable<ClientConnectionPtr> open_connection(
    ClientCallPtr call, boost::asio::any_io_executor executor, AddressPolicy policy);

enum class Exchanged : std::uint8_t {
    keep,   ///< answered, and the connection may be used again
    close,  ///< answered or failed
    stale,  ///< nothing came: the peer had closed it; the call is not told
};
/// Sends the call's request and tells it the response.
[[nodiscard]] boost::asio::awaitable<Exchanged> exchange_on(ClientCallPtr call,
                                                            ClientConnectionPtr connection);

}  // namespace holdfast::api
