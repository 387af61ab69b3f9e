#include "broadcasts.hpp"

#include "device_login.hpp"
#include "session/session.hpp"

#include <boost/container/flat_map.hpp>

#include <algorithm>
#include <utility>

namespace holdfast {

namespace {

using router::Subscription;

/// Every subscription that is not shared.
template <class Visit>
void visit_matches(const router::SubscriptionTree& tree, std::string_view topic, Visit visit) {
    router::Matches matches;
    tree.match(topic, matches);
    for (const router::Filter* filter : matches.filters) {
        for (const Subscription& subscription : filter->subscriptions()) visit(subscription);
    }
}

}  // namespace

std::vector<api::BroadcastReceiver> Broadcasts::receivers_of(std::string_view topic,
                                                             bool with_waiting) {
    boost::container::flat_map<SessionNumber, std::string> found;
    context_.turns.enter([&](Turn& turn) {
        context_.router.read(turn.shard, [&](const router::SubscriptionTree& tree) {
            visit_matches(tree, topic, [&](const Subscription& subscription) {
                // Nobody else subscribes.
                const auto& session =
                    static_cast<const session::Session&>(*subscription.subscriber);
                const std::string_view key = session.client_id();
                if (!key.starts_with(device_session_prefix)) return;
                if (!with_waiting && !session.is_connected()) return;
                found.emplace(session.number(), key.substr(device_session_prefix.size()));
            });
        });
    });
    std::vector<api::BroadcastReceiver> receivers;
    for (auto& [session, device_id] : found) receivers.push_back({session, std::move(device_id)});
    return receivers;
}

void Broadcasts::publish(const Broadcast& broadcast, std::function<void(std::error_code)> done) {
    context_.turns.enter([&](Turn& turn) {
        const bool is_kept = broadcast.ttl.has_value();
        const MessagePtr message =
            ApplicationMessage::create({.topic = broadcast.topic,
                                        .payload = as_bytes(broadcast.payload),
                                        .qos = is_kept ? QoS::at_least_once : QoS::at_most_once,
                                        .accepted_at = turn.now,
                                        .expires_at = is_kept ? turn.now + *broadcast.ttl : never});
        // One copy for each session, with the highest QoS of its subscriptions. [MQTT5-3.3.4-2]
        boost::container::flat_map<SessionNumber, Subscription> chosen;
        context_.router.read(turn.shard, [&](const router::SubscriptionTree& tree) {
            visit_matches(tree, broadcast.topic, [&](const Subscription& subscription) {
                const SessionNumber number = subscription.subscriber->number();
                if (!std::ranges::binary_search(broadcast.receivers, number)) return;
                const auto [entry, is_new] = chosen.emplace(number, subscription);
                const bool is_better =
                    subscription.options.maximum_qos > entry->second.options.maximum_qos;
                if (!is_new && is_better) entry->second = subscription;
            });
            for (const auto& [number, subscription] : chosen) {
                router::Delivery delivery{
                    .qos = lower_of(message->qos(), subscription.options.maximum_qos)};
                if (subscription.identifier != 0) {
                    delivery.subscription_identifiers = {&subscription.identifier, 1};
                }
                subscription.subscriber->deliver(message, delivery, turn);
            }
            if (context_.listener != nullptr) context_.listener->on_routed(turn);
        });
    });
    if (!broadcast.ttl) return done({});
    // The turn has committed what sessions keep: what is committed behind that is durable after it.
    context_.store.commit(store::Batch{}, context_.executor, std::move(done));
}

}  // namespace holdfast
