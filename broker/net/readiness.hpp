#pragma once
// Readiness: which of a shard's sockets can be read or written. One epoll set for the shard's connections,
// level-triggered, that its loop waits for as for a single descriptor; each then costs no system call and no
// handler of its own. Measured: docs/decisions/0013-readiness.md. A socket that is watched for nothing is not
// in the set, so nothing is told of it either.
// Owns the set, not what is watched. Threads: the shard's. Errors: the constructor throws std::system_error.

#include "base/bytes.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <span>

struct epoll_event;

namespace holdfast::net {

class TcpConnection;

/// What a socket is watched for, or can do now.
struct Interest {
    bool read : 1 = false;
    bool write : 1 = false;
    friend bool operator==(const Interest&, const Interest&) = default;
};

class Readiness {
public:
    Readiness();
    ~Readiness();
    Readiness(const Readiness&) = delete;
    Readiness& operator=(const Readiness&) = delete;

    /// To be waited for until it is readable; closed by whoever does.
    [[nodiscard]] int descriptor() const { return set_; }
    /// From `before` to `after`. False: the kernel has no memory for it, and nothing has changed. A closed
    /// descriptor leaves by itself.
    [[nodiscard]] bool watch(int descriptor, TcpConnection& connection, Interest before, Interest after);

    struct Ready {
        TcpConnection* connection;
        Interest can;    ///< both where the socket is broken: the next call says how
        bool has_ended;  ///< broken, or nothing more comes behind what can be read
    };
    /// Calls visit(Ready) for those that are ready, so many at most that others get their turn; the rest is
    /// found by the next call. Nobody that was watched before may be destroyed meanwhile. How many it were.
    template <class Visit>
    std::size_t for_each_ready(Visit&& visit) {
        const std::size_t count = collect();
        for (std::size_t i = 0; i < count; ++i) visit(at(i));
        return count;
    }

private:
    [[nodiscard]] std::size_t collect();
    [[nodiscard]] Ready at(std::size_t index) const;

    const int set_;
    const std::unique_ptr<epoll_event[]> events_;
};

}  // namespace holdfast::net
