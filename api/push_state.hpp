#pragma once
// What is known of an action that pushes: what became of its events since it began, how many wait, and why
// nothing goes. The words of both lists are those of log, metric and API. Values. Threads: any.

#include "base/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::api {

/// Why an event does not reach a receiver. Closed list.
enum class PushDrop : std::uint8_t {
    expired,        ///< not taken within [push] retry_for
    not_retried,    ///< failed once, and what fails is not kept
    backlog_size,   ///< more waited than the backlog policy allows: the oldest went
    backlog_time,   ///< waited longer than the backlog policy allows
    gone_from_log,  ///< [events] let it go before
    count_,
};
[[nodiscard]] std::string_view to_string(PushDrop why);

struct PushTotals {
    std::uint64_t pushed = 0;
    std::uint64_t failed = 0;  ///< attempts
    std::array<std::uint64_t, static_cast<std::size_t>(PushDrop::count_)> dropped{};

    [[nodiscard]] std::uint64_t of(PushDrop why) const {
        return dropped.at(static_cast<std::size_t>(why));
    }
    void add(PushDrop why, std::uint64_t count = 1) {
        dropped.at(static_cast<std::size_t>(why)) += count;
    }
    /// For any reason.
    [[nodiscard]] std::uint64_t all_dropped() const;
    PushTotals& operator+=(const PushTotals& other);
};

/// Closed list.
enum class PushState : std::uint8_t {
    inactive,             ///< its rule is not active
    working,              ///< events go when there are some
    blocked,              ///< the host failed ten times in a row: a trial now and then
    certificate_missing,  ///< the one of its cert_id is gone
    certificate_expired,  ///< and so are all others of that cert_id
    count_,
};
[[nodiscard]] std::string_view to_string(PushState state);

struct PushActionState {
    std::string action_id;
    PushState state = PushState::inactive;
    std::uint64_t waiting = 0;        ///< events, those on their way included
    std::uint64_t waiting_bytes = 0;  ///< as a backlog policy counts them
    Milliseconds oldest_age{0};       ///< of those
    PushTotals totals;
    std::string last_failure;  ///< one sentence; empty: none since the last success
};

}  // namespace holdfast::api
