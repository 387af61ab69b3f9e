#pragma once
// ScriptedConnection: a Connection whose socket is a test: it takes every byte, some, or none, and
// what it took is cut into the packets a client would read. Flushing and closing follow
// net/tcp_connection.cpp; instead of lingering until the client closes, the client closes at once.
// Owner: World. Threads: none.

#include "session/connection.hpp"

#include <string>
#include <vector>

namespace test_support {

/// A packet that reached the client.
struct Sent {
    std::string text;
    std::string full_text;
    holdfast::Instant at;
};

class ScriptedConnection final : public holdfast::session::Connection {
public:
    ScriptedConnection(holdfast::session::Core& core, holdfast::ShardIndex shard,
                       const holdfast::PeerAddress& peer, holdfast::Instant now,
                       std::optional<holdfast::CloseReason> refusal,
                       holdfast::codec::ProtocolVersion version);

    void flush(holdfast::session::Actions& actions);
    void finish_close(holdfast::session::Actions& actions);
    void close_now(holdfast::CloseReason reason, holdfast::session::Actions& actions);
    void on_due(holdfast::session::Actions& actions);
    [[nodiscard]] holdfast::Instant next_look() const;
    /// The socket takes `bytes` more from now on.
    void set_room(std::size_t bytes, holdfast::session::Actions& actions);

    [[nodiscard]] bool is_open() const { return is_open_; }
    /// QoS 0 messages in the outbox: neither delivered nor dropped yet.
    [[nodiscard]] std::size_t qos0_unsent() { return link().qos0_unsent; }

    holdfast::codec::ProtocolVersion client_version;  ///< how the client reads
    std::vector<Sent> sent;                           ///< not yet expected by the test
    std::size_t sent_bytes = 0;                       ///< in all

private:
    std::size_t take(holdfast::Instant now);
    void cut_packets(holdfast::Instant now);

    std::vector<holdfast::Byte> unread_;
    std::size_t room_ = holdfast::unlimited;
    holdfast::Instant linger_until_ = holdfast::never;
    bool is_open_ = true;
    bool wants_close_ = false;
};

}  // namespace test_support
