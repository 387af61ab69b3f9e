#include "api/push_state.hpp"

#include "base/error.hpp"

#include <numeric>

namespace holdfast::api {

std::string_view to_string(PushDrop why) {
    switch (why) {
        case PushDrop::expired: return "expired";
        case PushDrop::not_retried: return "not_retried";
        case PushDrop::backlog_size: return "backlog_size";
        case PushDrop::backlog_time: return "backlog_time";
        case PushDrop::gone_from_log: return "gone_from_log";
        case PushDrop::count_: break;
    }
    UNREACHABLE();
}

std::string_view to_string(PushState state) {
    switch (state) {
        case PushState::inactive: return "inactive";
        case PushState::working: return "working";
        case PushState::blocked: return "blocked";
        case PushState::certificate_missing: return "certificate_missing";
        case PushState::certificate_expired: return "certificate_expired";
        case PushState::count_: break;
    }
    UNREACHABLE();
}

std::uint64_t PushTotals::all_dropped() const {
    return std::accumulate(dropped.begin(), dropped.end(), std::uint64_t{0});
}

PushTotals& PushTotals::operator+=(const PushTotals& other) {
    pushed += other.pushed;
    failed += other.failed;
    for (std::size_t i = 0; i < dropped.size(); ++i) dropped.at(i) += other.dropped.at(i);
    return *this;
}

}  // namespace holdfast::api
