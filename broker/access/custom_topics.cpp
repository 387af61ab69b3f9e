#include "access/custom_topics.hpp"

#include "base/topic.hpp"
#include "delivery/device_uplink.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

namespace holdfast::access {

namespace {

/// What is behind `$oc/devices/{device_id}/user/`; empty: it is another topic.
std::optional<std::string_view> find_suffix(std::string_view topic) {
    constexpr std::string_view prefix = delivery::device_topics_prefix;
    constexpr std::string_view user_level = "/user/";
    if (!topic.starts_with(prefix)) return std::nullopt;
    const std::size_t end_of_id = topic.find('/', prefix.size());
    if (end_of_id == std::string_view::npos) return std::nullopt;
    topic.remove_prefix(end_of_id);
    if (!topic.starts_with(user_level)) return std::nullopt;
    return topic.substr(user_level.size());
}

}  // namespace

void CustomTopics::replace(std::vector<CustomTopic> topics) {
    const bool is_open = topics.empty() && without_ == WithoutTopics::all_allowed;
    const std::scoped_lock lock{mutex_};
    topics_.swap(topics);
    is_open_.store(is_open, std::memory_order_release);
}

bool CustomTopics::allows(std::string_view filter, bool CustomTopic::*deed) const {
    const auto suffix = find_suffix(filter);
    if (!suffix || is_open_.load(std::memory_order_acquire)) return true;
    const std::scoped_lock lock{mutex_};
    return std::ranges::any_of(topics_, [&](const CustomTopic& topic) {
        return topic.*deed && topic_matches(*suffix, topic.suffix);
    });
}

bool CustomTopics::may_publish(std::string_view topic, QoS, bool) const {
    return allows(topic, &CustomTopic::may_publish);
}

bool CustomTopics::may_subscribe(std::string_view filter, QoS) const {
    return allows(filter, &CustomTopic::may_subscribe);
}

bool CustomTopics::may_receive(std::string_view topic) const {
    return allows(topic, &CustomTopic::may_subscribe);
}

bool is_custom_topic(std::string_view topic) { return find_suffix(topic).has_value(); }

}  // namespace holdfast::access
