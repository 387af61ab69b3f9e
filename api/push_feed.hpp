#pragma once
// PushFeed: the events of one action that are on their way, without sockets and clocks: which goes next, what
// a failure means, how far everything is done. Of one device one event is on its way at a time, in order; of
// different devices several. What fails is tried again, later each time, until it is too old, or is discarded
// at once. PushHost: what is known of the host that several actions may share: after ten failures in a row it
// is left alone but for one trial now and then. Values. Threads: one. Limits: the constants.

#include "api/push_settings.hpp"
#include "base/time.hpp"
#include "base/token_bucket.hpp"
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

struct PushTotals {
    std::uint64_t pushed = 0;
    std::uint64_t failed = 0;   ///< attempts
    std::uint64_t expired = 0;  ///< not pushed in their time
    std::uint64_t dropped = 0;  ///< discarded after a failure, or gone from the log before
};

class PushFeed {
public:
    PushFeed(const PushSettings& settings, store::Position cursor, Instant now);

    struct Entry {
        store::Position position{};
        std::string order;  ///< what is the same goes one after the other
        std::string text;
        Instant expires_at = never;
    };
    void add(Entry entry);
    /// Everything up to here was added, or does not match.
    void set_read_through(store::Position position);
    [[nodiscard]] store::Position read_through() const { return read_through_; }
    [[nodiscard]] bool has_room() const { return entries_.size() < push_window_max; }

    /// What is to be sent now, until one of the two below is called; null: nothing.
    [[nodiscard]] const Entry* next(PushHost& host, Instant now);
    void on_success(store::Position position);
    /// `jitter` from 0 to 999 spreads the next attempts.
    void on_failure(store::Position position, Instant now, unsigned jitter);

    /// Everything up to here is done.
    [[nodiscard]] store::Position cursor() const;
    [[nodiscard]] const PushTotals& totals() const { return totals_; }
    void count_dropped(std::uint64_t count) { totals_.dropped += count; }

private:
    struct Kept {
        Entry entry;
        unsigned attempts = 0;
        Instant not_before{};
        bool is_in_flight = false;
    };
    void expire(Instant now);

    const PushSettings& settings_;
    store::Position read_through_;
    std::map<store::Position, Kept> entries_;
    std::size_t in_flight_ = 0;
    TokenBucket bucket_;
    PushTotals totals_;
};

}  // namespace holdfast::api
