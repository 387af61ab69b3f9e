#pragma once
// How a connection puts a packet into its outbox, at once or behind the store. Only for connection*.cpp.

#include "session/connection.hpp"

#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace holdfast::session {

/// What an acknowledgement may say beside its reason code to a client that does or does not want to know.
/// [MQTT5-3.1.2-29]
[[nodiscard]] inline std::optional<std::string_view> problem_text(bool is_wanted,
                                                                  std::string_view text) {
    return is_wanted ? std::optional{text} : std::nullopt;
}

inline bool Connection::has_changed_store(const Actions& actions) const {
    return actions.commits_begun != actions.commits_before_packet ||
           actions.changes.changes().size() > actions.changes_before_packet;
}

/// Puts one packet into the outbox, unless the connection has said its last word or lost its session.
template <class PacketT>
void Connection::send(const PacketT& packet, Actions& actions) {
    const auto lock = lock_link();
    if (!link_.closed) put(packet, actions);
}

/// The same with the link locked and open.
template <class PacketT>
void Connection::put(const PacketT& packet, Actions& actions) {
    codec::encode(link_.outbox.buffer(), link_.version, packet, link_.packet_bytes_max);
    actions.counters.add(Counter::packets_sent);
    schedule_flush(actions);
}

/// Like send, but behind the store when the packet being handled has changed what it keeps:
/// acknowledged means durable. Answers keep their order.
template <class PacketT>
void Connection::answer(const PacketT& packet, Actions& actions) {
    const bool has_changed = has_changed_store(actions);
    if (!has_changed && held_answers_ == 0) {
        send(packet, actions);
        return;
    }
    // One that waits only for its turn has no commit of its own.
    HeldAnswer held{.after = has_changed ? actions.commits_before_packet : actions.commits_begun,
                    .commit = has_changed ? actions.commit_of_changes() : actions.commits_begun,
                    .connection = this,
                    .bytes = {}};
    if constexpr (std::is_same_v<PacketT, codec::Puback>) {
        held.if_not_kept = HeldAnswer::IfNotKept::refuse_puback;
        ++held_pubacks_;
        held.packet_id = packet.packet_id;
    } else if constexpr (std::is_same_v<PacketT, codec::Pubrec>) {
        held.if_not_kept = HeldAnswer::IfNotKept::refuse_pubrec;
        held.packet_id = packet.packet_id;
    }
    codec::encode(held.bytes, link_.version, packet, link_.packet_bytes_max);
    actions.held_answers.push_back(std::move(held));
    ++held_answers_;
}

}  // namespace holdfast::session
