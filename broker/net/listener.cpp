#include "net/listener.hpp"

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
        for (int i = 0; i < accepted_per_turn_max; ++i) {
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
        Admission::Verdict verdict = shard_.admission().enter(peer);
        if (!site_.may_connect(peer)) {
            verdict = {.may_stay = false, .refusal = CloseReason::not_a_proxy};
        } else if (site_.has_proxies() &&
                   verdict.refusal == CloseReason::too_many_connections_from_address) {
            verdict.refusal.reset();  // those of a load balancer are counted by their own addresses
        }
        if (!verdict.may_stay) {
            ::close(descriptor);
            shard_.admission().leave(peer);
            actions.counters.add(*verdict.refusal);
            actions.counters.add(Counter::connections_closed);
            return;
        }
        const boost::intrusive_ptr<TcpConnection> connection{
            new TcpConnection(shard_, site_, descriptor, peer, actions.now, verdict.refusal)};
        connection->start();
    }

    /// The kernel has none left: what waits in the backlog waits a little longer.
    void wait_for_descriptors() {
        pause_.expires_after(pause_without_descriptors);
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
