#include "net/listener.hpp"

#include "net/guard.hpp"
#include "net/listening_socket.hpp"
#include "net/tcp_connection.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace holdfast::net {

namespace {

constexpr int accepted_per_turn_max = 64;
constexpr Milliseconds pause_without_descriptors{100};
/// While the loop lags: so few, and then the connections that are open have their turn.
constexpr int accepted_while_slow_max = 4;
constexpr Milliseconds pause_while_slow{50};
constexpr Milliseconds pause_for_handshakes{5};

PeerAddress peer_of(const sockaddr_storage& from) {
    PeerAddress peer;
    if (from.ss_family == AF_INET6) {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
        std::memcpy(peer.address.data(), &v6.sin6_addr, peer.address.size());
        peer.port = ntohs(v6.sin6_port);
    } else if (from.ss_family != AF_INET) {
        peer = *parse_address("127.0.0.1");  // who has the path of a unix socket is on this machine
    } else {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
        peer.address[10] = peer.address[11] = 0xFF;
        std::memcpy(peer.address.data() + 12, &v4.sin_addr, 4);
        peer.port = ntohs(v4.sin_port);
    }
    return peer;
}

}  // namespace

std::string place_of(const ListenerSettings& settings) {
    if (!settings.path.empty()) return settings.path;
    return settings.address + " port " + std::to_string(settings.port);
}

ListenError::ListenError(const std::string& place, const std::string& reason)
    : std::runtime_error("cannot listen on " + place + ": " + reason) {}

/// One shard's share of the listening address.
class Listener::Acceptor {
public:
    /// Takes `descriptor` over.
    Acceptor(Shard& shard, const Site& site, int descriptor)
        : shard_(shard), site_(site), socket_(shard.context(), descriptor), pause_(shard.context()) {}

    void wait() {
        socket_.async_wait(Socket::wait_read, [this](const boost::system::error_code& error) {
            if (!error) accept_ready();
        });
    }

    void stop() {
        boost::system::error_code ignored;
        socket_.close(ignored);
        pause_.cancel();
    }

private:
    void accept_ready() {
        session::Actions& actions = shard_.enter();
        const bool is_slow = shard_.lag().pressure() == LoopLag::Pressure::slow;
        const bool is_full = site_.has_tls() && shard_.has_many_handshakes();
        const int accepted_max = is_slow || is_full ? accepted_while_slow_max : accepted_per_turn_max;
        for (int i = 0; i < accepted_max; ++i) {
            if (site_.has_tls() && shard_.has_long_line()) return pause(pause_for_handshakes, actions);
            const Instant next_at = shard_.guard().next_accept_at(actions.now);
            if (next_at > actions.now) return pause(next_at - actions.now, actions);
            sockaddr_storage from{};
            socklen_t from_bytes = sizeof from;
            const int descriptor =
                ::accept4(socket_.native_handle(), reinterpret_cast<sockaddr*>(&from), &from_bytes,
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
        if (is_full) return pause(pause_for_handshakes, actions);
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
        // Those of a load balancer are judged, and counted, by the addresses that it names.
        const auto refusal = site_.has_proxies()
                                 ? std::nullopt
                                 : shard_.guard().refusal_of(peer, shard_.lag().pressure(), actions.now);
        if (!site_.may_connect(peer)) return turn_away(descriptor, CloseReason::not_a_proxy, peer, actions);
        const Admission::Verdict verdict = shard_.admission().enter(peer, refusal);
        if (!verdict.may_stay) return turn_away(descriptor, *verdict.refusal, peer, actions);
        // A refusal in words would cost a handshake first.
        if (verdict.refusal && site_.has_tls()) {
            shard_.admission().leave(peer, true);
            return turn_away(descriptor, *verdict.refusal, peer, actions);
        }
        const boost::intrusive_ptr<TcpConnection> connection{
            new TcpConnection(shard_, site_, descriptor, peer, actions.now, verdict.refusal)};
        connection->start();
    }

    void turn_away(int descriptor, CloseReason reason, const PeerAddress& peer,
                   session::Actions& actions) {
        ::close(descriptor);
        actions.counters.add(reason);
        actions.counters.add(Counter::connections_closed);
        tell_unanswered(reason, peer);
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

    using Socket =
        boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;
    Shard& shard_;
    const Site& site_;
    Socket socket_;
    boost::asio::steady_timer pause_;
};

Listener::Listener(std::span<const std::unique_ptr<Shard>> shards, std::uint16_t index,
                   const ListenerSettings& settings, const std::string& keylog)
    : site_(index, settings, keylog), port_(settings.port) {
    if (site_.tls() != nullptr) {
        const auto read = site_.tls()->read();
        if (read.has_error()) throw ListenError(place_of(settings), read.error().message);
    }
    listen(shards);
}

void Listener::listen(std::span<const std::unique_ptr<Shard>> shards) {
    const ListenerSettings& settings = site_.settings();
    const auto checked = [&](const Descriptor& descriptor) {
        if (descriptor.has_error()) throw ListenError(place_of(settings), descriptor.error().message());
        return *descriptor;
    };
    const auto add = [&](Shard& shard, int descriptor) {
        acceptors_.push_back(std::make_unique<Acceptor>(shard, site_, descriptor));
    };
    if (!settings.path.empty()) {
        port_ = 0;
        const int first = checked(listen_on_path(settings.path));
        add(*shards.front(), first);
        for (const auto& shard : shards.subspan(1)) add(*shard, checked(duplicate(first)));
        return;
    }
    const auto address = parse_address(settings.address, port_);
    if (!address) throw ListenError(place_of(settings), "this is not an IP address");
    PeerAddress endpoint = *address;
    if (const std::error_code error = check_unused(endpoint)) {
        throw ListenError(place_of(settings), error.message());
    }
    for (const auto& shard : shards) {
        endpoint.port = port_;
        const int descriptor = checked(listen_on(endpoint));
        add(*shard, descriptor);
        port_ = port_of(descriptor);  // the first one chose, the others share it
    }
}

Listener::~Listener() = default;

void Listener::start() {
    for (const auto& acceptor : acceptors_) acceptor->wait();
}

void Listener::stop(ShardIndex shard) {
    acceptors_[index_of(shard)]->stop();
    const std::string& path = site_.settings().path;
    std::error_code ignored;  // another shard's stop has done it
    if (!path.empty()) std::filesystem::remove(path, ignored);
}

}  // namespace holdfast::net
