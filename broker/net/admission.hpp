#pragma once
// Admission: may one more connection come in? Counts all of them, and those of each address (an IPv6 /64
// is one), against connections_max, connections_per_address_max and the process's descriptor limit.
// One that may not is still read, so that its CONNECT is answered with the reason, while few of these are
// open at once; beyond that it is closed unanswered: a storm of them costs no descriptors.
// Threads: any shard; one short mutex, taken once per connection opened and closed.

#include "base/limits.hpp"
#include "base/peer_address.hpp"
#include "base/telemetry.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <atomic>
#include <cstddef>
#include <mutex>
#include <optional>

namespace holdfast::net {

class Admission {
public:
    /// `descriptors_max`: RLIMIT_NOFILE. Some are kept back for files, listeners and HTTP.
    Admission(const Limits& limits, std::size_t descriptors_max);

    struct Verdict {
        bool may_stay = true;  ///< false: close at once, no descriptor may be spent on an answer
        std::optional<CloseReason> refusal;  ///< answer the CONNECT with this and close
    };
    /// Counts the connection if it may stay; leave() takes it back. `refusal`: why it is refused anyhow.
    [[nodiscard]] Verdict enter(const PeerAddress& peer,
                                std::optional<CloseReason> refusal = std::nullopt);
    /// Of a connection that is counted: it comes from elsewhere than it seemed. `refusal`: why it is
    /// refused anyhow, perhaps since before (`is_refused`). Why it is refused from now on.
    [[nodiscard]] std::optional<CloseReason> move(const PeerAddress& from, const PeerAddress& to,
                                                  bool is_refused, std::optional<CloseReason> refusal);
    /// `is_refused`: the verdict had a refusal.
    void leave(const PeerAddress& peer, bool is_refused);

    /// Open ones, those included that are being refused.
    [[nodiscard]] std::size_t count() const {
        return accepted_.load(std::memory_order_relaxed) + refused_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::size_t connections_max() const { return connections_max_; }

private:
    struct AddressHash {
        std::size_t operator()(const std::array<std::uint8_t, 16>& address) const;
    };
    [[nodiscard]] std::size_t count_of_address(const PeerAddress& peer);
    void leave_address(const PeerAddress& peer);

    const std::size_t connections_max_;
    const std::size_t per_address_max_;
    std::atomic<std::size_t> accepted_{0};
    std::atomic<std::size_t> refused_{0};
    std::mutex mutex_;
    boost::unordered_flat_map<std::array<std::uint8_t, 16>, std::size_t, AddressHash> by_address_;
};

}  // namespace holdfast::net
