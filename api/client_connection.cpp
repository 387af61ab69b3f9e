#include "api/client_connection.hpp"

#include "api/client_response.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <utility>

namespace holdfast::api {

namespace {

using boost::asio::awaitable;
using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr auto as_result = boost::asio::as_tuple(boost::asio::use_awaitable);
/// Of a response, at once.
constexpr std::size_t read_bytes = 4096;

bool is_address(const std::string& host) {
    error_code error;
    (void)boost::asio::ip::make_address(host, error);
    return !error;
}

/// A literal address is not looked for.
awaitable<std::vector<tcp::endpoint>> resolve(ClientCallPtr call,
                                              boost::asio::any_io_executor executor) {
    const HttpUrl& url = call->request().url;
    error_code error;
    const auto literal = boost::asio::ip::make_address(url.host, error);
    std::vector<tcp::endpoint> endpoints;
    if (!error) {
        endpoints.emplace_back(literal, url.port);
        co_return endpoints;
    }
    tcp::resolver resolver{executor};
    const auto [failure, results] = co_await resolver.async_resolve(
        url.host, std::to_string(url.port), tcp::resolver::numeric_service, as_result);
    if (failure) {
        call->fail(ClientFailure::resolve_failed,
                   "the name " + url.host + " is not resolved: " + failure.message());
        co_return endpoints;
    }
    for (const auto& entry : results) endpoints.push_back(entry.endpoint());
    co_return endpoints;
}

awaitable<bool> connect(ClientCallPtr call, ClientConnectionPtr connection,
                        std::vector<tcp::endpoint> endpoints) {
    const auto [error, endpoint] =
        co_await boost::asio::async_connect(connection->socket, endpoints, as_result);
    if (error) {
        call->fail(ClientFailure::connect_failed,
                   call->request().url.origin() + " takes no connection: " + error.message());
        co_return false;
    }
    error_code ignored;
    connection->socket.set_option(tcp::no_delay(true), ignored);
    co_return !call->is_finished();
}

awaitable<bool> shake_hands(ClientCallPtr call, ClientConnectionPtr connection) {
    const ClientRequest& request = call->request();
    connection->tls = request.tls;
    if (!connection->tls) {
        auto tls = make_client_tls({});
        if (!tls) {
            call->fail(ClientFailure::tls_failed, tls.error());
            co_return false;
        }
        connection->tls = *tls;
    }
    const ClientTlsSettings& settings = connection->tls->settings;
    const std::string& name = settings.name.empty() ? request.url.host : settings.name;
    auto& stream = connection->secure.emplace(connection->socket, connection->tls->context);
    if (settings.sends_name && !is_address(name)) {
        SSL_set_tlsext_host_name(stream.native_handle(), name.c_str());
    }
    error_code error;
    stream.set_verify_callback(boost::asio::ssl::host_name_verification(name), error);
    if (!error) {
        const auto [failure] =
            co_await stream.async_handshake(boost::asio::ssl::stream_base::client, as_result);
        error = failure;
    }
    if (error) {
        call->fail(ClientFailure::tls_failed,
                   "TLS with " + request.url.origin() + ": " + error.message());
    }
    co_return !call->is_finished();
}

template <class Stream>
awaitable<Exchanged> exchange(Stream* stream, ClientCallPtr call) {
    const std::string bytes = request_bytes(call->request());
    const auto [write_error, written] =
        co_await boost::asio::async_write(*stream, boost::asio::buffer(bytes), as_result);
    if (write_error) co_return Exchanged::stale;
    ResponseReader reader{call->request()};
    std::array<char, read_bytes> room{};
    for (;;) {
        const auto [error, count] =
            co_await stream->async_read_some(boost::asio::buffer(room), as_result);
        if (error && !reader.has_begun()) co_return Exchanged::stale;
        if (error && error != boost::asio::error::eof) {
            call->fail(ClientFailure::connection_lost,
                       "the response of " + call->request().url.origin() + ": " + error.message());
            co_return Exchanged::close;
        }
        const auto state = error ? reader.on_end() : reader.on_bytes({room.data(), count});
        if (state == ResponseReader::State::reading) continue;
        const bool is_kept = !error && reader.keeps_connection();
        call->finish(reader.take());
        co_return is_kept ? Exchanged::keep : Exchanged::close;
    }
}

}  // namespace

void ClientConnection::close() {
    error_code ignored;
    socket.close(ignored);
}

ClientCall::ClientCall(const boost::asio::any_io_executor& executor, ClientRequest request,
                       ClientDone done)
    : request_(std::move(request)), done_(std::move(done)), timer_(executor) {}

void ClientCall::start() {
    timer_.expires_after(request_.limits.request_timeout);
    deadline_ = timer_.expiry();
    wait();
}

void ClientCall::begin_connecting() {
    is_connecting_ = true;
    timer_.expires_after(request_.limits.connect_timeout);
    if (timer_.expiry() > deadline_) timer_.expires_at(deadline_);
    wait();
}

void ClientCall::end_connecting() {
    is_connecting_ = false;
    if (is_finished()) return;
    timer_.expires_at(deadline_);
    wait();
}

void ClientCall::wait() {
    timer_.async_wait([self = shared_from_this()](error_code error) {
        if (!error) self->on_timeout();
    });
}

void ClientCall::on_timeout() {
    if (is_finished()) return;
    const ClientConnectionPtr connection = connection_;
    fail(ClientFailure::timed_out,
         request_.url.origin() +
             (is_connecting_ ? " was not connected to in time" : " did not answer in time"));
    if (connection) connection->close();
}

void ClientCall::finish(ClientResult result) {
    if (!done_) return;
    timer_.cancel();
    connection_ = nullptr;
    const ClientDone done = std::exchange(done_, nullptr);
    done(std::move(result));
}

void ClientCall::fail(ClientFailure failure, std::string detail) {
    finish(ClientError{failure, std::move(detail)});
}

void ClientCall::abandon() {
    done_ = nullptr;
    timer_.cancel();
    if (connection_) connection_->close();
    connection_ = nullptr;
}

awaitable<ClientConnectionPtr> open_connection(ClientCallPtr call,
                                               boost::asio::any_io_executor executor,
                                               AddressPolicy policy) {
    call->begin_connecting();
    auto endpoints = co_await resolve(call, executor);
    if (call->is_finished()) co_return nullptr;
    std::erase_if(endpoints, [&](const tcp::endpoint& endpoint) {
        return !policy.allows(endpoint.address());
    });
    if (endpoints.empty()) {
        call->fail(ClientFailure::address_not_allowed,
                   call->request().url.host + " is an address that the server may not connect to");
        co_return nullptr;
    }
    const auto connection = std::make_shared<ClientConnection>(executor);
    call->set_connection(connection);
    bool is_open = co_await connect(call, connection, std::move(endpoints));
    if (is_open && call->request().url.is_secure) is_open = co_await shake_hands(call, connection);
    call->end_connecting();
    if (!is_open) co_return nullptr;
    co_return connection;
}

awaitable<Exchanged> exchange_on(ClientCallPtr call, ClientConnectionPtr connection) {
    call->set_connection(connection);
    if (connection->secure) co_return co_await exchange(&*connection->secure, call);
    co_return co_await exchange(&connection->socket, call);
}

}  // namespace holdfast::api
