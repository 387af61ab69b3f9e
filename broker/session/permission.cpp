#include "session/permission.hpp"

#include "session/topic_rights.hpp"

namespace holdfast::session {

namespace {

std::string_view device_of(const Principal* principal) {
    return principal != nullptr ? std::string_view{principal->device_id} : std::string_view{};
}

const Rights* rights_of(const Principal* principal) {
    return principal != nullptr ? principal->rights.get() : nullptr;
}

}  // namespace

bool may_publish(const Principal* principal, std::string_view topic, QoS qos, bool retain) {
    if (!may_publish(device_of(principal), topic)) return false;
    const Rights* const rights = rights_of(principal);
    return rights == nullptr || rights->may_publish(topic, qos, retain);
}

bool may_subscribe(const Principal* principal, std::string_view filter, QoS qos) {
    if (!may_subscribe(device_of(principal), filter)) return false;
    const Rights* const rights = rights_of(principal);
    return rights == nullptr || rights->may_subscribe(filter, qos);
}

}  // namespace holdfast::session
