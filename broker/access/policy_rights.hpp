#pragma once
// PolicyRights: what a device may do with topics that are not the platform's, by the policies that apply
// to it.
// A statement that denies decides. As soon as one allows anything of a deed, only what is allowed is;
// while none does, everything is. Receiving is judged as subscribing.
// Topics below `$oc/` are never their matter (session/topic_rights.hpp).
// Threads: any; a small lock of its own, taken for each question, and the book's once per change.

#include "access/policy_book.hpp"
#include "base/small_mutex.hpp"
#include "session/rights.hpp"

#include <memory>
#include <vector>

namespace holdfast::access {

class PolicyRights final : public session::Rights {
public:
    PolicyRights(std::shared_ptr<const PolicyBook> book, Who device);

    [[nodiscard]] bool may_publish(std::string_view topic, QoS qos, bool retain) const override;
    [[nodiscard]] bool may_subscribe(std::string_view filter, QoS qos) const override;
    [[nodiscard]] bool may_receive(std::string_view topic) const override;

private:
    [[nodiscard]] bool is_allowed(Deeds deed, std::string_view filter) const;
    void refresh() const;

    const std::shared_ptr<const PolicyBook> book_;
    const Who device_;
    mutable SmallMutex mutex_;
    mutable std::uint64_t edition_ = 0;
    mutable std::vector<PolicyPtr> policies_;
};

}  // namespace holdfast::access
