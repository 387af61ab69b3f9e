#pragma once
// Guard: what protects the server from those who guess, flap and fill, as far as a connection must ask or
// tell it. The interface is owned here; net/guard.hpp is the one of the server.
// Threads: any shard.

#include "base/peer_address.hpp"
#include "base/telemetry.hpp"
#include "base/turn.hpp"
#include "session/authenticator.hpp"

#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::session {

/// What the authenticator said of a password.
enum class LoginOutcome : std::uint8_t {
    right,
    wrong,
    unjudged,  ///< refused for another reason
};

[[nodiscard]] inline LoginOutcome outcome_of(const Verdict& verdict) {
    if (!verdict.refusal) return LoginOutcome::right;
    return verdict.refusal == CloseReason::bad_credentials ? LoginOutcome::wrong
                                                           : LoginOutcome::unjudged;
}

class Guard {
public:
    virtual ~Guard() = default;

    /// Whether this name may try to log in from there; `banned` if not. Asked before the authenticator.
    [[nodiscard]] virtual std::optional<CloseReason> refuse_login(const PeerAddress& peer,
                                                                  std::string_view name,
                                                                  Instant now) = 0;
    /// Once for each login that was not refused, also when its connection is gone by then: else whoever
    /// does not wait for the answers could have any number of passwords looked at.
    virtual void on_login(const PeerAddress& peer, std::string_view name, LoginOutcome outcome,
                          Turn& turn) = 0;
    /// The session went from a living connection to another one.
    virtual void on_takeover(std::string_view client_id, const PeerAddress& from,
                             const PeerAddress& by, Turn& turn) = 0;
    /// Nothing that needs more memory is taken.
    [[nodiscard]] bool is_memory_exhausted() const {
        return is_memory_exhausted_.load(std::memory_order_relaxed);
    }

protected:
    std::atomic<bool> is_memory_exhausted_{false};
};

}  // namespace holdfast::session
