#pragma once
// TcpConnection: a Connection on a TCP socket. Idle it waits for readability and holds no buffer; it
// reads into its shard's buffer and writes straight from the outbox.
// Threads: the owner's shard; flush() may be called by any shard (the link's lock is taken).

#include "net/shard.hpp"
#include "session/connection.hpp"

#include <boost/asio/ip/tcp.hpp>

namespace holdfast::net {

class TcpConnection final : public session::Connection, public TimerHook {
public:
    /// Takes over a connected, non-blocking socket that `admission` has counted.
    TcpConnection(Shard& shard, int descriptor, bool is_ipv6, const PeerAddress& peer, Instant now,
                  std::optional<CloseReason> refusal);
    ~TcpConnection() override;

    void start();
    /// Handles what the kernel has got from a client that has lost its session to another connection: it
    /// was sent before, a DISCONNECT at its end above all.
    void read_rest(session::Actions& actions);
    /// Writes what is in the outbox, as far as the kernel takes it.
    void flush(session::Actions& actions);
    /// The core has closed it: ends the socket once everything is written.
    void finish_close(session::Actions& actions);
    /// The instant of the timer wheel's next look.
    [[nodiscard]] Instant next_look() const;
    void on_due(session::Actions& actions);
    /// The last resort: closes the socket now.
    void close_now(CloseReason reason, session::Actions& actions);

private:
    void on_judged() override;
    void wait_readable();
    [[nodiscard]] bool has_full_outbox();
    void on_readable();
    void read_on(Instant now);
    void resume_reading(Instant now);
    void wait_writable(Instant since);
    void on_writable();
    void read_once(session::Actions& actions);
    void begin_linger();
    /// Never before it closes.
    [[nodiscard]] Instant linger_until() const;
    /// Bytes the kernel took; -1: it takes no more now; -2: the socket is broken.
    [[nodiscard]] long write_once();

    /// With the executor's own type, which is smaller and quicker than one that can be any.
    using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp,
                                                    boost::asio::io_context::executor_type>;
    Shard& owner_;
    Socket socket_;
    int descriptor_;  ///< -1 once closed; written under the link's lock
    bool wants_close_ = false;
    bool is_waiting_writable_ = false;
    bool is_reading_paused_ = false;
};

}  // namespace holdfast::net
