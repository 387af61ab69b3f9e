#include "flood_gate.hpp"

namespace holdfast {

namespace {

constexpr Milliseconds window{1000};
constexpr std::string_view shared_name = "other_events";

}  // namespace

bool FloodGate::admit(std::string_view name, Instant now) {
    auto found = windows_.find(name);
    if (found == windows_.end()) {
        if (windows_.size() >= names_max) name = shared_name;
        found = windows_.try_emplace(std::string{name}).first;
    }
    Window& current = found->second;
    // A window with something withheld ends in take_withheld, or the count would be lost.
    const bool is_over = now - current.start >= window && current.withheld == 0;
    if (is_over || current.passed == 0) current = Window{now};
    if (current.passed < lines_per_second_max) {
        ++current.passed;
        return true;
    }
    ++current.withheld;
    ++withheld_;
    return false;
}

std::vector<FloodGate::Withheld> FloodGate::take_withheld(Instant now) {
    std::vector<Withheld> taken;
    for (auto& [name, current] : windows_) {
        if (current.withheld == 0 || now - current.start < window) continue;
        taken.push_back({name, current.withheld});
        withheld_ -= current.withheld;
        current = Window{};
    }
    return taken;
}

}  // namespace holdfast
