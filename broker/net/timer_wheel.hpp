#pragma once
// TimerWheel: the deadlines of one shard's connections, coarse and cheap. A connection that has none
// is parked, so that the wheel knows every connection of the shard. A deadline that moved later is
// found when the old one comes: nothing is re-armed for each packet.
// Resolution: `tick`; a deadline is seen at most one tick late. Threads: the shard's.

#include "base/time.hpp"

#include <boost/intrusive/list.hpp>

#include <array>
#include <cstddef>

namespace holdfast::net {

class TcpConnection;

struct TimerHook
    : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
};

class TimerWheel {
public:
    static constexpr Milliseconds tick{250};

    explicit TimerWheel(Instant start) : last_tick_(start) {}
    ~TimerWheel();

    /// (Re)places an entry by its next deadline.
    void schedule(TimerHook& entry, Instant deadline);

    /// Calls visit(TimerHook&) for what is due; visit schedules it anew or unlinks it.
    template <class Visit>
    void advance(Instant now, Visit&& visit) {
        while (last_tick_ + tick <= now) {
            last_tick_ += tick;
            position_ = (position_ + 1) % slots_.size();
            drain(slots_[position_], visit);
        }
    }
    /// Calls visit(TimerHook&) for every entry; visit may unlink or schedule it.
    template <class Visit>
    void for_each(Visit&& visit) {
        List all;
        for (List& slot : slots_) all.splice(all.end(), slot);
        all.splice(all.end(), parked_);
        while (!all.empty()) {
            TimerHook& entry = all.front();
            all.pop_front();
            parked_.push_back(entry);
            visit(entry);
        }
    }
    [[nodiscard]] bool empty() const;

private:
    using List =
        boost::intrusive::list<TimerHook, boost::intrusive::constant_time_size<false>>;

    template <class Visit>
    void drain(List& slot, Visit& visit) {
        List due;
        due.swap(slot);
        while (!due.empty()) {
            TimerHook& entry = due.front();
            due.pop_front();
            parked_.push_back(entry);
            visit(entry);
        }
    }

    std::array<List, 512> slots_;
    List parked_;
    Instant last_tick_;
    std::size_t position_ = 0;
};

}  // namespace holdfast::net
