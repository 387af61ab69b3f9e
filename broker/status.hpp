#pragma once
// Status: the server's counters and levels at one instant, summed over the shards. What $SYS topics
// and the HTTP metrics show. Levels are differences of counters: no session is walked. The store and
// delivery answer under a short lock of theirs. Threads: any.

#include "api/status_source.hpp"
#include "base/environment.hpp"
#include "base/telemetry.hpp"
#include "delivery/delivery.hpp"
#include "net/guard.hpp"
#include "net/shard.hpp"
#include "router/router.hpp"
#include "storage.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>

namespace holdfast {

class Status final : public api::StatusSource {
public:
    Status(std::span<const std::unique_ptr<net::Shard>> shards, router::Router& router,
           const net::Admission& admission, net::Guard& guard, const Clock& clock,
           const Storage& storage, const delivery::Delivery& delivery)
        : shards_(shards),
          router_(router),
          admission_(admission),
          guard_(guard),
          clock_(clock),
          storage_(storage),
          delivery_(delivery),
          started_at_(clock.now()) {}

    [[nodiscard]] std::uint64_t total(Counter counter) const override { return sum(counter); }
    [[nodiscard]] std::uint64_t total(CloseReason reason) const override { return sum(reason); }
    [[nodiscard]] std::uint64_t total(DropReason reason) const override { return sum(reason); }
    [[nodiscard]] std::uint64_t total_drops() const;
    [[nodiscard]] api::Levels levels() const override;
    [[nodiscard]] api::StoreTotals store_totals() const override;
    [[nodiscard]] api::EventTotals event_totals() const override {
        return event_totals_ ? event_totals_() : api::EventTotals{};
    }
    void set_event_totals(std::function<api::EventTotals()> totals) {
        event_totals_ = std::move(totals);
    }
    [[nodiscard]] bool is_ready() const override { return is_ready_.load(); }
    [[nodiscard]] std::string_view version() const override { return HOLDFAST_VERSION; }
    [[nodiscard]] Milliseconds uptime() const override { return clock_.now() - started_at_; }

    void set_ready(bool is_ready) { is_ready_.store(is_ready); }

private:
    [[nodiscard]] std::uint64_t sum(auto counter) const {
        std::uint64_t sum = 0;
        for (const auto& shard : shards_) sum += shard->counters().get(counter);
        return sum;
    }
    void add_guard_levels(api::Levels& levels) const;
    /// Never negative: another thread may have counted the way out before the way in is seen.
    [[nodiscard]] std::uint64_t difference(Counter in, Counter out) const;

    std::span<const std::unique_ptr<net::Shard>> shards_;
    router::Router& router_;
    const net::Admission& admission_;
    net::Guard& guard_;
    const Clock& clock_;
    const Storage& storage_;
    const delivery::Delivery& delivery_;
    const Instant started_at_;
    std::atomic<bool> is_ready_{false};
    std::function<api::EventTotals()> event_totals_;  ///< empty: there are none
};

}  // namespace holdfast
