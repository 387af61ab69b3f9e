#pragma once
// The message id by which a device's queue knows a message. A device behind a gateway has no connection:
// its messages wait in its gateway's queue, and there the id says whose they are, `{its id}/{message_id}`.
// No message id and no device id has a slash, so two devices of one gateway may use the same ids.
// Values; pure functions.

#include <string>
#include <string_view>

namespace holdfast::delivery {

struct StoredMessageId {
    std::string_view object_device_id;  ///< the device behind the gateway; empty: the queue's own
    std::string_view message_id;        ///< as the application knows it
};

[[nodiscard]] inline StoredMessageId parse_stored_message_id(std::string_view stored) {
    const std::size_t slash = stored.find('/');
    if (slash == std::string_view::npos) return {{}, stored};
    return {stored.substr(0, slash), stored.substr(slash + 1)};
}

[[nodiscard]] inline std::string make_stored_message_id(const StoredMessageId& id) {
    if (id.object_device_id.empty()) return std::string{id.message_id};
    return std::string{id.object_device_id}.append("/").append(id.message_id);
}

}  // namespace holdfast::delivery
