#pragma once
// RuleBook: the rules in force, and RuleRights: the Rights of one client by them. A change of rules holds for
// the next question of every client, without a new object.
// Threads: any. A client's rights have a small lock of their own, taken for each question; the book's is
// taken once per client and change. Lifetime: rights keep the book.

#include "access/rules.hpp"
#include "base/small_mutex.hpp"
#include "session/rights.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

namespace holdfast::access {

using RuleSetPtr = std::shared_ptr<const RuleSet>;

class RuleBook {
public:
    explicit RuleBook(RuleSetPtr rules) : rules_(std::move(rules)) {}

    void replace(RuleSetPtr rules);
    [[nodiscard]] RuleSetPtr current() const;
    /// Changes with each replace().
    [[nodiscard]] std::uint64_t edition() const { return edition_.load(std::memory_order_acquire); }

private:
    mutable SmallMutex mutex_;
    RuleSetPtr rules_;
    std::atomic<std::uint64_t> edition_{1};
};

class RuleRights final : public session::Rights {
public:
    RuleRights(std::shared_ptr<const RuleBook> book, Who who)
        : book_(std::move(book)), who_(std::move(who)) {}

    [[nodiscard]] bool may_publish(std::string_view topic, QoS qos, bool retain) const override;
    [[nodiscard]] bool may_subscribe(std::string_view filter, QoS qos) const override;
    [[nodiscard]] bool may_receive(std::string_view topic) const override;

private:
    /// What a device may do with the platform's topics is decided there, not by rules.
    [[nodiscard]] bool is_platform_matter(std::string_view topic) const;
    /// With the mutex held: the rules in force.
    [[nodiscard]] Decider decider() const;

    const std::shared_ptr<const RuleBook> book_;
    const Who who_;
    mutable SmallMutex mutex_;
    mutable std::uint64_t edition_ = 0;
    mutable RuleSetPtr rules_;
    mutable Selection selection_;
};

}  // namespace holdfast::access
