#pragma once
// CustomTopics: the custom topics of products as who keeps them tells who enforces them: which topics below
// `$oc/devices/{device_id}/user/` devices may publish and subscribe to. The interface is owned here; the
// composition root, which knows sessions, implements it. A change holds for connected devices when the call
// returns. Threads: the HTTP side's; enters a turn by itself.

#include "base/error.hpp"
#include "store/catalogue.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::api {

class CustomTopics {
public:
    virtual ~CustomTopics() = default;

    /// Replaces those of the product.
    virtual void put(const std::string& product_id,
                     const std::vector<store::ProductTopic>& topics) = 0;
    /// The product is gone, and has no devices.
    virtual void forget(const std::string& product_id) = 0;

    /// Of a device of the product; `topic` with the device's prefix.
    [[nodiscard]] virtual bool may_publish(const std::string& product_id,
                                           std::string_view topic) const = 0;
    [[nodiscard]] virtual bool may_subscribe(const std::string& product_id,
                                             std::string_view filter) const = 0;
};

/// Puts what the catalogue has. Before the server's threads begin; waits for the catalogue.
[[nodiscard]] Result<void> load_custom_topics(store::Catalogue& catalogue, CustomTopics& topics);

}  // namespace holdfast::api
