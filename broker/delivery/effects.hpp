#pragma once
// Effects: what a device queue has to tell others once its lock is released: posts that are answered,
// a session that can pull, events. Gathered under the lock, carried out by run() without it, or by a
// task of its own (post) when the caller holds a session's lock. Who is told may call Delivery again, at
// once: after run() nothing holds that was true before it.
// An answer runs on the shard of the Turn that came with the call. Threads: one at a time.

#include "base/turn.hpp"
#include "delivery/delivery_core.hpp"
#include "delivery/live_session.hpp"

#include <boost/container/small_vector.hpp>

#include <functional>
#include <string>

namespace holdfast::delivery {

/// A message's status as others may see it from now on.
struct StatusChange {
    std::string device_id;
    std::string message_id;
    std::string topic;
    MessageStatus from = MessageStatus::pending;
    Cause cause = Cause::offline;  ///< says the new status, too: status_of()
    std::uint8_t reason_code = 0;
};

[[nodiscard]] Severity severity_of(Cause cause);

class Effects {
public:
    explicit Effects(DeliveryCorePtr core) : core_(std::move(core)) {}

    void answer(Turn& turn, std::function<void()> give) {
        answers_.push_back({&turn, std::move(give)});
    }
    void tell(StatusChange change) { changes_.push_back(std::move(change)); }
    void make_ready(LiveSessionPtr session) { ready_ = std::move(session); }
    /// Releases the reference without a lock: it may be the last one.
    void let_go(LiveSessionPtr session) { gone_.push_back(std::move(session)); }

    void run(Turn& turn);
    void post(Turn& turn);

private:
    struct Answer {
        Turn* turn;
        std::function<void()> give;
    };
    void announce(const StatusChange& change) const;

    DeliveryCorePtr core_;
    boost::container::small_vector<Answer, 1> answers_;
    boost::container::small_vector<LiveSessionPtr, 1> gone_;
    std::vector<StatusChange> changes_;
    LiveSessionPtr ready_;
};

}  // namespace holdfast::delivery
