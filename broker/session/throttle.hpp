#pragma once
// Throttle: how fast one client may send. It counts what came, says when no more may be handled and when
// there is room again; the connection keeps what it has got meanwhile, and its owner reads no more, so
// that the client's own socket fills up: it is slowed down and loses nothing.
// Memory: a pointer; the counts are made with the first packet that counts, and only where a limit is set.
// Threads: the connection's shard.

#include "base/limits.hpp"
#include "base/peer_address.hpp"
#include "base/telemetry.hpp"
#include "base/turn.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

namespace holdfast::session {

class Throttle {
public:
    Throttle();
    ~Throttle();

    /// A PUBLISH is about to be handled. False: not now, see until().
    [[nodiscard]] bool take_message(const Limits& limits, Turn& turn);
    /// So many bytes have come and been handled.
    void take_bytes(std::size_t count, const Limits& limits, Turn& turn);
    /// Nothing is handled or read before until().
    [[nodiscard]] bool is_on() const;
    [[nodiscard]] Instant until() const;  ///< never: it is not on
    /// until() has come.
    void release();
    /// From now on everything passes: the connection is about to end.
    void lift(const Limits& limits, Instant now);
    /// One look into the socket should take no more, or too much would have to be kept; behind CONNECT, too.
    [[nodiscard]] std::size_t read_bytes_max(const Limits& limits) const;
    /// Says once in a connection's life that it is on.
    void announce(EventSink& events, std::string_view client_id, const PeerAddress& peer);

private:
    struct Counts;
    [[nodiscard]] Counts* counts(const Limits& limits, Instant now);

    std::unique_ptr<Counts> counts_;
};

}  // namespace holdfast::session
