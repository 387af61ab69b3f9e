#include "net/listening_socket.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace holdfast::net {

namespace {

constexpr int backlog = 4096;

std::error_code last_error() { return {errno, std::generic_category()}; }

/// An address in the form that the system's calls take.
struct SocketAddress {
    explicit SocketAddress(const PeerAddress& endpoint) {
        const AddressRange mapped = *parse_address_range("0.0.0.0/0");
        if (mapped.contains(endpoint)) {
            auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
            v4.sin_family = AF_INET;
            v4.sin_port = htons(endpoint.port);
            std::memcpy(&v4.sin_addr, endpoint.address.data() + 12, 4);
            size = sizeof v4;
        } else {
            auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
            v6.sin6_family = AF_INET6;
            v6.sin6_port = htons(endpoint.port);
            std::memcpy(&v6.sin6_addr, endpoint.address.data(), 16);
            size = sizeof v6;
        }
    }
    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }

    sockaddr_storage storage{};
    socklen_t size = 0;
};

/// A descriptor until it is given away.
class Owned {
public:
    explicit Owned(int descriptor) : descriptor_(descriptor) {}
    ~Owned() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    Owned(const Owned&) = delete;
    Owned& operator=(const Owned&) = delete;
    [[nodiscard]] int get() const { return descriptor_; }
    [[nodiscard]] int release() { return std::exchange(descriptor_, -1); }

private:
    int descriptor_;
};

void set_on(int descriptor, int level, int name) {
    const int on = 1;
    ::setsockopt(descriptor, level, name, &on, sizeof on);
}

Descriptor bind_and_listen(const PeerAddress& endpoint, bool is_shared) {
    const SocketAddress address{endpoint};
    Owned socket{::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (socket.get() < 0) return last_error();
    set_on(socket.get(), SOL_SOCKET, SO_REUSEADDR);
    if (address.storage.ss_family == AF_INET6) set_on(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY);
    if (is_shared) set_on(socket.get(), SOL_SOCKET, SO_REUSEPORT);
    // Accepted sockets inherit both: small packets leave at once, dead peers are noticed.
    set_on(socket.get(), IPPROTO_TCP, TCP_NODELAY);
    set_on(socket.get(), SOL_SOCKET, SO_KEEPALIVE);
    if (::bind(socket.get(), address.get(), address.size) != 0) return last_error();
    if (::listen(socket.get(), backlog) != 0) return last_error();
    return socket.release();
}

}  // namespace

std::error_code check_unused(const PeerAddress& endpoint) {
    if (endpoint.port == 0) return {};  // the kernel chooses one that nobody has
    const Descriptor probe = bind_and_listen(endpoint, false);
    if (probe.has_error()) return probe.error();
    ::close(*probe);
    return {};
}

Descriptor listen_on(const PeerAddress& endpoint) { return bind_and_listen(endpoint, true); }

std::uint16_t port_of(int descriptor) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return 0;
    if (storage.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6&>(storage).sin6_port);
    return storage.ss_family == AF_INET ? ntohs(reinterpret_cast<sockaddr_in&>(storage).sin_port) : 0;
}

Descriptor listen_on_path(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return std::error_code{ENAMETOOLONG, std::generic_category()};
    std::ranges::copy(path, address.sun_path);
    const auto* const name = reinterpret_cast<const sockaddr*>(&address);
    Owned socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (socket.get() < 0) return last_error();
    if (::bind(socket.get(), name, sizeof address) != 0) {
        if (errno != EADDRINUSE) return last_error();
        const Owned probe{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        const bool is_dead = ::connect(probe.get(), name, sizeof address) != 0 && errno == ECONNREFUSED;
        if (!is_dead) return std::error_code{EADDRINUSE, std::generic_category()};
        ::unlink(path.c_str());
        if (::bind(socket.get(), name, sizeof address) != 0) return last_error();
    }
    if (::listen(socket.get(), backlog) != 0) return last_error();
    return socket.release();
}

Descriptor duplicate(int descriptor) {
    const int copy = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) return last_error();
    return copy;
}

}  // namespace holdfast::net
