#include "platform_devices.hpp"

#include "device_login.hpp"
#include "session/action.hpp"

#include <string>
#include <utility>

namespace holdfast {

delivery::DirectSend PlatformLine::send(const delivery::DirectMessage& message, Turn& turn) {
    const session::SessionPtr session = registry_.find(device_session_key(message.device_id));
    if (!session) return delivery::DirectSend::offline;
    return session->send_directly(message, static_cast<session::Actions&>(turn));
}

bool PlatformLine::is_online(std::string_view device_id) const {
    const session::SessionPtr session = registry_.find(device_session_key(device_id));
    return session && session->is_connected();
}

/// By its own connection, or by the word of its gateway.
bool PlatformDevices::is_online(std::string_view device_id) const {
    const session::SessionPtr session = registry_.find(device_session_key(device_id));
    return (session && session->is_connected()) || sub_devices_.is_online(device_id);
}

void PlatformDevices::disconnect(std::string_view device_id, api::DisconnectCause why) {
    const std::string key = device_session_key(device_id);
    turns_.enter([&](Turn& turn) {
        auto& actions = static_cast<session::Actions&>(turn);
        // Another device of that name would find its session, whose messages were never its own.
        if (why == api::DisconnectCause::deleted) {
            registry_.end(key, CloseReason::administrative_action, actions);
        } else {
            registry_.end_connection(key, CloseReason::administrative_action, actions);
        }
    });
}

void PlatformDevices::remove_messages(std::uint64_t number, std::string_view device_id,
                                      std::function<void(std::error_code)> done) {
    shadows_.forget(number);
    commands_.forget_device(number);
    static_cast<void>(sub_devices_.remove(device_id));
    turns_.enter([&](Turn& turn) {
        delivery_.remove_device({number, device_id}, turn, std::move(done));
    });
}

}  // namespace holdfast
