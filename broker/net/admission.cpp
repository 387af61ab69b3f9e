#include "net/admission.hpp"

#include <algorithm>
#include <string_view>

namespace holdfast::net {

namespace {

/// Kept back from connections: files, listeners, HTTP.
constexpr std::size_t descriptors_reserved = 128;
/// Refused connections at once that are still read, so that they get a CONNACK that says why.
constexpr std::size_t answered_max = 64;

std::size_t maximum_of(const Limits& limits, std::size_t descriptors_max) {
    const std::size_t kept_back = descriptors_reserved + answered_max;
    const std::size_t possible = descriptors_max > 2 * kept_back ? descriptors_max - kept_back
                                                                 : descriptors_max / 2;
    return std::min(limits.connections_max, possible);
}

}  // namespace

Admission::Admission(const Limits& limits, std::size_t descriptors_max)
    : connections_max_(maximum_of(limits, descriptors_max)),
      per_address_max_(limits.connections_per_address_max) {}

std::size_t Admission::AddressHash::operator()(
    const std::array<std::uint8_t, 16>& address) const {
    return std::hash<std::string_view>{}(
        {reinterpret_cast<const char*>(address.data()), address.size()});
}

Admission::Verdict Admission::enter(const PeerAddress& peer, std::optional<CloseReason> refusal) {
    const std::size_t of_address = count_of_address(peer);
    if (!refusal && of_address > per_address_max_) {
        refusal = CloseReason::too_many_connections_from_address;
    }
    if (!refusal) {
        if (accepted_.fetch_add(1, std::memory_order_relaxed) < connections_max_) return {};
        accepted_.fetch_sub(1, std::memory_order_relaxed);
        refusal = CloseReason::too_many_connections;
    }
    // A rate that is exceeded is exceeded by many: none of them is worth waiting for its CONNECT.
    const bool is_answered = refusal != CloseReason::connection_rate_exceeded &&
                             refused_.fetch_add(1, std::memory_order_relaxed) < answered_max;
    if (is_answered) return {true, refusal};
    if (refusal != CloseReason::connection_rate_exceeded) {
        refused_.fetch_sub(1, std::memory_order_relaxed);
    }
    leave_address(peer);
    return {false, refusal};
}

std::optional<CloseReason> Admission::move(const PeerAddress& from, const PeerAddress& to,
                                           bool is_refused, std::optional<CloseReason> refusal) {
    leave_address(from);
    const std::size_t of_address = count_of_address(to);
    if (is_refused) return std::nullopt;
    if (!refusal && of_address > per_address_max_) {
        refusal = CloseReason::too_many_connections_from_address;
    }
    if (refusal) {
        accepted_.fetch_sub(1, std::memory_order_relaxed);
        refused_.fetch_add(1, std::memory_order_relaxed);
    }
    return refusal;
}

void Admission::leave(const PeerAddress& peer, bool is_refused) {
    (is_refused ? refused_ : accepted_).fetch_sub(1, std::memory_order_relaxed);
    leave_address(peer);
}

std::size_t Admission::count_of_address(const PeerAddress& peer) {
    if (per_address_max_ == unlimited) return 0;
    const std::scoped_lock lock{mutex_};
    return ++by_address_[peer.network().address];
}

void Admission::leave_address(const PeerAddress& peer) {
    if (per_address_max_ == unlimited) return;
    const std::scoped_lock lock{mutex_};
    const auto entry = by_address_.find(peer.network().address);
    if (entry != by_address_.end() && --entry->second == 0) by_address_.erase(entry);
}

}  // namespace holdfast::net
