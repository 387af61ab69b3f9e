#include "api/mailbox.hpp"

#include "delivery/device_uplink.hpp"
#include "delivery/stored_message_id.hpp"

#include <utility>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

using boost::asio::awaitable;
using delivery::make_stored_message_id;
using delivery::parse_stored_message_id;

std::string Mailbox::stored_id(std::string_view message_id) const {
    if (!is_behind_gateway()) return std::string{message_id};
    return make_stored_message_id({device->device_id, message_id});
}

void Mailbox::address(delivery::DeviceMessage& message) const {
    message.message_id = stored_id(message.message_id);
    if (!is_behind_gateway() || message.topic_kind == delivery::TopicKind::full) return;
    const std::size_t at = delivery::device_topics_prefix.size();
    message.topic.replace(at, device->device_id.size(), keeper->device_id);
}

bool Mailbox::has(const delivery::MessageView& view) const {
    const auto id = parse_stored_message_id(view.message.message_id);
    return is_behind_gateway() ? id.object_device_id == device->device_id
                               : id.object_device_id.empty();
}

void Mailbox::show(delivery::MessageView& view) {
    view.message.message_id =
        std::string{parse_stored_message_id(view.message.message_id).message_id};
}

awaitable<Found<Mailbox>> find_mailbox(store::Catalogue& catalogue, store::Executor& executor,
                                       std::string device_id) {
    auto device = co_await find_device(catalogue, executor, std::move(device_id));
    if (!device) co_return std::move(device.error());
    auto keeper = co_await find_connected_device(catalogue, executor, *device);
    if (!keeper) co_return std::move(keeper.error());
    co_return Mailbox{std::move(*device), std::move(*keeper)};
}

}  // namespace holdfast::api
