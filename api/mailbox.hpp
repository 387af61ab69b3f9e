#pragma once
// Mailbox: where the messages for a device wait: in its own queue, or, behind a gateway, in that of the
// gateway through whose connection they go. Says how they are stored there and how applications see them.
// Source: the contract, sections 1.2 and 2.1 (topic of the gateway, object_device_id).
// Limitations: devices behind a gateway share its queue and its limits.
// Threads: the HTTP side's.

#include "api/device_lookup.hpp"
#include "api/message_service.hpp"
#include "base/turn.hpp"
#include "delivery/delivery.hpp"
#include "store/catalogue.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>
#include <system_error>

namespace holdfast::api {

struct Mailbox {
    store::DevicePtr device;  ///< for whom the messages are
    store::DevicePtr keeper;  ///< in whose queue they wait: the same, or a gateway

    [[nodiscard]] bool is_behind_gateway() const { return device != keeper; }
    [[nodiscard]] delivery::DeviceRef queue() const {
        return {.number = keeper->number, .device_id = keeper->device_id};
    }
    [[nodiscard]] std::string stored_id(std::string_view message_id) const;
    /// As it is stored: with its whole id, to the topic of whoever is connected.
    void address(delivery::DeviceMessage& message) const;
    /// Of the messages in the queue, those for this device.
    [[nodiscard]] bool has(const delivery::MessageView& view) const;
    /// The id as the application knows it.
    static void show(delivery::MessageView& view);
};

/// 404 IOTDA.014000 when there is no such device.
[[nodiscard]] boost::asio::awaitable<Found<Mailbox>> find_mailbox(store::Catalogue& catalogue,
                                                                  store::Executor& executor,
                                                                  std::string device_id);

/// The device is deleted: what waits for it ends (cancelled), and all of it is forgotten. For a queue that is
/// a gateway's; its own goes with Delivery::remove_device.
[[nodiscard]] boost::asio::awaitable<std::error_code> empty_mailbox(MessageService& messages,
                                                                    TurnGate& turns,
                                                                    Mailbox mailbox);

}  // namespace holdfast::api
