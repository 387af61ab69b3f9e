#pragma once
// TcpConnection: a Connection on a socket, TCP or unix, which it owns. Idle it is watched for readability
// and holds no buffer; it reads into its shard's buffer and writes straight from the outbox, or through its
// tunnel.
// Threads: the owner's shard; flush() may be called by any shard (the link's lock is taken).

#include "net/shard.hpp"
#include "net/site.hpp"
#include "net/tunnel.hpp"
#include "session/connection.hpp"

#include <memory>

namespace holdfast::net {

class TcpConnection final : public session::Connection, public TimerHook {
public:
    /// Takes over a connected, non-blocking socket that `admission` has counted.
    TcpConnection(Shard& shard, const Site& site, int descriptor, const PeerAddress& peer,
                  Instant now, std::optional<CloseReason> refusal);
    ~TcpConnection() override;

    void start();
    /// It was watched for that, and maybe is not any more. `has_ended`: the client sends nothing more.
    void on_ready(Interest can, bool has_ended);
    /// Its turn in the shard's line of handshakes, or of departures.
    void leave_line();
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
    /// The lists of revoked certificates are new: ends the connection of one that is on them.
    void check_certificate(session::Actions& actions);

private:
    void on_judged() override;
    [[nodiscard]] session::Origin origin() const override;
    /// Watches the socket for what it waits for now.
    void watch();
    /// In the owner's next turn: from where nothing can be closed, or by another shard.
    void close_soon(CloseReason reason);
    [[nodiscard]] bool has_full_outbox();
    void on_readable(bool has_ended);
    void stand_in_line();
    void read_ready();
    void note_handshake();
    void read_on(Instant now);
    void resume_reading(Instant now);
    void wait_writable(Instant since);
    void on_writable();
    void read_once(session::Actions& actions);
    void take(ByteView raw, session::Actions& actions);
    void take_from_tunnel(ByteView raw, session::Actions& actions);
    void on_proxied(const PeerAddress& source, Instant now);
    void begin_linger(session::Actions& actions);
    /// With the link's lock held.
    [[nodiscard]] bool has_unsent();
    /// Never before it closes.
    [[nodiscard]] Instant linger_until() const;
    /// Bytes of the outbox that the kernel took, or socket_*.
    [[nodiscard]] long write_once(session::Actions& actions);

    Shard& owner_;
    const Site& site_;
    std::unique_ptr<Tunnel> tunnel_;  ///< null: the socket's bytes are MQTT's
    int descriptor_;  ///< -1 once closed; written under the link's lock
    Interest watched_;
    bool wants_close_ : 1 = false;
    bool is_waiting_writable_ : 1 = false;
    bool is_reading_paused_ : 1 = false;
    bool is_in_line_ : 1 = false;  ///< of handshakes or departures: nobody reads
    bool is_counted_handshake_ : 1 = false;
};

}  // namespace holdfast::net
