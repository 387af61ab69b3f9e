#pragma once
// A StatusSource whose every number is chosen by the test.

#include "api/status_source.hpp"

namespace holdfast::api {

class FakeStatus final : public StatusSource {
public:
    Levels current;
    StoreTotals stored;
    EventTotals events;
    bool ready = true;
    Milliseconds up{1500};

    /// Each counter has the number of its place, each reason a hundred or two hundred more.
    [[nodiscard]] std::uint64_t total(Counter counter) const override {
        return index_in_list(counter);
    }
    [[nodiscard]] std::uint64_t total(CloseReason reason) const override {
        return 100 + index_in_list(reason);
    }
    [[nodiscard]] std::uint64_t total(DropReason reason) const override {
        return 200 + index_in_list(reason);
    }
    [[nodiscard]] Levels levels() const override { return current; }
    [[nodiscard]] StoreTotals store_totals() const override { return stored; }
    [[nodiscard]] EventTotals event_totals() const override { return events; }
    [[nodiscard]] bool is_ready() const override { return ready; }
    [[nodiscard]] std::string_view version() const override { return "1.2.3"; }
    [[nodiscard]] Milliseconds uptime() const override { return up; }
};

}  // namespace holdfast::api
