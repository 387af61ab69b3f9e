#pragma once
// CustomTopics: which topics below `$oc/devices/{its id}/user/` the devices of one product may use: those
// that the product defines, in the directions that it allows. A subscription with wildcards is admitted
// when one of the topics it covers may be subscribed to; what may be received is judged topic by topic.
// Other topics are not its matter: of them it allows everything.
// Source: the contract, sections 4.2 and 5.3 (custom topics; undefined ones are refused).
// Threads: any; one small lock, taken for topics below `user/` of a product that has some, takes none
// itself. Lifetime: shared by the rights of all devices of the product, which follow each change.

#include "base/small_mutex.hpp"
#include "session/rights.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::access {

struct CustomTopic {
    std::string suffix;  ///< behind $oc/devices/{device_id}/user/
    bool may_publish = true;
    bool may_subscribe = true;
};

/// Whether products that define no topic leave all of them to their devices, or none.
enum class WithoutTopics : std::uint8_t { all_allowed, none_allowed };

class CustomTopics final : public session::Rights {
public:
    explicit CustomTopics(WithoutTopics without)
        : without_(without), is_open_(without == WithoutTopics::all_allowed) {}

    void replace(std::vector<CustomTopic> topics);

    [[nodiscard]] bool may_publish(std::string_view topic, QoS qos, bool retain) const override;
    [[nodiscard]] bool may_subscribe(std::string_view filter, QoS qos) const override;
    [[nodiscard]] bool may_receive(std::string_view topic) const override;

private:
    [[nodiscard]] bool allows(std::string_view filter, bool CustomTopic::*deed) const;

    const WithoutTopics without_;
    std::atomic<bool> is_open_;
    mutable SmallMutex mutex_;
    std::vector<CustomTopic> topics_;  ///< guarded
};
using CustomTopicsPtr = std::shared_ptr<CustomTopics>;

/// Whether a topic or filter is below `user/` of a device.
[[nodiscard]] bool is_custom_topic(std::string_view topic);

}  // namespace holdfast::access
