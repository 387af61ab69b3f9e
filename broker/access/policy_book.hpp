#pragma once
// PolicyBook: the platform's device topic policies in force, and to whose devices they are bound: a
// device, all of a product, all of a resource space. Asked once per device and change.
// Threads: any; one small lock. Lifetime: rights keep the book.

#include "access/rules.hpp"
#include "access/topic_pattern.hpp"
#include "access/who.hpp"
#include "base/small_mutex.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::access {

struct PolicyStatement {
    bool is_allow = false;
    Deeds deeds = Deeds::none;  ///< publish, subscribe
    std::vector<TopicPattern> topics;
};
struct Policy {
    std::vector<PolicyStatement> statements;
};
using PolicyPtr = std::shared_ptr<const Policy>;

/// Whose devices; with an id it is a key of the book.
enum class PolicyScope : std::uint8_t { device, product, app };

class PolicyBook {
public:
    /// Adds or replaces it; what it is bound to stays.
    void put(std::string_view policy_id, Policy policy);
    /// And all its bindings.
    void remove(std::string_view policy_id);
    void bind(std::string_view policy_id, PolicyScope scope, std::string_view id);
    void unbind(std::string_view policy_id, PolicyScope scope, std::string_view id);
    /// Nothing is bound to it any more.
    void forget(PolicyScope scope, std::string_view id);

    /// All that apply, in no order that matters.
    [[nodiscard]] std::vector<PolicyPtr> policies_of(const Who& who) const;
    /// Changes with each change.
    [[nodiscard]] std::uint64_t edition() const { return edition_.load(std::memory_order_acquire); }

private:
    using Ids = std::vector<std::string>;

    void changed() { edition_.fetch_add(1, std::memory_order_release); }

    mutable SmallMutex mutex_;
    boost::unordered_flat_map<std::string, PolicyPtr> policies_;
    boost::unordered_flat_map<std::string, Ids> bound_;  ///< by scope and id
    std::atomic<std::uint64_t> edition_{1};
};

}  // namespace holdfast::access
