#include "net/tcp_connection.hpp"

#include "net/guard.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace holdfast::net {

namespace {

/// What one flush writes at most before the shard turns to others.
constexpr std::size_t bytes_per_flush_max = 4 * 1024 * 1024;
constexpr std::size_t parts_max = 64;
/// Buffers that are read from a client which has lost its session; one that sends more has not ended.
constexpr int reads_of_rest_max = 16;
/// How long a client may take to read our last words and close its side.
constexpr Milliseconds linger{2000};

bool is_temporary(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

TcpConnection::TcpConnection(Shard& shard, const Site& site, int descriptor,
                             const PeerAddress& peer, Instant now,
                             std::optional<CloseReason> refusal)
    : Connection(shard.core(), shard.index(), peer, now, refusal),
      owner_(shard),
      site_(site),
      tunnel_(site.make_tunnel()),
      descriptor_(descriptor) {}

TcpConnection::~TcpConnection() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void TcpConnection::start() {
    owner_.hold(*this);
    note_handshake();
    owner_.wheel().schedule(*this, next_look());
    watch();
}

void TcpConnection::watch() {
    if (descriptor_ < 0) return;
    const Interest wanted{.read = !is_reading_paused_ && !is_in_line_ && !is_being_judged(),
                          .write = is_waiting_writable_};
    if (owner_.readiness().watch(descriptor_, *this, watched_, wanted)) {
        watched_ = wanted;
        return;
    }
    close_soon(CloseReason::memory_exhausted);
}

void TcpConnection::on_ready(Interest can, bool has_ended) {
    if (can.read && watched_.read) on_readable(has_ended);
    if (can.write && watched_.write) on_writable();
}

// --- Reading

void TcpConnection::on_readable(bool has_ended) {
    if (descriptor_ < 0) return;
    if (tunnel_ && tunnel_->is_shaking_hands()) {
        stand_in_line();
        owner_.queue_handshake(boost::intrusive_ptr<TcpConnection>{this});
    } else if (has_ended && !owner_.take_departure()) {
        stand_in_line();
        owner_.queue_departure(boost::intrusive_ptr<TcpConnection>{this});
    } else {
        read_ready();
    }
}

void TcpConnection::stand_in_line() {
    is_in_line_ = true;
    watch();
}

void TcpConnection::leave_line() {
    is_in_line_ = false;
    read_ready();
    note_handshake();
}

/// The shard counts those that have not finished.
void TcpConnection::note_handshake() {
    const bool is_unfinished = descriptor_ >= 0 && tunnel_ && tunnel_->is_shaking_hands();
    if (is_unfinished == is_counted_handshake_) return;
    is_counted_handshake_ = is_unfinished;
    owner_.count_handshakes(is_unfinished ? 1 : -1);
}

void TcpConnection::read_ready() {
    if (descriptor_ < 0) return;
    session::Actions& actions = owner_.enter();
    read_once(actions);
    owner_.leave();
    if (descriptor_ < 0) return;
    if (is_being_judged()) return watch();
    read_on(actions.now);
}

/// A client that does not read its answers is not listened to until it does; one that has sent more than
/// its rate allows, until there is room again.
void TcpConnection::read_on(Instant now) {
    is_reading_paused_ = throttle().is_on() || (is_waiting_writable_ && has_full_outbox());
    watch();
    if (!is_reading_paused_) return;
    set_listening(false, now);
    if (throttle().is_on()) owner_.wheel().schedule(*this, next_look());
}

void TcpConnection::on_judged() {
    if (descriptor_ < 0) return;
    owner_.wheel().schedule(*this, next_look());
    read_on(owner_.enter().now);
}

session::Origin TcpConnection::origin() const {
    return {.listener = site_.index(),
            .tls = tunnel_ ? tunnel_->identity() : nullptr,
            .is_secure = site_.has_tls()};
}

/// What a tunnel has to send is answers to what is read, too.
bool TcpConnection::has_full_outbox() {
    const auto lock = lock_link();
    return link().outbox.size() >= owner_.core().limits.outbound_buffer_bytes_max ||
           (tunnel_ && tunnel_->has_unsent());
}

bool TcpConnection::has_unsent() {
    return !link().outbox.empty() || (tunnel_ && tunnel_->has_unsent());
}

void TcpConnection::read_once(session::Actions& actions) {
    const auto buffer = owner_.read_buffer();
    const std::size_t wanted =
        std::min(buffer.size(), throttle().read_bytes_max(owner_.core().limits));
    const ssize_t got = ::recv(descriptor_, buffer.data(), wanted, MSG_DONTWAIT);
    if (got < 0 && is_temporary(errno)) return;
    if (got <= 0) {
        close_now(CloseReason::connection_lost, actions);
        return;
    }
    if (phase() == session::Phase::closing) return;  // lingering: nobody listens any more
    const session::Phase before = phase();
    take({buffer.data(), static_cast<std::size_t>(got)}, actions);
    if (descriptor_ >= 0 && phase() != before) owner_.wheel().schedule(*this, next_look());
}

void TcpConnection::take(ByteView raw, session::Actions& actions) {
    if (tunnel_) {
        take_from_tunnel(raw, actions);
    } else {
        on_bytes(raw, actions);
    }
}

void TcpConnection::take_from_tunnel(ByteView raw, session::Actions& actions) {
    ByteBuffer& plain = owner_.plain_buffer();
    plain.clear();
    const Tunnel::Received received = tunnel_->receive(raw, plain);
    if (received.source) on_proxied(*received.source, actions.now);
    // A refusal in words would cost a handshake first.
    if (received.source && is_refused() && site_.has_tls()) return close_now(refusal(), actions);
    if (received.opened.has_begun) {
        actions.counters.add(received.opened.is_resumed ? Counter::tls_handshakes_resumed
                                                        : Counter::tls_handshakes_full);
    }
    // Before CONNECT: once there is a session, others look at it.
    if (tunnel_->is_transparent()) tunnel_.reset();
    if (!plain.empty()) on_bytes({plain.data(), plain.size()}, actions);
    if (tunnel_ && tunnel_->has_unsent()) {
        const auto lock = lock_link();
        schedule_flush(actions);
    }
    if (received.opened.failure) {
        on_transport_failed(received.opened.failure->reason, received.opened.failure->detail, actions);
    } else if (received.opened.is_ended) {
        close_now(CloseReason::connection_lost, actions);
    }
}

/// A load balancer has said for whom it speaks.
void TcpConnection::on_proxied(const PeerAddress& source, Instant now) {
    const auto refusal = owner_.guard().refusal_of(source, owner_.lag().pressure(), now);
    on_source(source, owner_.admission().move(peer(), source, is_refused(), refusal));
}

void TcpConnection::read_rest(session::Actions& actions) {
    lift_throttle(actions);
    const auto buffer = owner_.read_buffer();
    for (int reads = 0; reads < reads_of_rest_max; ++reads) {
        if (descriptor_ < 0 || phase() != session::Phase::connected) return;
        const ssize_t got = ::recv(descriptor_, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got <= 0) return;
        take({buffer.data(), static_cast<std::size_t>(got)}, actions);
    }
}

// --- Writing

void TcpConnection::flush(session::Actions& actions) {
    bool is_broken = false;
    bool is_full = false;
    {
        const auto lock = lock_link();
        session::Link& link = this->link();
        // Stays scheduled while it writes: what is added meanwhile goes out in this flush.
        link.flush_scheduled = true;
        std::size_t written = 0;
        while (has_unsent() && descriptor_ >= 0 && !link.socket_full) {
            const long sent = write_once(actions);
            if (sent == socket_broken) {
                is_broken = true;
                link.outbox.clear();
                link.closed = true;
                break;
            }
            if (sent == socket_full) {
                link.socket_full = true;
                is_full = true;
                break;
            }
            if (sent > 0) on_sent(static_cast<std::size_t>(sent), actions);
            written += static_cast<std::size_t>(sent);
            if (written >= bytes_per_flush_max) break;
        }
        link.flush_scheduled = false;
        if (written >= bytes_per_flush_max && has_unsent()) schedule_flush(actions);
    }
    if (actions.shard == owner_.index() && is_reading_paused_) resume_reading(actions.now);
    if (is_broken) return close_soon(CloseReason::connection_lost);
    if (!is_full) return;
    if (actions.shard == owner_.index()) return wait_writable(actions.now);
    boost::asio::post(owner_.context(),
                      [self = boost::intrusive_ptr<TcpConnection>{this}, since = actions.now] {
                          self->wait_writable(since);
                      });
}

long TcpConnection::write_once(session::Actions& actions) {
    const session::Outbox& outbox = link().outbox;
    if (tunnel_) return tunnel_->write(descriptor_, outbox, actions.scratch);
    std::array<iovec, parts_max> parts;
    const std::size_t count = outbox.gather(parts);
    if (count == 1) {
        return send_once(descriptor_, {static_cast<const Byte*>(parts[0].iov_base), parts[0].iov_len});
    }
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    const ssize_t sent = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return sent;
    return is_temporary(errno) ? socket_full : socket_broken;
}

void TcpConnection::wait_writable(Instant since) {
    if (descriptor_ < 0 || is_waiting_writable_) return;
    is_waiting_writable_ = true;
    set_write_stalled_since(since);
    owner_.wheel().schedule(*this, next_look());
    watch();
}

void TcpConnection::on_writable() {
    if (descriptor_ < 0) return;
    is_waiting_writable_ = false;
    set_write_stalled_since(never);
    session::Actions& actions = owner_.enter();
    {
        const auto lock = lock_link();
        link().socket_full = false;
    }
    flush(actions);
    if (wants_close_) finish_close(actions);
    watch();
    owner_.leave();
}

/// Whoever flushes as the owner may be the one that makes room, not on_writable() alone.
void TcpConnection::resume_reading(Instant now) {
    if (descriptor_ < 0 || has_full_outbox() || throttle().is_on()) return;
    is_reading_paused_ = false;
    set_listening(true, now);
    owner_.wheel().schedule(*this, next_look());
    watch();
}

// --- The end

void TcpConnection::finish_close(session::Actions& actions) {
    if (descriptor_ < 0) return;
    wants_close_ = true;
    bool is_written = false;
    {
        const auto lock = lock_link();
        is_written = link().outbox.empty();
    }
    const CloseReason reason = close_reason();
    if (reason == CloseReason::client_disconnected || reason == CloseReason::write_stalled) {
        close_now(reason, actions);
    } else if (is_written) {
        begin_linger(actions);
    } else {
        owner_.wheel().schedule(*this, next_look());
    }
}

/// Lets the client read what was written last: closing with unread input would destroy it.
void TcpConnection::begin_linger(session::Actions& actions) {
    owner_.wheel().schedule(*this, next_look());
    if (tunnel_) {
        tunnel_->end();
        flush(actions);
        // Its last words wait for the client; on_writable() comes here again.
        if (descriptor_ < 0 || tunnel_->has_unsent()) return;
    }
    ::shutdown(descriptor_, SHUT_WR);
}

void TcpConnection::close_soon(CloseReason reason) {
    boost::asio::post(owner_.context(),
                      [self = boost::intrusive_ptr<TcpConnection>{this}, reason] {
                          self->close_now(reason, self->owner_.enter());
                          self->owner_.leave();
                      });
}

void TcpConnection::close_now(CloseReason reason, session::Actions& actions) {
    if (descriptor_ < 0) return;
    if (tunnel_) {
        tunnel_->end();
        const auto lock = lock_link();
        if (link().outbox.empty()) static_cast<void>(write_once(actions));  // or it is lost
    }
    on_closed(reason, actions);
    int descriptor = -1;
    {
        const auto lock = lock_link();
        std::swap(descriptor, descriptor_);
    }
    ::close(descriptor);
    note_handshake();
    unlink();
    owner_.admission().leave(peer(), is_refused());
    owner_.let_go(*this);
}

void TcpConnection::check_certificate(session::Actions& actions) {
    if (!tunnel_ || !tunnel_->is_revoked()) return;
    end_by_operator("its certificate was revoked", actions);
    owner_.wheel().schedule(*this, next_look());
}

Instant TcpConnection::linger_until() const {
    return phase() == session::Phase::closing ? closing_since() + linger : never;
}

Instant TcpConnection::next_look() const { return std::min(next_deadline(), linger_until()); }

void TcpConnection::on_due(session::Actions& actions) {
    if (linger_until() <= actions.now) {
        close_now(close_reason(), actions);
        return;
    }
    on_deadline(actions);
    if (is_reading_paused_) resume_reading(actions.now);
    if (descriptor_ >= 0) owner_.wheel().schedule(*this, next_look());
}

}  // namespace holdfast::net
