#pragma once
// DeviceTopics: the topics of the messages of one device, each kept once, and which of them its session
// is subscribed to. The system topic is subscribed implicitly; an explicit matching subscription
// decides instead. Messages for devices go out at QoS 1 at most (contract, section 1.5), so a
// subscription at QoS 2 grants 1. Owned and guarded by a DeviceQueue.
// Limitations: a topic is found by comparing with each; devices have few. A shared subscription
// (`$share/...`) is not a device's own and grants nothing.

#include "base/ids.hpp"
#include "delivery/live_session.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::delivery {

class DeviceTopics {
public:
    using Index = std::uint32_t;

    explicit DeviceTopics(QoS system_qos) : system_qos_(system_qos) {}

    /// Counts one more message of that topic.
    [[nodiscard]] Index add(std::string_view name, bool is_system);
    /// One message less.
    void remove(Index topic);
    void forget_messages() { topics_.clear(); }

    /// The QoS at which messages of the topic are sent; empty: nobody subscribed.
    [[nodiscard]] std::optional<QoS> granted(Index topic) const { return topics_[topic].granted; }
    [[nodiscard]] std::string_view name(Index topic) const { return topics_[topic].name; }

    /// Of the subscriptions to that topic, at most 1; empty: there is none.
    [[nodiscard]] std::optional<QoS> find_subscribed(std::string_view name) const;

    void set_subscriptions(std::vector<FeedSubscription> subscriptions);
    /// A new subscription, or a new QoS of one.
    void subscribe(const FeedSubscription& subscription);
    void unsubscribe(std::string_view filter);

private:
    struct Topic {
        std::string name;
        bool is_system = false;
        std::uint32_t messages = 0;
        std::optional<QoS> granted;
    };
    [[nodiscard]] std::optional<QoS> find_granted(const Topic& topic) const;
    void refresh();

    const QoS system_qos_;
    std::vector<Topic> topics_;  ///< those without a message are used again
    std::vector<FeedSubscription> subscriptions_;
};

}  // namespace holdfast::delivery
