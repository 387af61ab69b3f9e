#pragma once
// A Will Message that waits for the end of its connection (MQTT 5 section 3.1.2.5, 3.1.3.2).
// When it is sent is decided by Registry; the table of all cases is in docs/wills.md.

#include "base/message.hpp"
#include "base/time.hpp"

#include <memory>
#include <optional>

namespace holdfast::session {

struct Will {
    /// As published: its accepted_at is the CONNECT, its expiry starts when it is published.
    MessagePtr message;
    Seconds delay{0};
    std::optional<Seconds> message_expiry;
    Instant due_at = never;  ///< set while its session waits without connection
};

/// Null: none. Few connections have one, so those that have not carry a pointer only.
using WillPtr = std::unique_ptr<Will>;

}  // namespace holdfast::session
