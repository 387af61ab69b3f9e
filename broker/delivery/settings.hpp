#pragma once
// What the configuration can change about the delivery of messages to devices, with the defaults.

#include "base/ids.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <cstdint>

namespace holdfast::delivery {

enum class FullDeviceQueue : std::uint8_t {
    reject,       ///< the post is refused, with depth and oldest age
    drop_oldest,  ///< the oldest waiting message becomes FAILED (queue_full)
};

enum class DeliveredAt : std::uint8_t {
    acknowledged,  ///< QoS 1: at PUBACK
    sent,          ///< as the cloud does: when it is with the kernel
};

struct DeliverySettings {
    std::size_t device_queue_messages_max = 1'000;           ///< waiting, of one device
    std::size_t device_queue_bytes_max = 16 * 1024 * 1024;   ///< records waiting, of one device
    FullDeviceQueue full_device_queue = FullDeviceQueue::reject;
    std::size_t finished_messages_max = 100;  ///< of one device, kept to be asked for; the oldest goes
    QoS system_topic_qos = QoS::at_least_once;
    DeliveredAt delivered_at = DeliveredAt::acknowledged;
    /// Waiting and finished ones, and steps of traces: about 32 bytes each. Above it idle queues are
    /// unloaded, and devices for which nothing waits have no steps.
    std::size_t loaded_messages_max = 2'000'000;
    Milliseconds acknowledgement_wait{200};   ///< a post waits so long for an online device's PUBACK
};

}  // namespace holdfast::delivery
