#include "support/scripted_connection.hpp"

#include "support/sent_text.hpp"

#include <algorithm>
#include <array>

namespace test_support {

using namespace holdfast;

namespace {

constexpr Milliseconds linger{2000};

}  // namespace

ScriptedConnection::ScriptedConnection(session::Core& core, ShardIndex shard,
                                       const PeerAddress& peer, Instant now,
                                       std::optional<CloseReason> refusal,
                                       codec::ProtocolVersion version)
    : Connection(core, shard, peer, now, refusal), client_version(version) {}

void ScriptedConnection::flush(session::Actions& actions) {
    bool is_full = false;
    {
        const auto lock = lock_link();
        session::Link& link = this->link();
        link.flush_scheduled = false;
        if (!is_open_ || link.socket_full) return;
        while (!link.outbox.empty()) {
            const std::size_t taken = take(actions.now);
            if (taken == 0) {
                link.socket_full = true;
                is_full = true;
                break;
            }
            on_sent(taken, actions);
        }
    }
    if (is_full) set_write_stalled_since(actions.now);
}

/// What one gathered write takes.
std::size_t ScriptedConnection::take(Instant now) {
    std::array<iovec, 4> parts{};
    const std::size_t count = link().outbox.gather(parts);
    std::size_t taken = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t size = std::min(room_, parts[i].iov_len);
        const auto* bytes = static_cast<const Byte*>(parts[i].iov_base);
        unread_.insert(unread_.end(), bytes, bytes + size);
        if (room_ != unlimited) room_ -= size;
        taken += size;
    }
    sent_bytes += taken;
    cut_packets(now);
    return taken;
}

void ScriptedConnection::cut_packets(Instant now) {
    std::size_t done = 0;
    for (;;) {
        const ByteView rest = ByteView{unread_}.subspan(done);
        const auto frame = codec::next_frame(rest, unlimited);
        if (frame.has_error() || frame->size == 0) break;
        sent.push_back({sent_text(client_version, *frame), full_text(client_version, *frame), now});
        done += frame->size;
    }
    unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(done));
}

void ScriptedConnection::set_room(std::size_t bytes, session::Actions& actions) {
    room_ = bytes;
    if (bytes == 0 || !is_open_) return;
    set_write_stalled_since(never);
    {
        const auto lock = lock_link();
        link().socket_full = false;
    }
    flush(actions);
    if (wants_close_) finish_close(actions);
}

void ScriptedConnection::finish_close(session::Actions& actions) {
    if (!is_open_) return;
    wants_close_ = true;
    bool is_written = false;
    {
        const auto lock = lock_link();
        is_written = link().outbox.empty();
    }
    const CloseReason reason = close_reason();
    const bool is_at_once =
        reason == CloseReason::client_disconnected || reason == CloseReason::write_stalled;
    if (is_at_once || is_written) {
        close_now(reason, actions);
    } else if (linger_until_ == never) {
        linger_until_ = actions.now + linger;
    }
}

void ScriptedConnection::close_now(CloseReason reason, session::Actions& actions) {
    if (!is_open_) return;
    on_closed(reason, actions);
    is_open_ = false;
    linger_until_ = never;
}

Instant ScriptedConnection::next_look() const { return std::min(next_deadline(), linger_until_); }

void ScriptedConnection::on_due(session::Actions& actions) {
    if (linger_until_ <= actions.now) {
        close_now(close_reason(), actions);
        return;
    }
    on_deadline(actions);
}

}  // namespace test_support
