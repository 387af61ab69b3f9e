// SUBSCRIBE and UNSUBSCRIBE. MQTT 5 sections 3.8-3.11, 4.8.2; MQTT 3.1.1 sections 3.8-3.11.

#include "base/topic.hpp"
#include "router/router.hpp"
#include "session/connection.hpp"
#include "session/connection_send.hpp"
#include "session/journal.hpp"
#include "session/permission.hpp"
#include "session/registry.hpp"

#include <boost/container/small_vector.hpp>

#include <algorithm>

namespace holdfast::session {

using codec::ProtocolVersion;
using codec::ReasonCode;

namespace {

using Reasons = boost::container::small_vector<ReasonCode, 16>;

std::span<const ReasonCode> view(const Reasons& reasons) { return {reasons.data(), reasons.size()}; }

/// [MQTT5-4.7.1-1] [MQTT5-4.7.1-2] [MQTT5-4.7.3-1] [MQTT5-4.8.2-1] [MQTT5-4.8.2-2]
bool is_subscribable(std::string_view filter, const Limits& limits) {
    const std::size_t levels_max = limits.topic_levels_max;
    if (filter.size() > limits.topic_bytes_max) return false;
    if (is_shared_filter(filter)) return parse_shared_filter(filter, levels_max).has_value();
    return is_valid_topic_filter(filter, levels_max);
}

ReasonCode granted(QoS qos) { return static_cast<ReasonCode>(to_number(qos)); }

/// Whether retained messages go out for this subscription. [MQTT5-3.3.1-9] [MQTT5-3.3.1-10]
/// [MQTT5-3.3.1-11] [MQTT3-3.3.1-6]; shared ones get none (4.8.2).
bool wants_retained(const codec::SubscriptionRequest& request, bool is_new) {
    if (is_shared_filter(request.filter)) return false;
    switch (request.options.retain_handling) {
        case RetainHandling::send_at_subscribe: return true;
        case RetainHandling::send_if_new_subscription: return is_new;
        case RetainHandling::do_not_send: return false;
    }
    return false;
}

/// What a device says to the platform does not come back to it, though its filter may match.
SubscriptionOptions options_for_device(const codec::SubscriptionRequest& request) {
    SubscriptionOptions options = request.options;
    if (request.filter.starts_with(delivery::device_topics_prefix)) options.no_local = true;
    return options;
}

bool is_subscribed(const Session& session, const router::SubscriptionTree& tree,
                   std::string_view filter) {
    const router::Filter* known = tree.find(filter);
    return known != nullptr && session.filters.contains(known);
}

}  // namespace

Connection::Handled Connection::on_subscribe(const codec::Frame& frame, Actions& actions) {
    const auto decoded = codec::decode_subscribe(link_.version, frame, decode_limits());
    if (decoded.has_error()) return decoded.error();
    const codec::Subscribe& subscribe = *decoded;
    const Limits& limits = core_.limits;
    const std::size_t subscriptions_max =
        is_device()
            ? std::min(limits.subscriptions_per_device_max, limits.subscriptions_per_session_max)
            : limits.subscriptions_per_session_max;
    Reasons reasons;
    std::vector<RetainedWalk> walks;
    bool has_refused = false;

    core_.router.update([&](router::SubscriptionTree& tree) {
        store::Batch kept;
        subscribe.for_each([&](const codec::SubscriptionRequest& request) {
            if (!is_subscribable(request.filter, limits)) {
                reasons.push_back(ReasonCode::topic_filter_invalid);
                has_refused = true;
                return;
            }
            if (!may_subscribe(principal_.get(), request.filter, request.options.maximum_qos)) {
                reasons.push_back(ReasonCode::not_authorized);
                has_refused = true;
                return;
            }
            if (session_->unsubscribed_for_ever) {  // taken over by a clean start meanwhile
                reasons.push_back(ReasonCode::unspecified_error);
                return;
            }
            const bool is_full = session_->filters.size() >= subscriptions_max;
            if (is_full && !is_subscribed(*session_, tree, request.filter)) {
                reasons.push_back(ReasonCode::quota_exceeded);
                has_refused = true;
                return;
            }
            const SubscriptionOptions options =
                is_device() ? options_for_device(request) : request.options;
            const auto made = tree.subscribe(  // [MQTT5-3.8.4-3] [MQTT3-3.8.4-3]
                request.filter, {session_.get(), subscribe.subscription_identifier, options});
            session_->filters.insert(made.filter);
            if (made.is_new) actions.counters.add(Counter::subscriptions_added);
            if (is_remembered()) Journal::add_subscription(kept, *session_, *made.filter);
            reasons.push_back(granted(request.options.maximum_qos));  // [MQTT5-3.8.4-7]
            if (is_device() && !is_shared_filter(request.filter)) {
                session_->on_subscribed(
                    {std::string{request.filter}, request.options.maximum_qos}, actions);
            }
            if (wants_retained(request, made.is_new)) {
                // The same filter twice in one packet: the later one counts.
                std::erase_if(walks, [&](const RetainedWalk& walk) {
                    return walk.cursor.filter == request.filter;
                });
                const router::RetainedMessages& retained = core_.router.retained();
                walks.push_back({&retained, retained.open(request.filter), options,
                                 subscribe.subscription_identifier});
            }
        });
        if (!kept.empty()) core_.journal->commit(std::move(kept), actions);
    });

    if (has_refused && link_.version == ProtocolVersion::v3_1) {
        return Violation{ReasonCode::topic_filter_invalid, "MQTT3-4.7.1-2",
                         "a filter was refused, which a SUBACK of MQTT 3.1 cannot say"};
    }
    codec::Suback suback;
    suback.packet_id = subscribe.packet_id;  // [MQTT5-3.8.4-2] [MQTT3-3.8.4-2]
    suback.reasons = view(reasons);
    answer(suback, actions);
    if (is_device()) session_->on_feed_ready(actions);
    for (RetainedWalk& walk : walks) session_->deliver_retained(*this, std::move(walk), actions);
    return {};
}

bool Connection::is_remembered() const {
    return core_.journal != nullptr && session_->is_remembered;
}

Connection::Handled Connection::on_unsubscribe(const codec::Frame& frame, Actions& actions) {
    const auto decoded = codec::decode_unsubscribe(link_.version, frame, decode_limits());
    if (decoded.has_error()) return decoded.error();
    const codec::Unsubscribe& unsubscribe = *decoded;
    Reasons reasons;
    std::vector<std::string_view> left_groups;

    core_.router.update([&](router::SubscriptionTree& tree) {
        store::Batch kept;
        unsubscribe.for_each([&](std::string_view filter) {
            if (!is_subscribable(filter, core_.limits)) {
                reasons.push_back(ReasonCode::topic_filter_invalid);
                return;
            }
            const router::Filter* known = tree.find(filter);
            if (known == nullptr || !session_->filters.erase(known)) {
                reasons.push_back(ReasonCode::no_subscription_existed);  // [MQTT5-3.11.3-1]
                return;
            }
            if (is_remembered()) Journal::remove_subscription(kept, *session_, filter);
            tree.unsubscribe(*known, *session_);  // [MQTT5-3.10.4-1] [MQTT5-3.10.4-2]
            actions.counters.add(Counter::subscriptions_removed);
            session_->forget_retained(filter);
            if (is_device()) session_->on_unsubscribed(filter, actions);
            reasons.push_back(ReasonCode::success);
            if (is_shared_filter(filter)) left_groups.push_back(filter);
        });
        if (!kept.empty()) core_.journal->commit(std::move(kept), actions);
    });
    codec::Unsuback unsuback;
    unsuback.packet_id = unsubscribe.packet_id;  // [MQTT5-3.10.4-5] [MQTT3-3.10.4-4]
    unsuback.reasons = view(reasons);
    answer(unsuback, actions);
    for (const std::string_view group : left_groups) {
        core_.registry.move_shared(*session_, group, actions);
    }
    return {};
}

}  // namespace holdfast::session
