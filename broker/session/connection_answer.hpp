#pragma once
// How a Connection puts packets into its outbox: for the source files of Connection alone.

#include "codec/codec.hpp"
#include "session/connection.hpp"

#include <utility>

namespace holdfast::session {

template <class PacketT>
void Connection::send(const PacketT& packet, Actions& actions) {
    const auto lock = lock_link();
    if (link_.closed) return;
    codec::encode(link_.outbox.buffer(), link_.version, packet, link_.packet_bytes_max);
    actions.counters.add(Counter::packets_sent);
    schedule_flush(actions);
}

template <class PacketT>
void Connection::answer(const PacketT& packet, Actions& actions) {
    if (actions.commits_begun == commits_before_ && held_answers_ == 0) {
        send(packet, actions);
        return;
    }
    HeldAnswer held{actions.commits_begun, this, {}};
    codec::encode(held.bytes, link_.version, packet, link_.packet_bytes_max);
    actions.held_answers.push_back(std::move(held));
    ++held_answers_;
}

}  // namespace holdfast::session
