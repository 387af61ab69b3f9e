#include "session/throttle.hpp"

#include "base/token_bucket.hpp"

#include <algorithm>
#include <string>

namespace holdfast::session {

namespace {

constexpr std::size_t read_bytes_least = 1024;
constexpr std::size_t read_bytes_most = 64 * 1024;
/// Of short messages: a client with a low rate shall not have many of them waiting here.
constexpr std::size_t message_bytes_guess = 64;

std::size_t read_size_for(const Limits& limits) {
    const bool is_limited = limits.bytes_per_second_per_client_max != unlimited ||
                            limits.messages_per_second_per_client_max != unlimited;
    if (!is_limited) return unlimited;
    std::size_t bytes = std::min(limits.bytes_per_second_per_client_max, read_bytes_most);
    const std::size_t messages = limits.messages_per_second_per_client_max;
    if (messages < read_bytes_most) bytes = std::min(bytes, messages * message_bytes_guess);
    return std::max(bytes, read_bytes_least);
}

}  // namespace

struct Throttle::Counts {
    TokenBucket messages;
    TokenBucket bytes;
    Instant until = never;
    ThrottleReason reason = ThrottleReason::message_rate;
    bool is_announced = false;
    bool is_lifted = false;

    void begin(ThrottleReason why, Instant room_at, Counters& counters) {
        if (until == never) {
            counters.add(why == ThrottleReason::message_rate ? Counter::reads_paused_message_rate
                                                             : Counter::reads_paused_byte_rate);
            until = room_at;
            reason = why;
        }
        until = std::max(until, room_at);
    }
};

Throttle::Throttle() = default;
Throttle::~Throttle() = default;

/// Made when the first is counted: a client that only listens has none. Null: nothing is counted.
Throttle::Counts* Throttle::counts(const Limits& limits, Instant now) {
    if (counts_) return counts_->is_lifted ? nullptr : counts_.get();
    const std::size_t messages = limits.messages_per_second_per_client_max;
    const std::size_t bytes = limits.bytes_per_second_per_client_max;
    counts_.reset(new Counts{.messages = TokenBucket{messages == unlimited ? 1 : messages, now},
                             .bytes = TokenBucket{bytes == unlimited ? 1 : bytes, now}});
    return counts_.get();
}

bool Throttle::take_message(const Limits& limits, Turn& turn) {
    const std::size_t rate = limits.messages_per_second_per_client_max;
    if (rate == unlimited) return true;
    Counts* const counts = this->counts(limits, turn.now);
    if (counts == nullptr) return true;
    if (counts->messages.try_take(rate, turn.now)) return true;
    counts->begin(ThrottleReason::message_rate, counts->messages.room_at(rate, turn.now),
                  turn.counters);
    return false;
}

void Throttle::take_bytes(std::size_t count, const Limits& limits, Turn& turn) {
    const std::size_t rate = limits.bytes_per_second_per_client_max;
    if (rate == unlimited) return;
    Counts* const counts = this->counts(limits, turn.now);
    if (counts == nullptr) return;
    counts->bytes.take(count, rate, turn.now);
    const Instant room_at = counts->bytes.room_at(rate, turn.now);
    if (room_at > turn.now) counts->begin(ThrottleReason::byte_rate, room_at, turn.counters);
}

bool Throttle::is_on() const { return counts_ && counts_->until != never; }

Instant Throttle::until() const { return counts_ ? counts_->until : never; }

void Throttle::release() {
    if (counts_) counts_->until = never;
}

void Throttle::lift(const Limits& limits, Instant now) {
    if (read_size_for(limits) == unlimited) return;  // nothing is limited
    if (Counts* const counts = this->counts(limits, now)) {
        counts->until = never;
        counts->is_lifted = true;
    }
}

std::size_t Throttle::read_bytes_max(const Limits& limits) const {
    return counts_ && counts_->is_lifted ? unlimited : read_size_for(limits);
}

void Throttle::announce(EventSink& events, std::string_view client_id, const PeerAddress& peer) {
    if (!is_on() || counts_->is_announced) return;
    counts_->is_announced = true;
    if (!events.wants(Severity::warning)) return;
    const std::string address = peer.to_string();
    events.on_event({.severity = Severity::warning,
                     .name = "client_throttled",
                     .client_id = client_id,
                     .address = address,
                     .reason = to_string(counts_->reason),
                     .clause = {},
                     .detail = "it sends more than its rate allows and is read from more slowly",
                     .topic = {}});
}

}  // namespace holdfast::session
