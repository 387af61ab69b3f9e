#include "api/guess_gate.hpp"

#include <algorithm>

namespace holdfast::api {

Seconds GuessGate::wait_of(std::string_view key, Instant now) const {
    const auto found = failures_.find(key);
    if (found == failures_.end()) return Seconds{0};
    return Seconds{seconds_left(now, found->second.open_again)};
}

void GuessGate::on_failure(std::string_view key, Instant now) {
    auto found = failures_.find(key);
    if (found == failures_.end()) {
        make_room(now);
        found = failures_.emplace(std::string{key}, Failures{}).first;
    }
    Failures& failures = found->second;
    if (failures.last + rules_.memory <= now) failures.count = 0;
    failures.count += 1;
    failures.last = now;
    if (failures.count <= rules_.free_failures) return;
    constexpr unsigned doublings_max = 30;
    const unsigned doublings = std::min(failures.count - rules_.free_failures - 1, doublings_max);
    failures.open_again =
        now + std::min(rules_.first_wait * (std::int64_t{1} << doublings), rules_.wait_max);
}

void GuessGate::on_success(std::string_view key) {
    const auto found = failures_.find(key);
    if (found != failures_.end()) failures_.erase(found);
}

void GuessGate::make_room(Instant now) {
    if (failures_.size() < rules_.keys_max) return;
    std::erase_if(failures_,
                  [&](const auto& entry) { return entry.second.last + rules_.memory <= now; });
    if (failures_.size() < rules_.keys_max) return;
    failures_.erase(std::ranges::min_element(failures_, {},
                                             [](const auto& entry) { return entry.second.last; }));
}

}  // namespace holdfast::api
