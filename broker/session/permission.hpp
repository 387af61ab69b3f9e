#pragma once
// Permission: what a connection may do with a topic, all things considered: the platform's own topics
// (topic_rights.hpp) first, then what its principal's Rights say. Owns nothing. Threads: any.

#include "base/ids.hpp"
#include "base/message.hpp"
#include "session/authenticator.hpp"

#include <string_view>

namespace holdfast::session {

/// `principal` may be null: nobody in particular.
[[nodiscard]] bool may_publish(const Principal* principal, std::string_view topic, QoS qos,
                               bool retain);
[[nodiscard]] bool may_subscribe(const Principal* principal, std::string_view filter, QoS qos);

}  // namespace holdfast::session
