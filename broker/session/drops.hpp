#pragma once
// Drops: counts what a session drops and says so, at most once a second; those in between are announced
// together, by the next drop, a sweep or the session's end. Threads: the session's mutex.

#include "base/ids.hpp"
#include "base/telemetry.hpp"
#include "base/time.hpp"
#include "session/action.hpp"

#include <cstdint>
#include <string_view>

namespace holdfast::session {

class Drops {
public:
    /// `topic`: of the message, empty when it is not known.
    void tell(const ClientId& client_id, std::string_view topic, DropReason reason,
              Actions& actions);
    /// What was not announced yet, if it is time.
    void announce_due(const ClientId& client_id, Actions& actions);
    void announce_rest(const ClientId& client_id, Actions& actions);

private:
    void announce(const ClientId& client_id, std::string_view topic, Actions& actions);

    std::uint32_t unannounced_ = 0;
    DropReason last_reason_{};
    Instant next_notice_{};
};

}  // namespace holdfast::session
