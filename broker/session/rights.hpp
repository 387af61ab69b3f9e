#pragma once
// Rights: what one principal may do with topics, as its connection is asked it. The interface is owned
// here; who authenticates gives one with its verdict. The platform's own topics (topic_rights.hpp) are
// decided before and apart from it.
// Threads: any; immutable but for what the implementation guards itself, so that a change of rules needs
// no new object.

#include "base/ids.hpp"
#include "base/message.hpp"

#include <memory>
#include <string_view>

namespace holdfast::session {

class Rights {
public:
    virtual ~Rights() = default;
    [[nodiscard]] virtual bool may_publish(std::string_view topic, QoS qos, bool retain) const = 0;
    /// `filter` as the client wrote it, `$share/` included.
    [[nodiscard]] virtual bool may_subscribe(std::string_view filter, QoS qos) const = 0;
    /// Asked for each message at its delivery.
    [[nodiscard]] virtual bool may_receive(std::string_view topic) const = 0;
};
using RightsPtr = std::shared_ptr<const Rights>;

}  // namespace holdfast::session
