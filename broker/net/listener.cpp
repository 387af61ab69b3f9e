#include "net/listener.hpp"

#include "net/guard.hpp"
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
/// While the loop lags: so few, and then the connections that are open have their turn.
constexpr int accepted_while_slow_max = 4;
constexpr Milliseconds pause_while_slow{50};

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
    Acceptor(Shard& shard, const tcp::endpoint& endpoint)
        : shard_(shard), acceptor_(shard.context()), pause_(shard.context()),
          is_ipv6_(endpoint.address().is_v6()) {
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
        const bool is_slow = shard_.lag().pressure() == LoopLag::Pressure::slow;
        const int accepted_max = is_slow ? accepted_while_slow_max : accepted_per_turn_max;
        for (int i = 0; i < accepted_max; ++i) {
            const Instant next_at = shard_.guard().next_accept_at(actions.now);
            if (next_at > actions.now) return pause(next_at - actions.now, actions);
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
                wait_longer(pause_without_descriptors);
                shard_.leave();
                return;
            }
            if (errno == EAGAIN || errno == EWOULDBLOCK) {
                shard_.leave();
                wait();
                return;
            }
        }
        if (is_slow) return pause(pause_while_slow, actions);
        shard_.leave();
        wait();
    }

    /// What came meanwhile waits in the backlog, where it costs nothing.
    void pause(Milliseconds time, session::Actions& actions) {
        actions.counters.add(Counter::accepts_paused);
        wait_longer(time);
        shard_.leave();
    }

    void admit(int descriptor, const PeerAddress& peer, session::Actions& actions) {
        actions.counters.add(Counter::connections_accepted);
        const auto refusal = shard_.guard().refusal_of(peer, shard_.lag().pressure(), actions.now);
        const Admission::Verdict verdict = shard_.admission().enter(peer, refusal);
        if (!verdict.may_stay) {
            ::close(descriptor);
            actions.counters.add(*verdict.refusal);
            actions.counters.add(Counter::connections_closed);
            tell_unanswered(*verdict.refusal, peer);
            return;
        }
        const boost::intrusive_ptr<TcpConnection> connection{new TcpConnection(
            shard_, descriptor, is_ipv6_, peer, actions.now, verdict.refusal)};
        connection->start();
    }

    void tell_unanswered(CloseReason reason, const PeerAddress& peer) {
        EventSink& events = shard_.core().events;
        if (!events.wants(Severity::warning)) return;
        const std::string address = peer.to_string();
        events.on_event({.severity = Severity::warning,
                         .name = "connection_closed",
                         .client_id = {},
                         .address = address,
                         .reason = to_string(reason),
                         .clause = {},
                         .detail = "closed unanswered as soon as it was accepted",
                         .topic = {}});
    }

    /// What waits in the backlog waits a little longer.
    void wait_longer(Milliseconds time) {
        pause_.expires_after(time);
        pause_.async_wait([this](const boost::system::error_code& error) {
            if (!error) wait();
        });
    }

    Shard& shard_;
    tcp::acceptor acceptor_;
    boost::asio::steady_timer pause_;
    const bool is_ipv6_;
};

Listener::Listener(std::span<const std::unique_ptr<Shard>> shards, const std::string& address,
                   std::uint16_t port)
    : port_(port) {
    try {
        tcp::endpoint endpoint{boost::asio::ip::make_address(address), port};
        check_unused(shards.front()->context(), endpoint);
        for (const auto& shard : shards) {
            endpoint.port(port_);
            acceptors_.push_back(std::make_unique<Acceptor>(*shard, endpoint));
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
