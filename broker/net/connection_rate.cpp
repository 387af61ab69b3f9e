#include "net/connection_rate.hpp"

namespace holdfast::net {

ConnectionRate::ConnectionRate(const Limits& limits, Instant now)
    : in_all_max_(limits.connections_per_second_max),
      per_address_max_(limits.connections_per_second_per_address_max),
      in_all_(in_all_max_ == unlimited ? 1 : in_all_max_, now),
      by_address_(limits.watched_entries_max) {}

Instant ConnectionRate::next_accept_at(Instant now) {
    if (in_all_max_ == unlimited) return now;
    const std::scoped_lock lock{mutex_};
    return in_all_.room_at(in_all_max_, now);
}

bool ConnectionRate::admit(const PeerAddress& peer, Instant now) {
    if (in_all_max_ == unlimited && per_address_max_ == unlimited) return true;
    const std::scoped_lock lock{mutex_};
    if (per_address_max_ != unlimited) {
        const auto is_kept = [](const TokenBucket&) { return false; };
        const TokenBucket full{per_address_max_, now};
        TokenBucket& bucket = by_address_.use(peer.network().address, full, is_kept);
        if (!bucket.try_take(per_address_max_, now)) return false;
    }
    // One that its address's rate turns away costs the others nothing.
    if (in_all_max_ != unlimited) in_all_.take(1, in_all_max_, now);
    return true;
}

}  // namespace holdfast::net
