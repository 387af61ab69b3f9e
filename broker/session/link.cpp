#include "session/link.hpp"

namespace holdfast::session {

OutboundAliases::Choice OutboundAliases::choose(std::string_view topic) const {
    const auto known = aliases_.find(topic);
    if (known != aliases_.end()) return {known->second, true};
    if (aliases_.size() >= maximum_) return {};
    return {static_cast<std::uint16_t>(aliases_.size() + 1), false};  // [MQTT5-3.3.2-8]
}

void OutboundAliases::assign(std::string_view topic) {
    aliases_.emplace(topic, static_cast<std::uint16_t>(aliases_.size() + 1));
}

}  // namespace holdfast::session
