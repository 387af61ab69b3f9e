#include "access/joined_rights.hpp"

#include <utility>

namespace holdfast::access {

JoinedRights::JoinedRights(session::RightsPtr first, session::RightsPtr second)
    : first_(std::move(first)), second_(std::move(second)) {}

bool JoinedRights::may_publish(std::string_view topic, QoS qos, bool retain) const {
    return first_->may_publish(topic, qos, retain) && second_->may_publish(topic, qos, retain);
}

bool JoinedRights::may_subscribe(std::string_view filter, QoS qos) const {
    return first_->may_subscribe(filter, qos) && second_->may_subscribe(filter, qos);
}

bool JoinedRights::may_receive(std::string_view topic) const {
    return first_->may_receive(topic) && second_->may_receive(topic);
}

session::RightsPtr join(session::RightsPtr first, session::RightsPtr second) {
    if (first == nullptr) return second;
    if (second == nullptr) return first;
    return std::make_shared<const JoinedRights>(std::move(first), std::move(second));
}

}  // namespace holdfast::access
