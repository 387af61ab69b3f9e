#pragma once
// The Subscription Options of MQTT 5 section 3.8.3.1. A 3.1.1 subscription has the defaults and a QoS.

#include "base/ids.hpp"

namespace holdfast {

enum class RetainHandling : std::uint8_t {
    send_at_subscribe = 0,
    send_if_new_subscription = 1,
    do_not_send = 2,
};

struct SubscriptionOptions {
    QoS maximum_qos = QoS::at_most_once;
    bool no_local = false;
    bool retain_as_published = false;
    RetainHandling retain_handling = RetainHandling::send_at_subscribe;
    friend bool operator==(const SubscriptionOptions&, const SubscriptionOptions&) = default;
};

}  // namespace holdfast
