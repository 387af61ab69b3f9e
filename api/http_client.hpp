#pragma once
// HttpClient: requests of the server to others, HTTP/1.1 over TCP or TLS, on one event loop without blocking
// it. Keeps connections alive per origin, opens no more than it may, lets further requests wait in line.
// A request ends once: with a response of any status, or with an error of a closed list. Redirects are
// responses like others, and never followed. A request that finds its kept connection closed by the peer
// before a byte of the response came is sent once more on a new one: the peer may see it twice.
// Threads: all on the executor's; the destructor also where nothing runs there any more, and then no
// request that waits is answered. Lifetime: ends before the executor's context.
// Limitations: names are resolved by one thread, one after the other; that thread is waited for at the end.

#include "api/address_policy.hpp"
#include "api/client_tls.hpp"
#include "api/http_url.hpp"
#include "base/environment.hpp"
#include "base/time.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/verb.hpp>
#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::api {

/// Why there is no response. Closed list: log, metric.
enum class ClientFailure : std::uint8_t {
    resolve_failed,
    address_not_allowed,  ///< AddressPolicy
    connect_failed,
    tls_failed,
    timed_out,
    connection_lost,     ///< before the response was complete
    response_invalid,    ///< no HTTP, or not as it should be
    response_too_large,  ///< ClientLimits::response_bytes_max
    too_many_waiting,    ///< HttpClient::Settings::waiting_max
    count_,
};
[[nodiscard]] std::string_view to_string(ClientFailure failure);

struct ClientError {
    ClientFailure failure{};
    std::string detail;  ///< one sentence
};

struct ClientLimits {
    std::size_t response_bytes_max = 64 * 1024;  ///< of its body
    Milliseconds connect_timeout{5'000};   ///< resolving, connecting and the handshake together
    Milliseconds request_timeout{15'000};  ///< from send() to the end, waiting in line included
};

struct ClientRequest {
    boost::beast::http::verb method = boost::beast::http::verb::get;
    HttpUrl url;
    std::vector<std::pair<std::string, std::string>> fields{};  ///< besides Host and Content-Length
    std::string body{};
    ClientTlsPtr tls{};  ///< for https; null: the authorities that the system trusts
    ClientLimits limits{};
};

struct ClientResponse {
    unsigned status = 0;
    boost::beast::http::fields fields;
    std::string body;
};
using ClientResult = boost::system::result<ClientResponse, ClientError>;
using ClientDone = std::function<void(ClientResult)>;
/// What sends a request: a client's send(), or a test.
using SendRequest = std::function<void(ClientRequest, ClientDone)>;

class ClientPool;

class HttpClient {
public:
    struct Settings {
        std::size_t connections_max = 16;  ///< per origin
        std::size_t waiting_max = 1024;    ///< requests per origin beyond those
        Seconds idle_max{30};              ///< that a connection is kept for
        AddressPolicy policy{};
    };

    HttpClient(boost::asio::any_io_executor executor, const Clock& clock, Settings settings);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// `done` runs once, inside the call or later.
    void send(ClientRequest request, ClientDone done);

private:
    const std::shared_ptr<ClientPool> pool_;
};

}  // namespace holdfast::api
