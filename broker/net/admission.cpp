#include "net/admission.hpp"

#include <algorithm>
#include <string_view>

namespace holdfast::net {

namespace {

/// Kept back from connections: files, listeners, HTTP.
constexpr std::size_t descriptors_reserved = 128;
/// Connections over the maximum that are still read, so that they get a CONNACK that says why.
constexpr std::size_t answered_over_maximum = 64;

std::size_t maximum_of(const Limits& limits, std::size_t descriptors_max) {
    const std::size_t kept_back = descriptors_reserved + answered_over_maximum;
    const std::size_t possible = descriptors_max > 2 * kept_back ? descriptors_max - kept_back
                                                                 : descriptors_max / 2;
    return std::min(limits.connections_max, possible);
}

}  // namespace

Admission::Admission(const Limits& limits, std::size_t descriptors_max)
    : connections_max_(maximum_of(limits, descriptors_max)),
      answers_max_(connections_max_ + answered_over_maximum),
      per_address_max_(limits.connections_per_address_max) {}

std::size_t Admission::AddressHash::operator()(
    const std::array<std::uint8_t, 16>& address) const {
    return std::hash<std::string_view>{}(
        {reinterpret_cast<const char*>(address.data()), address.size()});
}

Admission::Verdict Admission::enter(const PeerAddress& peer) {
    const std::size_t before = count_.fetch_add(1, std::memory_order_relaxed);
    std::size_t of_address = 0;
    if (per_address_max_ != unlimited) {
        const std::scoped_lock lock{mutex_};
        of_address = ++by_address_[peer.address];
    }
    if (before >= answers_max_) return {false, CloseReason::too_many_connections};
    if (before >= connections_max_) return {true, CloseReason::too_many_connections};
    if (of_address > per_address_max_) {
        return {true, CloseReason::too_many_connections_from_address};
    }
    return {};
}

void Admission::leave(const PeerAddress& peer) {
    count_.fetch_sub(1, std::memory_order_relaxed);
    if (per_address_max_ == unlimited) return;
    const std::scoped_lock lock{mutex_};
    const auto entry = by_address_.find(peer.address);
    if (entry != by_address_.end() && --entry->second == 0) by_address_.erase(entry);
}

}  // namespace holdfast::net
