#pragma once
// PushFeed: the events of one action that wait or are on their way, without sockets and clocks: which goes
// next, what a failure means, how far everything is done, how much waits. Of one device one event is on its
// way at a time, in order; of different devices several. What fails is tried again, later each time, until it
// is too old, or is discarded at once. Only a window of what waits is kept; what was looked at behind it is
// counted. A PushBacklog bounds what waits: beyond it the oldest go, which the totals say.
// PushHost: what is known of the host that several actions may share: after ten failures in a row it
// is left alone but for one trial now and then. Values. Threads: one. Limits: the constants.

#include "api/push_flow.hpp"
#include "api/push_settings.hpp"
#include "api/push_state.hpp"
#include "base/time.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace holdfast::api {

inline constexpr std::size_t push_window_max = 256;    ///< events read and not done
inline constexpr std::size_t push_in_flight_max = 16;  ///< requests at once
inline constexpr unsigned push_failures_max = 10;      ///< in a row, of a host
inline constexpr Seconds push_delay_max{60};           ///< between two attempts
/// What no backlog policy discards, however small: an event gets its one attempt.
inline constexpr Seconds push_grace{1};

struct PushHost {
    unsigned failures = 0;  ///< in a row
    Instant probe_at = never;
    bool is_probing = false;

    [[nodiscard]] bool is_blocked() const { return failures >= push_failures_max; }
    /// True: one request may go now. A trial is counted.
    [[nodiscard]] bool may_try(Instant now);
    void on_success() { *this = {}; }
    void on_failure(Instant now, const PushSettings& settings);
};

/// How much may wait.
struct PushBacklog {
    std::uint64_t bytes_max = 0;
    Seconds age_max{0};

    /// What cannot go at once is discarded.
    [[nodiscard]] bool is_none() const { return bytes_max == 0 || age_max == Seconds{0}; }
};

class PushFeed {
public:
    PushFeed(const PushSettings& settings, store::Position cursor)
        : settings_(settings), read_through_(cursor), looked_through_(cursor) {}

    struct Entry {
        store::Position position{};
        std::string order;  ///< what is the same goes one after the other
        std::string text;
        std::uint64_t bytes = 0;  ///< as look_at() counts the same event
        Instant happened_at{};
        Instant expires_at = never;
    };
    void add(Entry entry);
    /// Everything up to here was added, or does not match.
    void set_read_through(store::Position position);
    [[nodiscard]] store::Position read_through() const { return read_through_; }
    [[nodiscard]] bool has_room() const { return entries_.size() < push_window_max; }

    /// There is such an event behind the window.
    void look_at(store::Position position, std::uint64_t bytes);
    void set_looked_through(store::Position position);
    [[nodiscard]] store::Position looked_through() const { return looked_through_; }

    /// What was read up to here is all there is: events before it are gone from the log, `count` of them.
    void skip_to(store::Position position, std::uint64_t count);

    /// Empty: only the settings bound what waits.
    void set_backlog(std::optional<PushBacklog> backlog) { backlog_ = backlog; }

    /// What is to be sent now, until one of the two below is called; null: nothing.
    [[nodiscard]] const Entry* next(PushHost& host, const PushFlow& flow, Instant now);
    void on_success(store::Position position);
    /// `jitter` from 0 to 999 spreads the next attempts.
    void on_failure(store::Position position, Instant now, unsigned jitter);
    /// Discards what must not wait any longer. next() does, too.
    void discard(Instant now);

    /// Everything up to here is done.
    [[nodiscard]] store::Position cursor() const;
    [[nodiscard]] const PushTotals& totals() const { return totals_; }
    /// Those on their way included.
    [[nodiscard]] std::uint64_t waiting() const { return waiting_; }
    [[nodiscard]] std::uint64_t waiting_bytes() const { return waiting_bytes_; }
    /// Of the oldest that waits.
    [[nodiscard]] Milliseconds oldest_age(Instant now) const;

private:
    struct Kept {
        Entry entry;
        unsigned attempts = 0;
        Instant not_before{};
        bool is_in_flight = false;
    };
    using Entries = std::map<store::Position, Kept>;

    Entries::iterator remove(Entries::iterator at);
    [[nodiscard]] std::optional<PushDrop> why_discard(const Kept& kept, Instant now) const;

    const PushSettings& settings_;
    std::optional<PushBacklog> backlog_;
    store::Position read_through_;
    store::Position looked_through_;  ///< read_through_ or behind it
    Entries entries_;
    std::size_t in_flight_ = 0;
    std::uint64_t waiting_ = 0;
    std::uint64_t waiting_bytes_ = 0;
    PushTotals totals_;
};

}  // namespace holdfast::api
