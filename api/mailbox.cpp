#include "api/mailbox.hpp"

#include "api/await_answer.hpp"
#include "delivery/device_uplink.hpp"
#include "delivery/stored_message_id.hpp"

#include <utility>
#include <vector>

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
    if (!is_behind_gateway()) return;
    message.message_id = stored_id(message.message_id);
    if (message.topic_kind == delivery::TopicKind::full) return;
    const std::size_t at = delivery::device_topics_prefix.size();
    message.topic.replace(at, device->device_id.size(), keeper->device_id);
}

bool Mailbox::has(const delivery::MessageView& view) const {
    const auto id = parse_stored_message_id(view.message.message_id);
    return is_behind_gateway() ? id.object_device_id == device->device_id
                               : id.object_device_id.empty();
}

void Mailbox::show(delivery::MessageView& view) {
    const auto id = parse_stored_message_id(view.message.message_id);
    if (!id.object_device_id.empty()) view.message.message_id = std::string{id.message_id};
}

awaitable<Found<Mailbox>> find_mailbox(store::Catalogue& catalogue, store::Executor& executor,
                                       std::string device_id) {
    const store::DevicePtr cached = catalogue.cached_device(device_id);
    if (cached && cached->gateway_id.empty()) co_return Mailbox{cached, cached};
    auto device = co_await find_device(catalogue, executor, std::move(device_id));
    if (!device) co_return std::move(device.error());
    auto keeper = co_await find_connected_device(catalogue, executor, *device);
    if (!keeper) co_return std::move(keeper.error());
    co_return Mailbox{std::move(*device), std::move(*keeper)};
}

awaitable<std::error_code> empty_mailbox(MessageService& messages, TurnGate& turns,
                                         Mailbox mailbox) {
    std::vector<std::string> ids;
    delivery::ListQuery query;
    bool is_last = false;
    while (!is_last) {
        const auto begin = [&](auto done) {
            turns.enter([&](Turn& turn) { messages.list(mailbox.queue(), query, turn, done); });
        };
        const auto [error, page] =
            co_await await_answer<std::error_code, delivery::ListPage>(begin);
        if (error) co_return error;
        for (const delivery::MessageView& view : page.messages) {
            query.after_message_id = view.message.message_id;
            if (mailbox.has(view)) ids.push_back(view.message.message_id);
        }
        is_last = page.is_last || page.messages.empty();
    }
    for (const std::string& id : ids) {
        const auto begin = [&](auto done) {
            turns.enter([&](Turn& turn) { messages.cancel(mailbox.queue(), id, turn, done); });
        };
        const auto [error, was_there] = co_await await_answer<std::error_code, bool>(begin);
        if (error) co_return error;
    }
    co_return std::error_code{};
}

}  // namespace holdfast::api
