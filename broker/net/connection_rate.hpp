#pragma once
// ConnectionRate: how many connections come in each second, in all and from each address (an IPv6 /64 is
// one). What is too much in all waits in the kernel's backlog, where it costs nothing and nobody is turned
// away; what is too much from one address is known only once accepted, and is closed.
// Bounded: of too many addresses the one seen longest ago is forgotten; one that is forgotten begins anew,
// below the rate of all. Threads: any; one short mutex, not taken where nothing is limited.

#include "base/limits.hpp"
#include "base/peer_address.hpp"
#include "base/recent_table.hpp"
#include "base/token_bucket.hpp"

#include <array>
#include <cstdint>
#include <mutex>

namespace holdfast::net {

class ConnectionRate {
public:
    ConnectionRate(const Limits& limits, Instant now);

    /// When the next connection may be accepted: `now`, unless there were too many.
    [[nodiscard]] Instant next_accept_at(Instant now);
    /// One was accepted. False: its address has too many.
    [[nodiscard]] bool admit(const PeerAddress& peer, Instant now);

private:
    using Address = std::array<std::uint8_t, 16>;

    const std::size_t in_all_max_;
    const std::size_t per_address_max_;
    std::mutex mutex_;
    TokenBucket in_all_;
    RecentTable<Address, TokenBucket> by_address_;
};

}  // namespace holdfast::net
