// Bytes to packets: what comes in pieces is put together, and what may not be handled yet is kept.

#include "session/connection.hpp"

#include <algorithm>

namespace holdfast::session {

using codec::PacketType;

std::size_t Connection::packet_bytes_max() const {
    const Limits& limits = core_.limits;
    return phase_ == Phase::awaiting_connect
               ? std::min(limits.first_packet_bytes_max, limits.packet_bytes_max)
               : limits.packet_bytes_max;
}

void Connection::on_bytes(ByteView received, Actions& actions) {
    actions.counters.add(Counter::bytes_received, received.size());
    const std::size_t received_bytes = received.size();
    const bool was_connected = phase_ == Phase::connected;
    if (was_connected) counted_from_ = actions.now;
    const auto must_wait = [this] { return is_being_judged() || throttle_.is_on(); };
    if (kept_input_ && !must_wait()) received = complete_kept_packet(received, actions);
    if (must_wait()) {
        keep_input(received);
    } else if (!kept_input_) {
        keep_input(handle_packets(received, actions));
    }
    if (phase_ != Phase::connected) return;
    if (was_connected) throttle_.take_bytes(received_bytes, core_.limits, actions);
    throttle_.announce(core_.events, session_->client_id(), peer_);
}

/// What could not be handled when it came: whole packets, and perhaps a part of one. A large packet that
/// comes slowly is not copied each time.
void Connection::handle_kept(Actions& actions) {
    if (!kept_input_) return;
    const ByteView waiting{kept_input_->data(), kept_input_->size()};
    const auto frame = codec::next_frame(waiting, packet_bytes_max());
    if (frame.has_value() && frame->size == 0) return;
    const std::unique_ptr<const ByteBuffer> kept = std::move(kept_input_);
    keep_input(handle_packets({kept->data(), kept->size()}, actions));
}

void Connection::lift_throttle(Actions& actions) {
    const bool was_on = throttle_.is_on();
    throttle_.lift(core_.limits, actions.now);
    if (was_on && phase_ == Phase::connected) handle_kept(actions);
}

std::size_t Connection::kept_input_bytes() const { return kept_input_ ? kept_input_->size() : 0; }

void Connection::keep_input(ByteView bytes) {
    if (bytes.empty() || phase_ == Phase::closing) return;
    if (!kept_input_) kept_input_ = std::make_unique<ByteBuffer>();
    std::copy(bytes.begin(), bytes.end(), extend(*kept_input_, bytes.size()));
}

/// Takes from `received` what the kept packet still lacks; returns what is left.
ByteView Connection::complete_kept_packet(ByteView received, Actions& actions) {
    while (!received.empty() && phase_ != Phase::closing && !is_being_judged() &&
           !throttle_.is_on()) {
        ByteBuffer& kept = *kept_input_;
        const auto incomplete = codec::next_frame({kept.data(), kept.size()},
                                                  packet_bytes_max());
        if (incomplete.has_error()) {
            fail(incomplete.error(), actions);
            break;
        }
        const std::size_t expected = incomplete->expected_size;
        const std::size_t missing = expected == 0 ? 1 : expected - kept.size();
        const std::size_t taken = std::min(missing, received.size());
        // The bytes promised are not reserved at once: a peer that only promises costs nothing.
        const Byte* from = received.data();
        std::copy_n(from, taken, extend(kept, taken));
        received = received.subspan(taken);
        if (handle_packets({kept.data(), kept.size()}, actions).empty()) {
            kept_input_.reset();
            return received;
        }
    }
    if (phase_ == Phase::closing) {
        kept_input_.reset();
        return {};
    }
    return received;
}

/// Handles every whole packet; returns the incomplete rest, nothing once the connection closes.
ByteView Connection::handle_packets(ByteView received, Actions& actions) {
    while (!received.empty() && phase_ != Phase::closing) {
        const auto frame = codec::next_frame(received, packet_bytes_max());
        if (frame.has_error()) {
            fail(frame.error(), actions);
            return {};
        }
        if (frame->size == 0) return received;
        const bool is_counted =
            phase_ == Phase::connected && frame->type() == PacketType::publish;
        if (is_counted && !throttle_.take_message(core_.limits, actions)) return received;
        const Handled handled = on_frame(*frame, actions);
        if (is_being_judged()) return received;  // CONNECT is handled again with the verdict
        actions.counters.add(Counter::packets_received);
        if (handled.has_error()) fail(handled.error(), actions);
        received = received.subspan(frame->size);
    }
    return phase_ == Phase::closing ? ByteView{} : received;
}

}  // namespace holdfast::session
