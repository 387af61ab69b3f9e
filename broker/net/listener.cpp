#include "net/listener.hpp"

#include "net/tcp_connection.hpp"

#include <boost/asio/ip/v6_only.hpp>

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace holdfast::net {

namespace {

using boost::asio::ip::tcp;

constexpr int backlog = 4096;
constexpr int accepted_per_turn_max = 64;
constexpr Milliseconds pause_without_descriptors{100};

PeerAddress peer_of(const sockaddr_storage& from) {
    PeerAddress peer;
    if (from.ss_family == AF_INET6) {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
        std::memcpy(peer.address.data(), &v6.sin6_addr, peer.address.size());
        peer.port = ntohs(v6.sin6_port);
    } else {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
        peer.address[10] = peer.address[11] = 0xFF;
        std::memcpy(peer.address.data() + 12, &v4.sin_addr, 4);
        peer.port = ntohs(v4.sin_port);
    }
    return peer;
}

/// SO_REUSEPORT lets another process of the same user listen on the same port: two servers would share
/// the clients. A socket without it finds that out.
void check_unused(boost::asio::io_context& context, const tcp::endpoint& endpoint) {
    if (endpoint.port() == 0) return;  // the kernel chooses one that nobody has
    tcp::acceptor probe{context};
    probe.open(endpoint.protocol());
    probe.set_option(tcp::acceptor::reuse_address(true));
    if (endpoint.address().is_v6()) probe.set_option(boost::asio::ip::v6_only(true));
    probe.bind(endpoint);
    probe.listen();
}

void set_option(tcp::acceptor& acceptor, int level, int name) {
    const int on = 1;
    ::setsockopt(acceptor.native_handle(), level, name, &on, sizeof on);
}

}  // namespace

ListenError::ListenError(const std::string& address, std::uint16_t port, const std::string& reason)
    : std::runtime_error("cannot listen on " + address + " port " + std::to_string(port) + ": " +
                         reason) {}

/// One shard's share of the listening address.
class Listener::Acceptor {
public:
    Acceptor(Shard& shard, const tcp::endpoint& endpoint, std::uint16_t index)
        : shard_(shard), acceptor_(shard.context()), pause_(shard.context()),
          is_ipv6_(endpoint.address().is_v6()), index_(index) {
        acceptor_.open(endpoint.protocol());
        acceptor_.set_option(tcp::acceptor::reuse_address(true));
        if (is_ipv6_) acceptor_.set_option(boost::asio::ip::v6_only(true));
        set_option(acceptor_, SOL_SOCKET, SO_REUSEPORT);
        // Accepted sockets inherit both: small packets leave at once, dead peers are noticed.
        set_option(acceptor_, IPPROTO_TCP, TCP_NODELAY);
        set_option(acceptor_, SOL_SOCKET, SO_KEEPALIVE);
        acceptor_.non_blocking(true);
        acceptor_.bind(endpoint);
        acceptor_.listen(backlog);
    }

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

    void wait() {
        acceptor_.async_wait(tcp::acceptor::wait_read,
                             [this](const boost::system::error_code& error) {
                                 if (!error) accept_ready();
                             });
    }

    void stop() {
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        pause_.cancel();
    }

private:
    void accept_ready() {
        session::Actions& actions = shard_.enter();
        for (int i = 0; i < accepted_per_turn_max; ++i) {
            sockaddr_storage from{};
            socklen_t from_bytes = sizeof from;
            const int descriptor =
                ::accept4(acceptor_.native_handle(), reinterpret_cast<sockaddr*>(&from), &from_bytes,
                          SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (descriptor >= 0) {
                admit(descriptor, peer_of(from), actions);
                continue;
            }
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                wait_for_descriptors();
                shard_.leave();
                return;
            }
            if (errno == EAGAIN || errno == EWOULDBLOCK) break;
        }
        shard_.leave();
        wait();
    }

    void admit(int descriptor, const PeerAddress& peer, session::Actions& actions) {
        actions.counters.add(Counter::connections_accepted);
        const Admission::Verdict verdict = shard_.admission().enter(peer);
        if (!verdict.may_stay) {
            ::close(descriptor);
            shard_.admission().leave(peer);
            actions.counters.add(*verdict.refusal);
            actions.counters.add(Counter::connections_closed);
            return;
        }
        const boost::intrusive_ptr<TcpConnection> connection{new TcpConnection(
            shard_, descriptor, is_ipv6_, peer, actions.now, verdict.refusal)};
        connection->origin.listener = index_;
        connection->start();
    }

    /// The kernel has none left: what waits in the backlog waits a little longer.
    void wait_for_descriptors() {
        pause_.expires_after(pause_without_descriptors);
        pause_.async_wait([this](const boost::system::error_code& error) {
            if (!error) wait();
        });
    }

    Shard& shard_;
    tcp::acceptor acceptor_;
    boost::asio::steady_timer pause_;
    const bool is_ipv6_;
    const std::uint16_t index_;
};

Listener::Listener(std::span<const std::unique_ptr<Shard>> shards, const std::string& address,
                   std::uint16_t port, std::uint16_t index)
    : port_(port) {
    try {
        tcp::endpoint endpoint{boost::asio::ip::make_address(address), port};
        check_unused(shards.front()->context(), endpoint);
        for (const auto& shard : shards) {
            endpoint.port(port_);
            acceptors_.push_back(std::make_unique<Acceptor>(*shard, endpoint, index));
            port_ = acceptors_.back()->port();  // the first one chose, the others share it
        }
    } catch (const boost::system::system_error& error) {
        throw ListenError(address, port, error.code().message());
    }
}

Listener::~Listener() = default;

void Listener::start() {
    for (const auto& acceptor : acceptors_) acceptor->wait();
}

void Listener::stop(ShardIndex shard) { acceptors_[index_of(shard)]->stop(); }

}  // namespace holdfast::net
