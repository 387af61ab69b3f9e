#pragma once
// JoinedRights: what two judges of one client both allow: its rules, and its policies.
// Threads: any, as those of which it is made.

#include "session/rights.hpp"

namespace holdfast::access {

class JoinedRights final : public session::Rights {
public:
    JoinedRights(session::RightsPtr first, session::RightsPtr second);

    [[nodiscard]] bool may_publish(std::string_view topic, QoS qos, bool retain) const override;
    [[nodiscard]] bool may_subscribe(std::string_view filter, QoS qos) const override;
    [[nodiscard]] bool may_receive(std::string_view topic) const override;

private:
    const session::RightsPtr first_;
    const session::RightsPtr second_;
};

/// Either may be null: it allows everything.
[[nodiscard]] session::RightsPtr join(session::RightsPtr first, session::RightsPtr second);

}  // namespace holdfast::access
