#pragma once
// Guard: keeps the server up while others storm, flood and guess. Says what a listener does with a new
// connection before that has cost anything, and what a connection may do (session/guard.hpp). Owns the
// tables behind it, counts, and tells the log; decides by instants that it is given.
// Threads: any, but on_memory_measured(): one at a time.

#include "base/limits.hpp"
#include "net/ban_list.hpp"
#include "net/burst_watch.hpp"
#include "net/connection_rate.hpp"
#include "net/loop_lag.hpp"
#include "net/memory_budget.hpp"
#include "session/guard.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::net {

class Guard final : public session::Guard {
public:
    /// `memory_max`: what the limits come to on this machine; `unlimited` if to nothing.
    Guard(const Limits& limits, std::size_t memory_max, EventSink& events, Instant now);

    // --- For listeners

    /// When the next connection may be accepted; `now`, or later while there are too many.
    [[nodiscard]] Instant next_accept_at(Instant now) { return rate_.next_accept_at(now); }
    /// A connection was accepted: why it may not stay, if so.
    [[nodiscard]] std::optional<CloseReason> refusal_of(const PeerAddress& peer,
                                                        LoopLag::Pressure pressure, Instant now);

    // --- session::Guard

    [[nodiscard]] std::optional<CloseReason> refuse_login(const PeerAddress& peer,
                                                          std::string_view name,
                                                          Instant now) override;
    void on_login(const PeerAddress& peer, std::string_view name, session::LoginOutcome outcome,
                  Turn& turn) override;
    void on_takeover(std::string_view client_id, const PeerAddress& from, const PeerAddress& by,
                     Turn& turn) override;

    // --- For the server

    /// The process has so much resident memory now.
    void on_memory_measured(std::size_t bytes);
    [[nodiscard]] const MemoryBudget& memory() const { return memory_; }
    [[nodiscard]] BanList& bans() { return bans_; }
    /// An operator's wish, which the log shall show. False: there is no such ban.
    bool lift_ban(std::uint64_t number, std::string_view who, Instant now);

private:
    void tell_guessed(std::string_view name, const PeerAddress& peer, std::uint32_t times);
    void tell_ban(const Ban& ban, const PeerAddress& peer, Instant now);

    EventSink& events_;
    ConnectionRate rate_;
    BanList bans_;
    BurstWatch guessed_names_;
    BurstWatch flapping_;
    MemoryBudget memory_;
};

}  // namespace holdfast::net
