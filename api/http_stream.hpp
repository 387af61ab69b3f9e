#pragma once
// HttpStream: a connection's socket, with TLS in it or not, as one thing to read from and write to.
// Threads: all on the socket's executor.

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace holdfast::api {

/// A server's side of a TLS connection that has not begun.
struct HttpTls {
    SSL* session = nullptr;  ///< given to who asked
    std::shared_ptr<const void> context{};  ///< what the session is made of; it must outlive it
};
/// Gives one for each connection; empty: there is no TLS.
using MakeHttpTls = std::function<HttpTls()>;

class HttpStream {
public:
    using Socket = boost::asio::ip::tcp::socket;

    HttpStream(Socket socket, const MakeHttpTls& make_tls) : socket_(std::move(socket)) {
        if (!make_tls) return;
        HttpTls tls = make_tls();
        context_ = std::move(tls.context);
        tls_.emplace(socket_, tls.session);
    }

    [[nodiscard]] bool is_secure() const { return tls_.has_value(); }
    [[nodiscard]] Socket& socket() { return socket_; }
    [[nodiscard]] const Socket& socket() const { return socket_; }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        return tls_ ? tls_->async_read_some(buffers, std::forward<Token>(token))
                    : socket_.async_read_some(buffers, std::forward<Token>(token));
    }
    template <class Buffers, class Token>
    auto async_write(const Buffers& buffers, Token&& token) {
        return tls_ ? boost::asio::async_write(*tls_, buffers, std::forward<Token>(token))
                    : boost::asio::async_write(socket_, buffers, std::forward<Token>(token));
    }
    /// Only if it is_secure().
    template <class Token>
    auto async_handshake(Token&& token) {
        return tls_->async_handshake(boost::asio::ssl::stream_base::server, std::forward<Token>(token));
    }
    /// Only if it is_secure().
    template <class Token>
    auto async_shutdown(Token&& token) {
        return tls_->async_shutdown(std::forward<Token>(token));
    }

private:
    std::shared_ptr<const void> context_;
    Socket socket_;
    std::optional<boost::asio::ssl::stream<Socket&>> tls_;
};

}  // namespace holdfast::api
